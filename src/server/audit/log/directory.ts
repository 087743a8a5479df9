/** What stands where in a log's directory, and its contents as streams. */
import {
  closeSync,
  createReadStream,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
} from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { notesIn } from "../../../evidence/checkpoint.js";
import type { LogContents, LogEntry } from "../../../evidence/log-reading.js";
import { HASH_LENGTH } from "../../../evidence/tree.js";

const DIGITS = 12;
const SEGMENT = /^(?:records-(\d{12})\.jsonl|hashes-(\d{12})\.bin)$/;
const NEWLINE = 0x0a;

/** So many records, from `first` on. Pruned: their hashes alone are left. */
export interface Segment {
  readonly first: number;
  readonly hasRecords: boolean;
}

export const recordsPath = (directory: string, first: number): string =>
  join(directory, `records-${String(first).padStart(DIGITS, "0")}.jsonl`);
export const hashesPath = (directory: string, first: number): string =>
  join(directory, `hashes-${String(first).padStart(DIGITS, "0")}.bin`);
export const checkpointsPath = (directory: string): string => join(directory, "checkpoints");
export const frontierPath = (directory: string): string => join(directory, "frontier.json");
export const keyPath = (directory: string): string => join(directory, "log.key");
export const verifierKeyPath = (directory: string): string => join(directory, "log.vkey");
export const lockPath = (directory: string): string => join(directory, "lock");

/** In the order of their records. */
export function segmentsIn(directory: string): readonly Segment[] {
  const firsts = new Set<number>();
  for (const name of readdirSync(directory)) {
    const [, records, hashes] = SEGMENT.exec(name) ?? [];
    const first = records ?? hashes;
    if (first !== undefined) firsts.add(Number(first));
  }
  return [...firsts]
    .sort((a, b) => a - b)
    .map((first) => ({ first, hasRecords: existsSync(recordsPath(directory, first)) }));
}

/** The whole lines of a segment, without their newlines, and what stands behind the last newline. */
export function linesIn(directory: string, { first }: Segment): { lines: readonly Buffer[]; torn: Buffer } {
  const bytes = readFileSync(recordsPath(directory, first));
  const lines: Buffer[] = [];
  let from = 0;
  for (let to = bytes.indexOf(NEWLINE); to >= 0; to = bytes.indexOf(NEWLINE, from)) {
    lines.push(bytes.subarray(from, to));
    from = to + 1;
  }
  return { lines, torn: bytes.subarray(from) };
}

/** The log as `verifyLog` reads it. Nothing is held in memory but what is just read. */
export function contentsOf(directory: string): LogContents {
  const segments = segmentsIn(directory);
  return {
    entries: entriesOf(directory, segments),
    hashes: hashesOf(directory, segments),
    checkpoints: existsSync(checkpointsPath(directory))
      ? notesIn(createInterface({ input: createReadStream(checkpointsPath(directory)), crlfDelay: 0 }))
      : notesIn([]),
  };
}

async function* entriesOf(directory: string, segments: readonly Segment[]): AsyncIterable<LogEntry> {
  for (const { first, hasRecords } of segments)
    if (hasRecords) yield* linesFrom(recordsPath(directory, first));
    else for await (const hash of chunksOf(hashesPath(directory, first))) yield { hash };
}

async function* linesFrom(path: string): AsyncIterable<LogEntry> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of bytesFrom(path)) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    for (let to = bytes.indexOf(NEWLINE); to >= 0; to = bytes.indexOf(NEWLINE, from)) {
      yield { line: bytes.subarray(from, to) };
      from = to + 1;
    }
    rest = bytes.subarray(from);
  }
  if (rest.length > 0) yield { line: rest, isTorn: true };
}

/** Each segment gives as many hashes as it has places: one that is short moves none of the next. */
async function* hashesOf(directory: string, segments: readonly Segment[]): AsyncIterable<Uint8Array> {
  for (const [at, { first }] of segments.entries()) {
    const next = segments[at + 1]?.first ?? Number.POSITIVE_INFINITY;
    let place = first;
    for await (const hash of chunksOf(hashesPath(directory, first))) if (place++ < next) yield hash;
    while (Number.isFinite(next) && place++ < next) yield new Uint8Array(HASH_LENGTH);
  }
}

async function* chunksOf(path: string): AsyncIterable<Uint8Array> {
  if (!existsSync(path)) return;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of bytesFrom(path)) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    for (; from + HASH_LENGTH <= rest.length; from += HASH_LENGTH)
      yield rest.subarray(from, from + HASH_LENGTH);
    rest = rest.subarray(from);
  }
}

async function* bytesFrom(path: string): AsyncIterable<Buffer> {
  for await (const chunk of createReadStream(path)) yield Buffer.from(chunk);
}

/** More than any note of a log with its witnesses' signatures takes. */
const LONGEST_NOTE = 1024 * 1024;

/** The last checkpoint that was signed; null where there is none. A log of years has millions: the end alone is read. */
export function lastNote(directory: string): string | null {
  const path = checkpointsPath(directory);
  if (!existsSync(path)) return null;
  const text = endOf(path, LONGEST_NOTE).toString("utf8");
  const notes = text.split(/(?<=\n— [^\n]*\n)(?!— )/u).filter((note) => note !== "");
  return notes.at(-1) ?? null;
}

function endOf(path: string, most: number): Buffer {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    const bytes = Buffer.alloc(Math.min(size, most));
    const read = readSync(file, bytes, 0, bytes.length, size - bytes.length);
    return bytes.subarray(0, read);
  } finally {
    closeSync(file);
  }
}
