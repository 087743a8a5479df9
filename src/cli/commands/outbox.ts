/** `curfew outbox`: what could not be told to others, and another try. */
import type { CommandProcess } from "../process/process.js";
import { withManagement } from "./with-management.js";

/** Prints each dead letter as one JSON object a line. @returns the exit code. @throws ConfigurationError, StoreUnavailableError */
export function outboxListCommand(shell: CommandProcess, input: unknown): Promise<number> {
  return withManagement(shell, input, async ({ management }) => {
    for (const letter of await management.outbox.deadLetters()) shell.print(`${JSON.stringify(letter)}\n`);
    return 0;
  });
}

/**
 * @param id of one dead letter; absent: all
 * @returns the exit code: 1 where there is none of that id
 * @throws ConfigurationError, StoreUnavailableError
 */
export function outboxReplayCommand(
  shell: CommandProcess,
  input: unknown,
  id: string | undefined,
): Promise<number> {
  return withManagement(shell, input, async ({ management }) => {
    const replayed = await management.outbox.replay(id);
    shell.print(
      `Put ${replayed} dead ${replayed === 1 ? "letter" : "letters"} back; a running node tells them.\n`,
    );
    return id !== undefined && replayed === 0 ? 1 : 0;
  });
}
