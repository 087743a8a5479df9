/** Checkpoints (C2SP tlog-checkpoint): a log's name, how many records it has, and its tree's root, as a note. */
import { encodeBase64 } from "../protocol/base64.js";
import { decodeBase64, readCount } from "./bytes.js";
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

/** Takes a file's lines without their newlines, one after another, and gives each note once it is whole. */
interface NoteSplitter {
  /** The note that this line shows to be finished; null where none is. */
  take(line: string): string | null;
  /** What stands behind the last note that was given; null where that is nothing. */
  rest(): string | null;
}

function noteSplitter(): NoteSplitter {
  let lines: string[] = [];
  const note = () => `${lines.join("\n")}\n`;
  return {
    take(line) {
      const isNext = lines.at(-1)?.startsWith(SIGNATURE) === true && !line.startsWith(SIGNATURE);
      const finished = isNext ? note() : null;
      if (isNext) lines = [];
      lines.push(line);
      return finished;
    },
    rest: () => (lines.some((line) => line !== "") ? note() : null),
  };
}

/** The notes of a file that holds one after another, from its lines without their newlines. */
export async function* notesIn(lines: AsyncIterable<string> | Iterable<string>): AsyncIterable<string> {
  const splitter = noteSplitter();
  for await (const line of lines) {
    const note = splitter.take(line);
    if (note !== null) yield note;
  }
  const rest = splitter.rest();
  if (rest !== null) yield rest;
}

/** What a checkpoint looks like that is not written to its end, which may lie within a character. */
const BEGUN =
  /^[^\n]*(?:\n\d*(?:\n[A-Za-z\d+/]*=?(?:\n(?:\n(?:\uFFFD|— ?\S*(?: [A-Za-z\d+/]*=*)?)?)?)?)?)?$/u;

/**
 * The last whole note of a file, and what a killed process had written behind it. What is no beginning of a
 * note is no such piece, but a note that somebody has changed.
 * @param text the end of the file, which may begin within a note
 */
export function endOfNotes(text: string): { readonly note: string | null; readonly torn: string } {
  const lines = text.split("\n");
  // What stands behind the last newline is no line yet.
  let end = lines.length - 1;
  while (end > 0 && lines[end - 1]?.startsWith(SIGNATURE) !== true) end--;
  const torn = lines.slice(end).join("\n");
  if (!BEGUN.test(torn)) return { note: torn, torn: "" };
  const splitter = noteSplitter();
  for (const line of lines.slice(0, end)) splitter.take(line);
  return { note: splitter.rest(), torn };
}
