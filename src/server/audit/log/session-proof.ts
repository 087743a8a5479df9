/** One session's records with their proofs, and the policies that they name: what a third party needs, and nobody else's records. */
import { parseCheckpoint } from "../../../evidence/checkpoint.js";
import { formatProof } from "../../../evidence/proof.js";
import {
  POLICY_TYPE,
  SESSION_PROOF_FORMAT,
  type SessionProof,
  whoseRecord,
} from "../../../evidence/session-proof.js";
import { HASH_LENGTH, leafHash, type TreeProver, treeProver } from "../../../evidence/tree.js";
import { ConfigurationError } from "../../platform/errors.js";
import { nodeTools } from "../../platform/log-tools.js";
import { contentsOf } from "./directory.js";
import { lastCosigned, lastNote } from "./notes.js";

/**
 * What a third party needs to check one session: `verifySessionProof` of `curfew/evidence` and `curfew audit verify` read it.
 * @param head a checkpoint that somebody else has kept: where it has the session's records, they are proven by it
 * @throws ConfigurationError where no signed record is the session's, or the lines are not those that were signed
 */
export async function proveSession(
  directory: string,
  sid: string,
  head: string | null = null,
): Promise<SessionProof> {
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
      const { policy } = record;
      const whose = whoseRecord(record, sid);
      if (whose === "session") own.push({ seq, line, policy });
      else if (whose === "policy" && !policies.has(policy)) policies.set(policy, { seq, line, policy });
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
  const last = found.at(-1)?.seq ?? size;
  const anchor = anchorBy(head, prover, last, size) ??
    anchorBy(lastCosigned(directory), prover, last, size) ?? { note, size };
  const records = found.map(({ seq: index, line }) => ({
    line,
    proof: formatProof({ index, hashes: prover.inclusion(index, anchor.size), checkpoint: anchor.note }),
  }));
  return { format: SESSION_PROOF_FORMAT, sid, records };
}

/** The head, where it has the record `last` and is of this tree; else null. */
function anchorBy(
  note: string | null,
  prover: TreeProver,
  last: number,
  most: number,
): { readonly note: string; readonly size: number } | null {
  const head = note === null ? null : parseCheckpoint(note);
  if (note === null || head === null || head.size <= last || head.size > most) return null;
  return Buffer.from(head.root).equals(prover.root(head.size)) ? { note, size: head.size } : null;
}

interface FoundRecord {
  readonly seq: number;
  readonly line: string;
  readonly policy: unknown;
}

interface ReadRecord {
  readonly sid?: unknown;
  readonly type?: unknown;
  readonly policy?: unknown;
}

/** A line that is no record has no members. */
function readRecord(line: string): ReadRecord {
  try {
    return Object(JSON.parse(line));
  } catch {
    return {};
  }
}
