/** What somebody does who has a log's directory, and its key. */
import { readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The lines of a log of one file. */
export function linesOf(directory: string): readonly string[] {
  return readFileSync(join(directory, RECORDS), "utf8").trimEnd().split("\n");
}

const RECORDS = "records-000000000000.jsonl";

/** Takes the log's last records, heads and hashes away: whoever has its key could write on from there. */
export function cutLog(directory: string, size: number): void {
  const kept = linesOf(directory).slice(0, size);
  writeFileSync(join(directory, RECORDS), `${kept.join("\n")}\n`);
  truncateSync(join(directory, "hashes-000000000000.bin"), 32 * size);
  for (const file of ["checkpoints", "cosigned"]) keepNotes(join(directory, file), size);
  rmSync(join(directory, "frontier.json"), { force: true });
}

function keepNotes(path: string, size: number): void {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return;
  }
  // A note of a witness has two lines of signatures.
  const notes = text.split(/(?<=\n— .*\n)(?!— )/u);
  const sizeOf = (note: string) => Number(note.split("\n")[1]);
  writeFileSync(path, notes.filter((note) => note !== "" && sizeOf(note) <= size).join(""));
}
