/** One session's records with their proofs, and the policies that they name: what a third party needs, and nobody else's records. */
import { parseCheckpoint } from "../../../evidence/checkpoint.js";
import { formatProof } from "../../../evidence/proof.js";
import { HASH_LENGTH, leafHash, treeProver } from "../../../evidence/tree.js";
import { ConfigurationError } from "../../platform/errors.js";
import { nodeTools } from "../../platform/log-tools.js";
import type { AuditType } from "../audit-record.js";
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
  const own: FoundRecord[] = [];
  const policies = new Map<unknown, FoundRecord>();
  let seq = 0;
  for await (const entry of contentsOf(directory).entries) {
    if (seq >= size) break;
    hashes.set("hash" in entry ? entry.hash : leafHash(nodeTools.sha256, entry.line), seq * HASH_LENGTH);
    const line = "line" in entry ? new TextDecoder().decode(entry.line) : "";
    if (line.includes(sid) || line.includes(POLICY_TYPE)) {
      const record = readRecord(line);
      if (record.sid === sid) own.push({ seq, line, policy: record.policy });
      else if (record.type === POLICY_TYPE && !policies.has(record.policy))
        policies.set(record.policy, { seq, line, policy: record.policy });
    }
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
  const named = [...new Set(own.map(({ policy }) => policy))].flatMap((policy) => policies.get(policy) ?? []);
  const found = [...named, ...own].sort((a, b) => a.seq - b.seq);
  const records = found.map(({ seq: index, line }) => ({
    line,
    proof: formatProof({ index, hashes: prover.inclusion(index, size), checkpoint: note }),
  }));
  return { format: SESSION_PROOF_FORMAT, sid, records };
}

/** What a session's records are replayed by, besides themselves: no person's, and named by their fingerprint. */
export const POLICY_TYPE = "policy_in_force" satisfies AuditType;

interface FoundRecord {
  readonly seq: number;
  readonly line: string;
  readonly policy: unknown;
}

/** A line that is no record has no members. */
function readRecord(line: string): {
  readonly sid?: unknown;
  readonly type?: unknown;
  readonly policy?: unknown;
} {
  try {
    return Object(JSON.parse(line));
  } catch {
    return {};
  }
}
