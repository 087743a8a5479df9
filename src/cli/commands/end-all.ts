/** `curfew end-all`: ends every session, or every one of a subject; after a store was restored from a backup. */

import { actingFor } from "../../server/lifecycle/acting.js";
import { ConfigurationError } from "../../server/platform/errors.js";
import { readActedBy } from "../../server/subject/acted-by.js";
import { endSubject } from "../../server/subject/ends.js";
import { createVerifier } from "../../server/verifier/verifier.js";
import { jsonLog } from "../process/log.js";
import type { CommandProcess } from "../process/process.js";
import { readSettings } from "../settings/read.js";
import { verifierOptions } from "../settings/verifier-options.js";

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
export async function endAllCommand(
  shell: CommandProcess,
  input: unknown,
  { subject, actor = "cli", note, yes = false }: EndAllOptions,
): Promise<number> {
  const settings = readSettings(input);
  const { store } = settings;
  if (store === null || store === "memory:")
    throw new ConfigurationError(
      'options.store must be "sqlite:PATH", redis://… or postgres://…: sessions in memory end with their own process',
    );
  const by = readActedBy("end-all was given", { actor, note });
  const verifier = createVerifier(verifierOptions(settings, jsonLog(shell.complain)));
  const { management } = verifier;
  try {
    await management.ready();
    const context = await verifier.context();
    const whose = `of the app ${JSON.stringify(context.app)}${subject === undefined ? "" : ` and the subject ${JSON.stringify(subject)}`}`;
    if (!yes) {
      shell.complain(`This ends every session ${whose}. Say --yes to do it.\n`);
      return 1;
    }
    const ended =
      subject === undefined
        ? await management.endEverything(by)
        : await endSubject(actingFor(context, by), subject, "revoked");
    shell.print(`Ended ${ended} ${ended === 1 ? "session" : "sessions"} ${whose}.\n`);
    return 0;
  } finally {
    await management.close();
  }
}
