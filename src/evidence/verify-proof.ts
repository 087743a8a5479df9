/** Whether a record is in a log, from the record's line, a proof and the keys alone. */
import { type Checkpoint, parseCheckpoint } from "./checkpoint.js";
import { type VerifierKey, verifyNote } from "./note.js";
import { parseProof } from "./proof.js";
import type { Tools } from "./tools.js";
import { leafHash, provesInclusion } from "./tree.js";

export interface ProofTrust {
  /** The keys of the logs that are believed. */
  readonly keys: readonly VerifierKey[];
  readonly witnesses: readonly VerifierKey[];
  /** Checkpoints that somebody else has kept. Default: none. */
  readonly heads?: readonly string[];
}

export type ProofVerdict =
  | {
      readonly status: "proven";
      readonly origin: string;
      /** The record's place in the log. */
      readonly seq: number;
      /** How many records the log had when it signed. */
      readonly size: number;
      /** Whose cosignatures the checkpoint bears. */
      readonly witnesses: readonly string[];
      /** When a witness last signed, in milliseconds since the epoch; null where none has. */
      readonly witnessedAt: number | null;
      /** Whether the proof is by a head that somebody else has kept. */
      readonly isKept: boolean;
    }
  | { readonly status: "refused"; readonly message: string };

/** @param line the record as it stands in the log, without the newline @param written a `.tlog-proof` */
export async function verifyProofWith(
  { sha256, verify }: Pick<Tools, "sha256" | "verify">,
  line: Uint8Array,
  written: string,
  { keys, witnesses, heads = [] }: ProofTrust,
): Promise<ProofVerdict> {
  const proof = parseProof(written);
  const checkpoint = proof === null ? null : parseCheckpoint(proof.checkpoint);
  if (proof === null || checkpoint === null)
    return refused("the text is no proof of a log (c2sp.org/tlog-proof@v1)");
  const known = keys.filter(({ name }) => name === checkpoint.origin);
  const signed = await verifyNote(verify, checkpoint.note, [...known, ...witnesses]);
  if (signed.status === "forged") return refused(`the signature by ${signed.name} does not verify`);
  if (signed.status === "unknown" || !signed.by.some(({ key }) => known.includes(key)))
    return refused(`none of the keys that were given for ${checkpoint.origin} has signed the checkpoint`);
  if (!includes(sha256, line, proof, checkpoint))
    return refused(
      `the record is not number ${proof.index} of the ${checkpoint.size} records that were signed`,
    );
  const by = signed.by.filter(({ key }) => !known.includes(key));
  return {
    status: "proven",
    origin: checkpoint.origin,
    seq: proof.index,
    size: checkpoint.size,
    witnesses: by.map(({ key }) => key.name),
    // Signatures may have come to it.
    isKept: heads.some((head) => parseCheckpoint(head)?.note.text === checkpoint.note.text),
    witnessedAt: by.length === 0 ? null : Math.max(...by.map(({ signedAt = 0 }) => signedAt)),
  };
}

function includes(
  sha256: Tools["sha256"],
  line: Uint8Array,
  { index, hashes }: { readonly index: number; readonly hashes: readonly Uint8Array[] },
  { size, root }: Checkpoint,
): boolean {
  return provesInclusion(sha256, { leaf: leafHash(sha256, line), index, size, root, proof: hashes });
}

function refused(message: string): ProofVerdict {
  return { status: "refused", message };
}
