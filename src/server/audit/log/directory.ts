/** A log's contents as streams, from the files of its directory. */
import { createReadStream, existsSync, readdirSync, readFileSync } from "node:fs";
import type { LogContents, LogEntry } from "../../../evidence/log-reading.js";
import { HASH_LENGTH } from "../../../evidence/tree.js";
import { checkpointsOf } from "./notes.js";
import { hashesPath, recordsPath } from "./paths.js";

const SEGMENT = /^(?:records-(\d{12})\.jsonl|hashes-(\d{12})\.bin)$/;
const NEWLINE = 0x0a;

/** So many records, from `first` on. Pruned: their hashes alone are left. */
export interface Segment {
  readonly first: number;
  readonly hasRecords: boolean;
}

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

/** The log in a directory, as `verifyLog` of `curfew/evidence` reads it. Nothing is held in memory but what is just read. */
export function contentsOf(directory: string): LogContents {
  const segments = segmentsIn(directory);
  return {
    entries: entriesOf(directory, segments),
    hashes: hashesOf(directory, segments),
    checkpoints: checkpointsOf(directory),
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

/** The hashes that a log which is written to has for the records from `from` up to `to`, without it. */
export async function* hashesBetween(directory: string, from: number, to: number): AsyncIterable<Uint8Array> {
  const segments = segmentsIn(directory);
  for (const [at, { first }] of segments.entries()) {
    const end = Math.min(segments[at + 1]?.first ?? to, to);
    let place = Math.max(first, from);
    if (place >= end) continue;
    for await (const hash of chunksOf(hashesPath(directory, first), place - first)) {
      if (place++ >= end) break;
      yield hash;
    }
  }
}

/** @param skipped how many hashes are passed over */
async function* chunksOf(path: string, skipped = 0): AsyncIterable<Uint8Array> {
  if (!existsSync(path)) return;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of bytesFrom(path, skipped * HASH_LENGTH)) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    for (; from + HASH_LENGTH <= rest.length; from += HASH_LENGTH)
      yield rest.subarray(from, from + HASH_LENGTH);
    rest = rest.subarray(from);
  }
}

async function* bytesFrom(path: string, start = 0): AsyncIterable<Buffer> {
  for await (const chunk of createReadStream(path, { start })) yield Buffer.from(chunk);
}
