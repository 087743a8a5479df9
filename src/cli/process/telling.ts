/** How a command ends that was given what it cannot use. */
import { ConfigurationError, messageWithCause, StoreUnavailableError } from "../../server/platform/errors.js";
import type { CommandProcess } from "./process.js";

/** Runs a command. A mistake in what it was given is told in sentences, and the exit code is 1. */
export async function telling(shell: CommandProcess, work: () => number | Promise<number>): Promise<void> {
  try {
    shell.exit(await work());
  } catch (error) {
    if (!(error instanceof ConfigurationError || error instanceof StoreUnavailableError)) throw error;
    shell.complain(`${messageWithCause(error)}\n`);
    shell.exit(1);
  }
}
