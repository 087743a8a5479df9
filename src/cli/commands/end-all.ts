/** `curfew end-all`: ends every session, or every one of a subject; after a store was restored from a backup. */

import { actingFor } from "../../server/lifecycle/acting.js";
import { readActedBy } from "../../server/subject/acted-by.js";
import { endSubject } from "../../server/subject/ends.js";
import type { CommandProcess } from "../process/process.js";
import { withManagement } from "./with-management.js";

export interface EndAllOptions {
  readonly subject?: string;
  /** Who ends them, and why, for the audit trail. */
  readonly actor?: string;
  readonly note?: string;
  /** Whether the person has said that it should be done. */
  readonly yes?: boolean;
}

/**
 * @returns the exit code
 * @throws ConfigurationError, StoreUnavailableError
 */
export function endAllCommand(
  shell: CommandProcess,
  input: unknown,
  { subject, actor = "cli", note, yes = false }: EndAllOptions,
): Promise<number> {
  const by = readActedBy("end-all was given", { actor, note });
  return withManagement(shell, input, async (verifier) => {
    const context = await verifier.context();
    const whose = `of the app ${JSON.stringify(context.app)}${subject === undefined ? "" : ` and the subject ${JSON.stringify(subject)}`}`;
    if (!yes) {
      shell.complain(`This ends every session ${whose}. Say --yes to do it.\n`);
      return 1;
    }
    const ended =
      subject === undefined
        ? await verifier.management.endEverything(by)
        : await endSubject(actingFor(context, by), subject, "revoked");
    shell.print(`Ended ${ended} ${ended === 1 ? "session" : "sessions"} ${whose}.\n`);
    return 0;
  });
}
