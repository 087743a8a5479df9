/** Retention: old records go, their hashes stay, so that the rest of the log can still be checked. */
import { rmSync } from "node:fs";
import { linesIn, segmentsIn } from "./directory.js";
import { recordsPath } from "./paths.js";

interface PruneOutcome {
  readonly files: number;
  readonly records: number;
}

/**
 * Removes the records of each file whose every record is from before an instant. The file that is written to stays.
 * @param before milliseconds since the epoch
 */
export function pruneLog(directory: string, before: number): PruneOutcome {
  const outcome = { files: 0, records: 0 };
  for (const segment of segmentsIn(directory).slice(0, -1)) {
    if (!segment.hasRecords) continue;
    const { lines } = linesIn(directory, segment);
    if (!lines.every((line) => instantOf(line) < before)) continue;
    rmSync(recordsPath(directory, segment.first));
    outcome.files++;
    outcome.records += lines.length;
  }
  return outcome;
}

/** A record that says no instant is kept. */
function instantOf(line: Uint8Array): number {
  const [, at = ""] = /"at":"([^"]+)"/.exec(new TextDecoder().decode(line)) ?? [];
  const instant = Date.parse(at);
  return Number.isNaN(instant) ? Number.POSITIVE_INFINITY : instant;
}
