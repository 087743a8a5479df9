/** The signed heads of a log: its own checkpoints, and the same with what witnesses have signed beside. */
import { closeSync, createReadStream, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { open } from "node:fs/promises";
import { createInterface } from "node:readline";
import { endOfNotes, notesIn, parseCheckpoint } from "../../../evidence/checkpoint.js";
import { formatNote, type Note } from "../../../evidence/note.js";
import { checkpointsPath, cosignedPath } from "./paths.js";

/** More than any note of a log with its witnesses' signatures takes. */
const LONGEST_NOTE = 1024 * 1024;
const OWNER_ONLY = 0o600;
const NEWLINE = 0x0a;

/** In the order of their sizes. Notes of one head are one note, with the signatures of all. */
export async function* checkpointsOf(directory: string): AsyncIterable<string> {
  const sources = [checkpointsPath(directory), cosignedPath(directory)].map((path) =>
    notesFrom(path)[Symbol.asyncIterator](),
  );
  const heads = await Promise.all(sources.map(nextHead));
  const take = async (): Promise<WrittenNote | null> => {
    const at = firstOf(heads);
    const [next, source] = at === null ? [] : [heads[at], sources[at]];
    if (at === null || !next || source === undefined) return null;
    heads[at] = await nextHead(source);
    return next;
  };
  try {
    let current = await take();
    while (current !== null) {
      const next = await take();
      if (next !== null && isSameHead(current, next)) {
        current = joined(current, next);
        continue;
      }
      yield current.written;
      current = next;
    }
  } finally {
    for (const source of sources) await source.return?.();
  }
}

function isSameHead(a: WrittenNote, b: WrittenNote): boolean {
  return a.note !== null && a.note.text === b.note?.text;
}

/** What is no note has none, and comes at once. */
interface WrittenNote {
  readonly written: string;
  readonly size: number;
  readonly note: Note | null;
}

function readNote(written: string): WrittenNote {
  const checkpoint = parseCheckpoint(written);
  return { written, size: checkpoint?.size ?? -1, note: checkpoint?.note ?? null };
}

async function nextHead(source: AsyncIterator<string>): Promise<WrittenNote | null> {
  const { value, done } = await source.next();
  return done ? null : readNote(value);
}

function firstOf(heads: readonly (WrittenNote | null)[]): number | null {
  let first: number | null = null;
  for (const [at, head] of heads.entries()) {
    const size = first === null ? Number.POSITIVE_INFINITY : (heads[first]?.size ?? 0);
    if (head !== null && head.size < size) first = at;
  }
  return first;
}

function joined(a: WrittenNote, b: WrittenNote): WrittenNote {
  if (a.note === null || b.note === null) return a;
  const lines = new Map(
    [...a.note.signatures, ...b.note.signatures].map((one) => [
      formatNote({ text: "", signatures: [one] }),
      one,
    ]),
  );
  const note = { text: a.note.text, signatures: [...lines.values()] };
  return { ...a, note, written: formatNote(note) };
}

/** What a killed process had written of a note is none yet. */
async function* notesFrom(path: string): AsyncIterable<string> {
  if (!existsSync(path)) return;
  const { end } = endOf(path);
  if (end > 0)
    yield* notesIn(createInterface({ input: createReadStream(path, { end: end - 1 }), crlfDelay: 0 }));
}

/** The last checkpoint that was signed; null where there is none. A log of years has millions: the end alone is read. */
export function lastNote(directory: string): string | null {
  return lastNoteOf(checkpointsPath(directory)).note;
}

/** The last one that a witness has signed too. */
export function lastCosigned(directory: string): string | null {
  return lastNoteOf(cosignedPath(directory)).note;
}

interface LastNote {
  readonly note: string | null;
  /** What a killed process had written behind it. */
  readonly torn: Uint8Array;
  /** Where that begins. */
  readonly end: number;
}

export function lastNoteOf(path: string): LastNote {
  return existsSync(path) ? endOf(path) : { note: null, torn: new Uint8Array(), end: 0 };
}

function endOf(path: string): LastNote {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    const bytes = Buffer.alloc(Math.min(size, LONGEST_NOTE));
    const read = readSync(file, bytes, 0, bytes.length, size - bytes.length);
    const { note, torn } = endOfNotes(bytes.toString("utf8", 0, read));
    if (torn === "") return { note, torn: new Uint8Array(), end: size };
    // By its lines: a character that was cut has other bytes in the text.
    let at = read;
    for (const _line of torn.split("\n")) at = at > 0 ? bytes.lastIndexOf(NEWLINE, at - 1) : -1;
    return { note, torn: bytes.subarray(at + 1, read), end: size - (read - at - 1) };
  } finally {
    closeSync(file);
  }
}

/** Appends to a file, or nothing of it; it is on the disk when this resolves. */
export async function appendWhole(path: string, data: string | Uint8Array): Promise<void> {
  const file = await open(path, "a", OWNER_ONLY);
  try {
    const { size } = await file.stat();
    try {
      await file.writeFile(data);
      await file.datasync();
    } catch (error) {
      // A piece would spoil what comes next.
      await file.truncate(size);
      throw error;
    }
  } finally {
    await file.close();
  }
}
