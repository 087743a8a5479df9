/** One session's records with their proofs: what a third party needs, and nobody else's records. */
import { parseCheckpoint } from "../../../evidence/checkpoint.js";
import { formatProof } from "../../../evidence/proof.js";
import { HASH_LENGTH, leafHash, treeProver } from "../../../evidence/tree.js";
import { ConfigurationError } from "../../platform/errors.js";
import { nodeTools } from "../../platform/log-tools.js";
import { contentsOf, lastNote } from "./directory.js";

export const SESSION_PROOF_FORMAT = "curfew-session-proof@v1";

interface ProvenRecord {
  /** The record as it stands in the log. */
  readonly line: string;
  /** A `.tlog-proof` (C2SP tlog-proof). */
  readonly proof: string;
}

export interface SessionProof {
  readonly format: typeof SESSION_PROOF_FORMAT;
  readonly sid: string;
  readonly records: readonly ProvenRecord[];
}

/** @throws ConfigurationError where no signed record is the session's, or the lines are not those that were signed */
export async function proveSession(directory: string, sid: string): Promise<SessionProof> {
  const note = lastNote(directory);
  const checkpoint = note === null ? null : parseCheckpoint(note);
  if (note === null || checkpoint === null)
    throw new ConfigurationError(
      `the log ${JSON.stringify(directory)} has no checkpoint: nothing of it is signed yet`,
    );
  const { size } = checkpoint;
  const hashes = new Uint8Array(size * HASH_LENGTH);
  const own: { readonly seq: number; readonly line: string }[] = [];
  let seq = 0;
  for await (const entry of contentsOf(directory).entries) {
    if (seq >= size) break;
    hashes.set("hash" in entry ? entry.hash : leafHash(nodeTools.sha256, entry.line), seq * HASH_LENGTH);
    const line = "line" in entry ? new TextDecoder().decode(entry.line) : "";
    if (line.includes(sid) && sidOf(line) === sid) own.push({ seq, line });
    seq++;
  }
  const prover = treeProver(nodeTools.sha256, (at) =>
    hashes.subarray(at * HASH_LENGTH, (at + 1) * HASH_LENGTH),
  );
  if (seq < size || !Buffer.from(checkpoint.root).equals(prover.root(size)))
    throw new ConfigurationError(
      `the log ${JSON.stringify(directory)} is not what was signed; see "curfew audit verify"`,
    );
  if (own.length === 0)
    throw new ConfigurationError(
      `no signed record of the log ${JSON.stringify(directory)} is of the session ${sid}`,
    );
  const records = own.map(({ seq: index, line }) => ({
    line,
    proof: formatProof({ index, hashes: prover.inclusion(index, size), checkpoint: note }),
  }));
  return { format: SESSION_PROOF_FORMAT, sid, records };
}

function sidOf(line: string): unknown {
  try {
    const { sid }: { readonly sid?: unknown } = Object(JSON.parse(line));
    return sid;
  } catch {
    return undefined;
  }
}
