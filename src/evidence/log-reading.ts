/** Reads a log's lines into the tree, and keeps what is needed to say which of them differs. */
import type { Checkpoint } from "./checkpoint.js";
import { locate } from "./locate.js";
import type { LogFault } from "./log-verdict.js";
import type { Tools } from "./tools.js";
import { type GrowingTree, growingTree, leafHash } from "./tree.js";

/** One record as it is in the log; where it was pruned, its hash alone. */
export type LogEntry =
  | { readonly line: Uint8Array; readonly isTorn?: boolean }
  | { readonly hash: Uint8Array };

export interface LogContents {
  /** In their order. `isTorn`: the last line has no end. */
  readonly entries: AsyncIterable<LogEntry>;
  /** The leaves' hashes as the log has written them beside its lines: they say which record differs. */
  readonly hashes: AsyncIterable<Uint8Array>;
  /** The notes, in the order in which they were signed. */
  readonly checkpoints: AsyncIterable<string>;
}

export interface LogProgress {
  readonly size: number;
}

export interface LogTools extends Tools {
  /** Called now and then. */
  readonly progress?: ((progress: LogProgress) => void) | undefined;
}

const PROGRESS_STEP = 50_000;

interface Mark {
  readonly size: number;
  readonly frontier: readonly Uint8Array[];
}

interface LogReading {
  readonly tree: GrowingTree;
  readonly isTorn: boolean;
  readonly tornAt: number | null;
  readonly pruned: number;
  /** Reads on until the tree has this size. False where the log ends before. */
  advance(size: number): Promise<boolean>;
  mark(): Mark;
  /** When the first record says that it was written of those that were read since the last call; null where none says it. */
  takeOldest(): number | null;
  /** What was read since the last checkpoint is right: nothing of it is needed any more. */
  forget(): void;
  faultSince(mark: Mark, checkpoint: Checkpoint): Promise<LogFault>;
  /** Reads the records that no checkpoint covers. */
  rest(): Promise<LogFault | null>;
}

export function logReading({ sha256, progress }: LogTools, contents: LogContents): LogReading {
  const tree = growingTree(sha256);
  const entries = contents.entries[Symbol.asyncIterator]();
  const hashes = contents.hashes[Symbol.asyncIterator]();
  let seen: Uint8Array[] = [];
  let written: Uint8Array[] = [];
  let numbers: (number | null)[] = [];
  let pruned = 0;
  let tornAt: number | null = null;
  let oldest: number | null = null;
  const readHash = async (): Promise<boolean> => {
    const { value, done } = await hashes.next();
    if (!done) written.push(value);
    return !done;
  };
  /** One entry more; false where there is none. */
  const read = async (): Promise<boolean> => {
    const { value: entry, done } = await entries.next();
    if (done) return false;
    const hash = "hash" in entry ? entry.hash : leafHash(sha256, entry.line);
    if ("hash" in entry) pruned++;
    else if (entry.isTorn) tornAt = tree.size;
    seen.push(hash);
    numbers.push("hash" in entry ? null : numberOf(entry.line));
    if ("line" in entry) oldest ??= instantOf(entry.line);
    await readHash();
    tree.append(hash);
    if (tree.size % PROGRESS_STEP === 0) progress?.({ size: tree.size });
    return true;
  };
  return {
    tree,
    get isTorn() {
      return tornAt !== null;
    },
    get tornAt() {
      return tornAt;
    },
    get pruned() {
      return pruned;
    },
    async advance(size) {
      while (tree.size < size) if (!(await read())) return false;
      return true;
    },
    mark: () => ({ size: tree.size, frontier: tree.frontier() }),
    takeOldest() {
      const taken = oldest;
      oldest = null;
      return taken;
    },
    forget() {
      seen = [];
      written = [];
      numbers = [];
    },
    async faultSince({ size: base, frontier }, checkpoint) {
      const stretch = checkpoint.size - base;
      while (seen.length < 2 * stretch && (await read()));
      while (written.length < 2 * stretch && (await readHash()));
      return locate(sha256, { base, frontier, seen, written, numbers }, checkpoint);
    },
    async rest() {
      while (await read()) {
        const number = numbers.at(-1) ?? null;
        const seq = tree.size - 1;
        if (number !== null && number !== seq && tornAt === null)
          return {
            kind: number > seq ? "removed" : "inserted",
            seq,
            message: `in the place of record ${seq} stands ${number}; no checkpoint covers it`,
          };
        if (numbers.length > PROGRESS_STEP) this.forget();
      }
      return null;
    },
  };
}

const SEQ = /^\{"v":1,"seq":(\d{1,15}),/;
const DECODER = new TextDecoder();

/** The number that a line gives itself; null where it gives none. */
function numberOf(line: Uint8Array): number | null {
  const [, number] = SEQ.exec(DECODER.decode(line.subarray(0, 40))) ?? [];
  return number === undefined ? null : Number(number);
}

const AT = /"at":"([^"]{20,30})"/;

function instantOf(line: Uint8Array): number | null {
  const [, at = ""] = AT.exec(DECODER.decode(line)) ?? [];
  const instant = Date.parse(at);
  return Number.isNaN(instant) ? null : instant;
}
