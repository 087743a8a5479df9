/** One session's proof as a file: its records with the policies that they name, each with the proof that it is in a log. */
import { isObject, type JsonObject } from "../protocol/members.js";
import { utf8 } from "./bytes.js";
import type { ReplayTools } from "./replay.types.js";
import type { Tools } from "./tools.js";
import { type ProofTrust, verifyProofWith } from "./verify-proof.js";
import { type SessionReplay, verifySessionWith } from "./verify-session.js";

export const SESSION_PROOF_FORMAT = "curfew-session-proof@v1";

/** What a session's records are replayed by, besides themselves: no person's, and named by their fingerprint. */
export const POLICY_TYPE = "policy_in_force";
/** By it the start of a process is told from one after a crash. */
export const CLOSE_TYPE = "audit_closed";

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

/**
 * `proven`: each record is in a log that is believed; what they say together is `replay`. `refused`: one is not, or is
 * another session's. `unreadable`: the text is no session's proof.
 */
export type SessionProofVerdict =
  | {
      readonly status: "proven";
      readonly sid: string;
      /** The records' places in their logs. */
      readonly seqs: readonly number[];
      /** The names of their logs, record by record. */
      readonly origins: readonly string[];
      /** Whether a witness that is believed has signed for every record. */
      readonly isWitnessed: boolean;
      /** Whether that, or a head that was kept elsewhere, holds for every record. */
      readonly isAnchored: boolean;
      readonly replay: SessionReplay;
    }
  | { readonly status: "refused"; readonly message: string; readonly line: string }
  | { readonly status: "unreadable"; readonly message: string };

/** @param written the text of a session's proof, as `curfew audit session` writes it */
export async function verifySessionProofWith(
  tools: Tools,
  replayTools: ReplayTools,
  written: string,
  trust: ProofTrust,
): Promise<SessionProofVerdict> {
  const proof = readSessionProof(written);
  if (proof === null)
    return { status: "unreadable", message: `the text is no session's proof (${SESSION_PROOF_FORMAT})` };
  const { sid } = proof;
  const records: JsonObject[] = [];
  const seqs: number[] = [];
  const origins: string[] = [];
  let isWitnessed = true;
  let isAnchored = true;
  for (const { line, proof: own } of proof.records) {
    const refused = (message: string) => ({ status: "refused", message, line }) as const;
    const verdict = await verifyProofWith(tools, utf8(line), own, trust);
    if (verdict.status === "refused") return refused(verdict.message);
    const record = parsed(line);
    if (record === null || whoseRecord(record, sid) === null)
      return refused(`the record is neither of the session ${sid} nor a policy`);
    isWitnessed &&= verdict.witnesses.length > 0;
    isAnchored &&= verdict.witnesses.length > 0 || verdict.isKept;
    records.push(record);
    seqs.push(verdict.seq);
    origins.push(verdict.origin);
  }
  const replay = await verifySessionWith(records, sid, replayTools);
  return { status: "proven", sid, seqs, origins, isWitnessed, isAnchored, replay };
}

interface ReadRecord {
  readonly sid?: unknown;
  readonly type?: unknown;
}

/** What a record is to a session's proof: the session's own, a policy, the close of a process, or nothing that belongs into it. */
export function whoseRecord(
  { sid: of, type }: ReadRecord,
  sid: string,
): "session" | "policy" | "close" | null {
  if (of === sid) return "session";
  if (of !== undefined) return null;
  return type === POLICY_TYPE ? "policy" : type === CLOSE_TYPE ? "close" : null;
}

function readSessionProof(written: string): SessionProof | null {
  const { format, sid, records }: JsonObject = parsed(written) ?? {};
  if (format !== SESSION_PROOF_FORMAT || typeof sid !== "string" || !Array.isArray(records)) return null;
  const read = records.map((record: unknown) => {
    const { line, proof }: { readonly line?: unknown; readonly proof?: unknown } = Object(record);
    return { line: String(line), proof: String(proof) };
  });
  return read.length === 0 ? null : { format, sid, records: read };
}

function parsed(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
