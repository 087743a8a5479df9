/** `curfew audit session` and `curfew audit prune`. */
import { writeFileSync } from "node:fs";
import { pruneLog } from "../../server/audit/log/prune.js";
import { proveSession } from "../../server/audit/log/session-proof.js";
import { ConfigurationError } from "../../server/platform/errors.js";
import type { CommandProcess } from "../process/process.js";
import { fileText } from "./keys.js";

/**
 * Writes one session's records with their proofs.
 * @param typed the directories of the logs, and behind them the sid
 * @returns the exit code
 * @throws ConfigurationError where the log has none, or is not what was signed
 */
export async function auditSessionCommand(
  shell: CommandProcess,
  typed: readonly string[],
  { out, head }: { readonly out?: string; readonly head: readonly string[] },
): Promise<number> {
  const [directories, sid] = [typed.slice(0, -1), typed.at(-1) ?? ""];
  if (directories.length === 0)
    throw new ConfigurationError(
      "curfew audit session takes a log's directory, or those of several nodes, and then the session's public id",
    );
  const heads = head.map((file) => fileText(file));
  const text = `${JSON.stringify(await proveSession(directories, sid, heads), null, 2)}\n`;
  if (out === undefined) shell.print(text);
  else writeFileSync(out, text, { mode: 0o600 });
  return 0;
}

/**
 * Removes old records, and keeps their hashes.
 * @returns the exit code
 * @throws ConfigurationError where the instant is none
 */
export function auditPruneCommand(
  shell: CommandProcess,
  directory: string,
  { before, yes }: { readonly before: string; readonly yes?: boolean },
): number {
  const instant = /^\d{4}-\d\d-\d\d/.test(before) ? Date.parse(before) : Number.NaN;
  if (Number.isNaN(instant))
    throw new ConfigurationError(`--before is ${JSON.stringify(before)}; write a day such as 2026-01-31`);
  if (!yes) {
    shell.complain("Nothing was removed: say --yes to remove the records for good. Their hashes stay.\n");
    return 1;
  }
  const { files, records } = pruneLog(directory, instant);
  shell.print(`${records} records in ${files} files were removed; their hashes stay.\n`);
  return 0;
}
