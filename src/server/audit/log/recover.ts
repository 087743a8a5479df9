/** Finds where a log goes on: the tree as it was last signed, and the whole lines behind it. */
import { existsSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { areEqual, decodeBase64 } from "../../../evidence/bytes.js";
import { type Checkpoint, parseCheckpoint } from "../../../evidence/checkpoint.js";
import { type GrowingTree, growingTree, HASH_LENGTH, leafHash } from "../../../evidence/tree.js";
import { ConfigurationError } from "../../platform/errors.js";
import { nodeTools } from "../../platform/log-tools.js";
import { linesIn, type Segment, segmentsIn } from "./directory.js";
import { lastNote, lastNoteOf } from "./notes.js";
import { checkpointsPath, cosignedPath, frontierPath, hashesPath, recordsPath } from "./paths.js";

interface RecoveredLog {
  readonly tree: GrowingTree;
  /** The last checkpoint; null where nothing is signed. */
  readonly signed: Checkpoint | null;
  /** The first record of the segment that is written to. */
  readonly segment: number;
  /** How many bytes a killed process had left of a line. */
  readonly tornBytes: number;
}

/**
 * What a killed process had written of a line or a note is moved aside, into a file beside.
 * @throws ConfigurationError where records are missing that were signed: nothing could be signed on top of that
 */
export function recoverLog(directory: string): RecoveredLog {
  let tornBytes = setNoteAside(checkpointsPath(directory)) + setNoteAside(cosignedPath(directory));
  const note = lastNote(directory);
  const signed = note === null ? null : parseCheckpoint(note);
  if (note !== null && signed === null) throw unsound(directory, "its last checkpoint is none");
  const segments = segmentsIn(directory);
  const last = segments.at(-1);
  const tree = frontierOf(directory, signed) ?? growingTree(nodeTools.sha256);
  for (const [at, segment] of segments.entries()) {
    const next = segments[at + 1]?.first;
    if (next !== undefined && next <= tree.size) continue;
    tornBytes += readOn(directory, segment, tree, segment === last);
  }
  if (signed !== null && tree.size < signed.size)
    throw unsound(directory, `${signed.size} records were signed, and ${tree.size} are there`);
  return { tree, signed, segment: last?.first ?? 0, tornBytes };
}

/** A process was killed while it signed. @returns the bytes of the piece that it left */
function setNoteAside(path: string): number {
  const { torn, end } = lastNoteOf(path);
  if (torn.length === 0) return 0;
  writeFileSync(`${path}.torn-${end}`, torn, { mode: 0o600 });
  truncateSync(path, end);
  return torn.length;
}

/** The tree as the last checkpoint signed it; null where that was not kept. */
function frontierOf(directory: string, signed: Checkpoint | null): GrowingTree | null {
  const path = frontierPath(directory);
  if (signed === null || !existsSync(path)) return null;
  const hashes = readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .filter((line) => line !== "")
    .map(decodeBase64);
  try {
    const tree = growingTree(
      nodeTools.sha256,
      signed.size,
      hashes.map((hash) => hash ?? new Uint8Array()),
    );
    return areEqual(tree.root(), signed.root) ? tree : null;
  } catch {
    // Written for another size: a process was killed between a checkpoint and this file.
    return null;
  }
}

/** Appends the segment's lines that the tree does not have. @returns the bytes of a line without an end */
function readOn(directory: string, segment: Segment, tree: GrowingTree, isLast: boolean): number {
  if (!segment.hasRecords) {
    for (const hash of prunedHashes(directory, segment).slice(Math.max(0, tree.size - segment.first)))
      tree.append(hash);
    return 0;
  }
  const { lines, torn } = linesIn(directory, segment);
  for (const line of lines.slice(Math.max(0, tree.size - segment.first)))
    tree.append(leafHash(nodeTools.sha256, line));
  if (isLast) restoreHashes(directory, segment, lines);
  if (!isLast || torn.length === 0) return 0;
  const path = recordsPath(directory, segment.first);
  writeFileSync(`${path}.torn-${tree.size}`, torn, { mode: 0o600 });
  truncateSync(
    path,
    lines.reduce((length, line) => length + line.length + 1, 0),
  );
  return torn.length;
}

function prunedHashes(directory: string, { first }: Segment): readonly Uint8Array[] {
  const bytes = readFileSync(hashesPath(directory, first));
  return Array.from({ length: Math.floor(bytes.length / HASH_LENGTH) }, (_, at) =>
    bytes.subarray(at * HASH_LENGTH, (at + 1) * HASH_LENGTH),
  );
}

/** A killed process has not written the last hashes. */
function restoreHashes(directory: string, { first }: Segment, lines: readonly Uint8Array[]): void {
  const path = hashesPath(directory, first);
  const kept = existsSync(path) ? Math.floor(statSync(path).size / HASH_LENGTH) : 0;
  if (existsSync(path)) truncateSync(path, Math.min(kept, lines.length) * HASH_LENGTH);
  const missing = lines.slice(kept).map((line) => leafHash(nodeTools.sha256, line));
  writeFileSync(path, Buffer.concat(missing), { flag: "a", mode: 0o600 });
}

function unsound(directory: string, what: string): ConfigurationError {
  return new ConfigurationError(
    `the log in ${JSON.stringify(directory)} is not whole: ${what}. Keep it as it is, see "curfew audit verify", and begin a log in another directory`,
  );
}
