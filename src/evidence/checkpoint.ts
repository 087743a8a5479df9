/** Checkpoints (C2SP tlog-checkpoint): a log's name, how many records it has, and its tree's root, as a note. */
import { decodeBase64, encodeBase64, readCount } from "./bytes.js";
import { type Note, parseNote } from "./note.js";
import { HASH_LENGTH } from "./tree.js";

export interface TreeHead {
  /** The log's name. */
  readonly origin: string;
  /** How many records it has. */
  readonly size: number;
  readonly root: Uint8Array;
}

export interface Checkpoint extends TreeHead {
  readonly note: Note;
}

/** The text that is signed. */
export function checkpointText({ origin, size, root }: TreeHead): string {
  return `${origin}\n${size}\n${encodeBase64(root)}\n`;
}

/** Null where it is none. What other logs write below the root is signed, and not read. */
export function parseCheckpoint(written: string): Checkpoint | null {
  const note = parseNote(written);
  if (note === null) return null;
  const [origin, count, encoded, ...more] = note.text.slice(0, -1).split("\n");
  const size = count === undefined ? null : readCount(count);
  const root = encoded === undefined ? null : decodeBase64(encoded);
  if (!origin || size === null || root?.length !== HASH_LENGTH || more.includes("")) return null;
  return { origin, size, root, note };
}

const SIGNATURE = "— ";

/** The notes of a file that holds one after another, from its lines without their newlines. */
export async function* notesIn(lines: AsyncIterable<string> | Iterable<string>): AsyncIterable<string> {
  let note: string[] = [];
  for await (const line of lines) {
    if (note.at(-1)?.startsWith(SIGNATURE) && !line.startsWith(SIGNATURE)) {
      yield `${note.join("\n")}\n`;
      note = [];
    }
    note.push(line);
  }
  if (note.some((line) => line !== "")) yield `${note.join("\n")}\n`;
}
