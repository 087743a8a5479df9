/** What the commands that work on a store have in common: open it, do the work, close it. */
import { ConfigurationError } from "../../server/platform/errors.js";
import { createVerifier, type Verifier } from "../../server/verifier/verifier.js";
import { jsonLog } from "../process/log.js";
import type { CommandProcess } from "../process/process.js";
import { readSettings } from "../settings/read.js";
import { verifierOptions } from "../settings/verifier-options.js";

/**
 * @param work resolves with the exit code
 * @throws ConfigurationError, StoreUnavailableError
 */
export async function withManagement(
  shell: CommandProcess,
  input: unknown,
  work: (verifier: Verifier) => Promise<number>,
): Promise<number> {
  const settings = readSettings(input);
  const { store } = settings;
  if (store === null || store === "memory:")
    throw new ConfigurationError(
      'options.store must be "sqlite:PATH", redis://… or postgres://…: sessions in memory end with their own process',
    );
  const verifier = createVerifier(verifierOptions(settings, jsonLog(shell.complain)));
  const { management } = verifier;
  try {
    await management.ready();
    return await work(verifier);
  } finally {
    await management.close();
  }
}
