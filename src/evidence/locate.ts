/** Says which record differs, and how: by the hashes that the log wrote beside its lines, else by the lines' numbers. */
import { encodeBase64 } from "../protocol/base64.js";
import { areEqual } from "./bytes.js";
import type { TreeHead } from "./checkpoint.js";
import type { LogFault, LogFaultKind } from "./log-verdict.js";
import type { Sha256 } from "./tools.js";
import { growingTree } from "./tree.js";

/** A stretch of the log from the last checkpoint that was right on, and as much again behind the one that was not. */
interface Stretch {
  /** How many records come before; their tree is right, and this is its frontier. */
  readonly base: number;
  readonly frontier: readonly Uint8Array[];
  /** The hashes of the lines that are there. */
  readonly seen: readonly Uint8Array[];
  /** The hashes that the log wrote for the same places. */
  readonly written: readonly Uint8Array[];
  /** The numbers that the lines give themselves; null where one gives none. */
  readonly numbers: readonly (number | null)[];
}

/** @param head the checkpoint whose root the lines do not give */
export function locate(sha256: Sha256, stretch: Stretch, head: TreeHead): LogFault {
  return (isSigned(sha256, stretch, head) ? byHashes(stretch) : null) ?? byNumbers(stretch, head);
}

/** Whether the hashes beside the lines are the very ones that were signed. */
function isSigned(sha256: Sha256, { base, frontier, written }: Stretch, { size, root }: TreeHead): boolean {
  const tree = growingTree(sha256, base, frontier);
  for (const hash of written.slice(0, size - base)) tree.append(hash);
  return tree.size === size && areEqual(tree.root(), root);
}

function byHashes({ base, seen, written }: Stretch): LogFault | null {
  const places = (hashes: readonly Uint8Array[]) =>
    new Map(hashes.map((hash, place) => [encodeBase64(hash), place]));
  const at = written.findIndex((hash, place) => {
    const there = seen[place];
    return there === undefined || !areEqual(there, hash);
  });
  const [is, was] = [seen[at], written[at]];
  if (was === undefined) return null;
  if (is === undefined) return fault("truncated", base + at, "the log ends here, and its hashes go on");
  const isFrom = places(written).get(encodeBase64(is));
  const wasMovedTo = places(seen).get(encodeBase64(was));
  const seq = base + at;
  if (wasMovedTo === undefined)
    return isFrom === undefined || isFrom < at
      ? fault("altered", seq, `record ${seq} is not the one that was signed`)
      : fault(
          "removed",
          seq,
          `record ${seq} is missing; the one that stands in its place is ${base + isFrom}`,
        );
  return isFrom === undefined || isFrom < at
    ? fault("inserted", seq, `before record ${seq} stands one that was not signed there`)
    : fault("reordered", seq, `in the place of record ${seq} stands ${base + isFrom}`);
}

/** Where the hashes cannot be believed either, the numbers say where a record is missing or too much. */
function byNumbers({ base, numbers }: Stretch, { size }: TreeHead): LogFault {
  const at = numbers.findIndex((number, place) => number !== null && number !== base + place);
  const number = numbers[at];
  const seq = base + at;
  if (number === undefined || number === null)
    return base + numbers.length < size
      ? fault(
          "truncated",
          base + numbers.length,
          `the log ends after ${base + numbers.length} records, and a checkpoint speaks of ${size}`,
        )
      : {
          ...fault("altered", base, `a record from ${base} to ${size - 1} is not the one that was signed`),
          ...(size - 1 > base ? { upTo: size - 1 } : {}),
        };
  const kind = number < seq ? "inserted" : numbers.includes(seq) ? "reordered" : "removed";
  return fault(kind, seq, `in the place of record ${seq} stands ${number}`);
}

function fault(kind: LogFaultKind, seq: number, message: string): LogFault {
  return { kind, seq, message };
}
