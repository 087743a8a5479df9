/** What a log asks a witness (C2SP tlog-witness, add-checkpoint), and what the witness says to it. */
import { encodeBase64 } from "../protocol/base64.js";
import { areEqual, decodeBase64, readCount } from "./bytes.js";
import { type Checkpoint, parseCheckpoint, type TreeHead } from "./checkpoint.js";
import { provesConsistency } from "./consistency.js";
import { type VerifierKey, verifyNote } from "./note.js";
import type { Sha256, Tools } from "./tools.js";
import { HASH_LENGTH } from "./tree.js";

const MOST_HASHES = 63;
const OLD = "old ";

interface AddedCheckpoint {
  /** The size of the checkpoint that the witness has last signed. */
  readonly oldSize: number;
  /** That the new tree begins with the old one. */
  readonly proof: readonly Uint8Array[];
  /** As it was signed. */
  readonly checkpoint: string;
}

/** The body of the call. */
export function formatAddedCheckpoint({ oldSize, proof, checkpoint }: AddedCheckpoint): string {
  return `${[`${OLD}${oldSize}`, ...proof.map(encodeBase64)].join("\n")}\n\n${checkpoint}`;
}

/** Null where it is none. */
function parseAddedCheckpoint(written: string): (AddedCheckpoint & { readonly head: Checkpoint }) | null {
  const blank = written.indexOf("\n\n");
  if (blank < 0) return null;
  const [first = "", ...lines] = written.slice(0, blank).split("\n");
  const oldSize = first.startsWith(OLD) ? readCount(first.slice(OLD.length)) : null;
  const checkpoint = written.slice(blank + 2);
  const head = parseCheckpoint(checkpoint);
  if (oldSize === null || head === null || oldSize > head.size || lines.length > MOST_HASHES) return null;
  const proof: Uint8Array[] = [];
  for (const line of lines) {
    const hash = decodeBase64(line);
    if (hash?.length !== HASH_LENGTH) return null;
    proof.push(hash);
  }
  return { oldSize, proof, checkpoint, head };
}

/** What was asked, by one of the witness's logs. */
interface SignedAsking extends AddedCheckpoint {
  readonly head: Checkpoint;
}

/** 400: cannot be read; 404: of a log that the witness does not know; 403: signed by none of its keys. */
type ReadAsking = { readonly asking: SignedAsking } | { readonly status: 400 | 403 | 404 };

/** @param logs the keys of the logs that the witness signs for */
export async function readAsking(
  { verify }: Pick<Tools, "verify">,
  logs: readonly VerifierKey[],
  written: string,
): Promise<ReadAsking> {
  const asking = parseAddedCheckpoint(written);
  if (asking === null) return { status: 400 };
  const { head } = asking;
  const keys = logs.filter(({ name }) => name === head.origin);
  if (keys.length === 0) return { status: 404 };
  const verdict = await verifyNote(verify, head.note, keys);
  return verdict.status === "verified" ? { asking } : { status: 403 };
}

/** 409: the witness has signed another size, or another tree of this size; 422: the log has not only grown. */
type AskingVerdict = { readonly status: 200 | 422 } | { readonly status: 409; readonly size: number };

/** @param seen what the witness has last signed of this log; null where nothing */
export function judgeAsking(
  sha256: Sha256,
  { oldSize, proof, head }: SignedAsking,
  seen: TreeHead | null,
): AskingVerdict {
  const size = seen?.size ?? 0;
  if (oldSize !== size) return { status: 409, size };
  if (seen !== null && head.size === size && !areEqual(head.root, seen.root)) return { status: 409, size };
  const oldRoot = seen?.root ?? head.root;
  const claim = { oldSize, oldRoot, size: head.size, root: head.root, proof };
  return { status: provesConsistency(sha256, claim) ? 200 : 422 };
}
