/** The audit trail: a signed log on the disk, and the newest records in memory for the pages that show it. */
import { existsSync } from "node:fs";
import { type AuditRecord, readSignedLog, type SignedLog, signedLog } from "curfew/server";

export interface Trail {
  readonly log: SignedLog;
  readonly directory: string;
  /** Oldest first. */
  readonly records: readonly AuditRecord[];
  readonly keep: (record: AuditRecord) => void;
}

const MAX_RECORDS = 10_000;

/** Goes on with the log in `directory` if there is one, so that a restart loses nothing of the trail. */
export async function openTrail(directory: string): Promise<Trail> {
  const records = existsSync(directory) ? await recordsIn(directory) : [];
  return {
    log: signedLog({ directory, checkpointEvery: "2s" }),
    directory,
    records,
    keep(record) {
      records.push(record);
      if (records.length > MAX_RECORDS) records.splice(0, records.length - MAX_RECORDS);
    },
  };
}

/** A line that a power cut has torn is left out of the view; the log sets it aside and says so. */
async function recordsIn(directory: string): Promise<AuditRecord[]> {
  const records: AuditRecord[] = [];
  for await (const entry of readSignedLog(directory).entries)
    if ("line" in entry && !entry.isTorn) records.push(JSON.parse(new TextDecoder().decode(entry.line)));
  return records.slice(-MAX_RECORDS);
}
