/**
 * Whether a log is what was signed: every record's line is hashed into the tree, and at each checkpoint the tree's root
 * must be the signed one. What differs is located and named. Lines and checkpoints come as streams, so that the memory
 * needed does not grow with the log.
 */
import { areEqual } from "./bytes.js";
import { type Checkpoint, parseCheckpoint } from "./checkpoint.js";
import { type LogContents, type LogTools, logReading } from "./log-reading.js";
import type { LogFault, LogFaultKind, LogVerdict } from "./log-verdict.js";
import { type VerifiedSignature, type VerifierKey, verifyNote } from "./note.js";
import type { Tools } from "./tools.js";

export interface LogTrust {
  /** The log's key. A log that changed its key has several. */
  readonly keys: readonly VerifierKey[];
  readonly witnesses: readonly VerifierKey[];
  /** Checkpoints that somebody else has kept. */
  readonly heads: readonly string[];
  /** Checkpoints whose time-stamps were verified. Default: none. */
  readonly stamped?: readonly StampedHead[];
  /** Checkpoints that the logs of other nodes have noted. Default: none. */
  readonly noted?: readonly string[];
}

export interface StampedHead {
  readonly checkpoint: string;
  /** Milliseconds since the epoch. */
  readonly stampedAt: number;
}

/** @param trust whom the reader believes; without witnesses and heads nothing is anchored */
export async function verifyLogWith(
  tools: LogTools,
  contents: LogContents,
  trust: LogTrust,
): Promise<LogVerdict> {
  const reading = logReading(tools, contents);
  const heads = await keptHeads(tools, trust);
  const never: number | null = null;
  const state = {
    signedSize: 0,
    anchoredSize: 0,
    witnessedAt: never as number | null,
    stampedAt: never as number | null,
    stampedWithin: never as number | null,
    notedSize: 0,
  };
  const verdict = (fault: LogFault | null): LogVerdict => ({
    fault,
    size: reading.tree.size,
    ...state,
    isTorn: reading.isTorn,
    pruned: reading.pruned,
  });
  if ("fault" in heads) return verdict(heads.fault);
  let head = 0;
  /** Reads on up to a size, and compares the heads on the way. */
  const readTo = async (size: number): Promise<LogFault | null> => {
    for (let next = heads[head]; next !== undefined && next.size <= size; next = heads[++head]) {
      if (!(await reading.advance(next.size)))
        return truncated(reading.tree.size, next.size, `a head that was ${whoseHead(next)}`);
      if (!areEqual(reading.tree.root(), next.root))
        return {
          kind: "forked",
          seq: Math.max(state.anchoredSize, state.notedSize),
          upTo: next.size - 1,
          message: `the head that was ${whoseHead(next)}, of ${next.size} records, is of another log than this: what it vouches for was changed and signed anew`,
        };
      if (next.by === "peer") state.notedSize = next.size;
      else state.anchoredSize = next.size;
      if (next.stampedAt === undefined) continue;
      state.stampedAt = next.stampedAt;
      const oldest = reading.takeOldest();
      if (oldest !== null) state.stampedWithin = Math.max(state.stampedWithin ?? 0, next.stampedAt - oldest);
    }
    return (await reading.advance(size)) ? null : truncated(reading.tree.size, size, "a checkpoint");
  };
  const isWhole = async ({ size, root }: Checkpoint): Promise<boolean> =>
    (await reading.advance(size)) && areEqual(reading.tree.root(), root);
  let last: Checkpoint | null = null;
  for await (const written of contents.checkpoints) {
    const signed = await signedCheckpoint(tools, written, trust, last?.size ?? 0);
    if ("fault" in signed) return verdict(signed.fault);
    const { checkpoint, by } = signed;
    if (last !== null) {
      const wrong = outOfOrder(last, checkpoint);
      if (wrong !== null) return verdict(wrong);
    }
    const before = reading.mark();
    const early = await readTo(checkpoint.size);
    // Where the log's own checkpoint does not hold either, nothing was signed anew, and the record itself can be named.
    const isAnew = early?.kind === "forked" && (await isWhole(checkpoint));
    if (early !== null && isAnew) return verdict(early);
    if (reading.tornAt !== null) return verdict(tornBelow(reading.tornAt, checkpoint.size));
    if (early !== null || !areEqual(reading.tree.root(), checkpoint.root))
      return verdict(await reading.faultSince(before, checkpoint));
    reading.forget();
    state.signedSize = checkpoint.size;
    const witnessed = by.filter(({ key }) => trust.witnesses.includes(key));
    if (witnessed.length > 0) {
      state.anchoredSize = Math.max(state.anchoredSize, checkpoint.size);
      state.witnessedAt = Math.max(state.witnessedAt ?? 0, ...witnessed.map(({ signedAt = 0 }) => signedAt));
    }
    last = checkpoint;
  }
  return verdict((await readTo(heads.at(-1)?.size ?? 0)) ?? (await reading.rest()));
}

function truncated(size: number, signed: number, by: string): LogFault {
  return {
    kind: "truncated",
    seq: size,
    upTo: signed - 1,
    message: `the log ends after ${size} records, and ${by} speaks of ${signed}`,
  };
}

function tornBelow(seq: number, size: number): LogFault {
  return {
    kind: "torn",
    seq,
    message: `record ${seq} has no end, and a checkpoint of ${size} records covers it`,
  };
}

function outOfOrder(last: Checkpoint, next: Checkpoint): LogFault | null {
  if (next.size > last.size || (next.size === last.size && areEqual(next.root, last.root))) return null;
  return next.size === last.size
    ? {
        kind: "forked",
        seq: 0,
        upTo: next.size - 1,
        message: `two checkpoints of ${next.size} records have different roots: the key signed two logs`,
      }
    : {
        kind: "reordered",
        seq: next.size,
        message: `the checkpoint of ${next.size} records stands behind the one of ${last.size}`,
      };
}

type SignedCheckpoint =
  | { readonly checkpoint: Checkpoint; readonly by: readonly VerifiedSignature[] }
  | { readonly fault: LogFault };

/** @param seq where a fault is told of: the first record that the checkpoint before does not cover */
async function signedCheckpoint(
  { verify }: Tools,
  written: string,
  { keys, witnesses }: LogTrust,
  seq: number,
): Promise<SignedCheckpoint> {
  const checkpoint = parseCheckpoint(written);
  const fault = (kind: LogFaultKind, message: string) => ({ fault: { kind, seq, message } });
  if (checkpoint === null) return fault("altered", "what stands where a checkpoint should is none");
  const known = keys.filter(({ name }) => name === checkpoint.origin);
  const verdict = await verifyNote(verify, checkpoint.note, [...known, ...witnesses]);
  const which = `the checkpoint of ${checkpoint.size} records`;
  if (verdict.status === "forged")
    return fault(
      "altered",
      `${which} or its signature by ${verdict.name} was changed: the signature does not verify`,
    );
  const isLogs = verdict.status === "verified" && verdict.by.some(({ key }) => known.includes(key));
  if (!isLogs)
    return fault(
      "re-keyed",
      `${which} is signed by none of the keys that were given for ${checkpoint.origin}`,
    );
  return { checkpoint, by: verdict.by };
}

const HOW_KEPT = {
  elsewhere: "kept elsewhere",
  stamp: "time-stamped",
  peer: "noted by another node's log",
} as const;

interface HowKept {
  readonly by: keyof typeof HOW_KEPT;
  readonly stampedAt?: number;
}

type KeptHead = Checkpoint & HowKept;

function whoseHead({ by }: HowKept): string {
  return HOW_KEPT[by];
}

async function keptHeads(
  tools: Tools,
  trust: LogTrust,
): Promise<readonly KeptHead[] | { readonly fault: LogFault }> {
  const heads: KeptHead[] = [];
  const { stamped = [], noted = [] } = trust;
  const given: readonly (HowKept & { readonly checkpoint: string })[] = [
    ...trust.heads.map((checkpoint) => ({ checkpoint, by: "elsewhere" as const })),
    ...stamped.map((head) => ({ ...head, by: "stamp" as const })),
    ...noted.map((checkpoint) => ({ checkpoint, by: "peer" as const })),
  ];
  for (const { checkpoint, ...how } of given) {
    const signed = await signedCheckpoint(tools, checkpoint, trust, 0);
    if ("fault" in signed)
      return {
        fault: {
          ...signed.fault,
          message: `of a head that was ${whoseHead(how)}: ${signed.fault.message}`,
        },
      };
    heads.push({ ...signed.checkpoint, ...how });
  }
  return heads.sort((a, b) => a.size - b.size);
}
