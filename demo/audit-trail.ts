/** The audit trail: appended to a file as it happens, and kept in memory for the page that shows it. */
import { existsSync, readFileSync } from "node:fs";
import { type AuditRecord, type AuditSink, jsonLinesAudit } from "curfew/server";

export interface Trail {
  readonly sink: AuditSink;
  /** Oldest first. */
  readonly records: readonly AuditRecord[];
  readonly keep: (record: AuditRecord) => void;
}

const MAX_RECORDS = 10_000;

/** Goes on with the file at `path` if there is one, so that a restart loses nothing of the trail. */
export function openTrail(path: string): Trail {
  const records = existsSync(path) ? readFileSync(path, "utf8").split("\n").flatMap(recordIn) : [];
  return {
    sink: jsonLinesAudit(path),
    records,
    keep(record) {
      records.push(record);
      if (records.length > MAX_RECORDS) records.splice(0, records.length - MAX_RECORDS);
    },
  };
}

/** A line that a power cut has torn is left out of the view; it stays in the file. */
function recordIn(line: string): readonly AuditRecord[] {
  try {
    return [JSON.parse(line) as AuditRecord];
  } catch {
    return [];
  }
}
