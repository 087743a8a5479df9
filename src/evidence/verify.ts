/** The checks as the package gives them: with a hash and a signature's check that run everywhere. */
import { isObject, type JsonObject } from "../protocol/members.js";
import type { LogContents, LogProgress } from "./log-reading.js";
import type { LogVerdict } from "./log-verdict.js";
import { parseVerifierKey, type VerifierKey } from "./note.js";
import { inOrderOfChanges } from "./session-order.js";
import { type SessionProofVerdict, verifySessionProofWith } from "./session-proof.js";
import { type LogTrust, verifyLogWith } from "./verify-log.js";
import { type ProofTrust, type ProofVerdict, verifyProofWith } from "./verify-proof.js";
import { type SessionReplay, verifySessionWith } from "./verify-session.js";
import { webReplayTools, webTools } from "./web-tools.js";

/**
 * Whether a log is what was signed: what differs is located and named (RFC 6962; C2SP tlog-checkpoint, signed-note,
 * tlog-cosignature). It reads streams, so that the memory stays flat.
 * @param trust whom the reader believes; without witnesses and heads nothing is anchored
 * @param progress told now and then how many records are read
 */
export function verifyLog(
  contents: LogContents,
  trust: LogTrust,
  progress?: (progress: LogProgress) => void,
): Promise<LogVerdict> {
  return verifyLogWith({ ...webTools, progress }, contents, trust);
}

/**
 * Whether one record is in a log, from its line, its proof and the keys (C2SP tlog-proof): nobody else's records are
 * needed.
 * @param line the record as it stands in the log, without the newline @param proof the text of a `.tlog-proof`
 */
export function verifyProof(line: Uint8Array, proof: string, trust: ProofTrust): Promise<ProofVerdict> {
  return verifyProofWith(webTools, line, proof, trust);
}

/**
 * Whether a session ended when its policy says, to the millisecond, and by which signed activity it lived as long as it
 * did: the server's own arithmetic over the session's records alone.
 * @param records an audit trail as it was parsed, in its order: the session's records and the `policy_in_force` of the
 * processes that wrote them; others are passed over. Or several trails, one for each node that had the session: they are put
 * in the order of the session's changes, and a fault's `index` is the place there
 */
export function verifySession(
  records: readonly unknown[] | readonly (readonly unknown[])[],
  sid: string,
): Promise<SessionReplay> {
  return verifySessionWith(isSeveral(records) ? joined(records, sid) : records, sid, webReplayTools);
}

function isSeveral(records: readonly unknown[]): records is readonly (readonly unknown[])[] {
  return records.length > 0 && records.every(Array.isArray);
}

function joined(trails: readonly (readonly unknown[])[], sid: string): readonly JsonObject[] {
  const logs = trails.map((trail) => trail.filter(isObject));
  const others = logs.flat().filter((record) => record.sid !== sid);
  const own = logs.map((records) => records.filter((record) => record.sid === sid));
  return [...others, ...inOrderOfChanges(own, (record) => record)];
}

/**
 * Whether one session's proof holds: each record is in a log that is believed, and together they replay. It asks nobody: the
 * proof, the keys and this code are all it takes.
 * @param proof the text of a session's proof, as `curfew audit session` and `proveSession` write it
 */
export function verifySessionProof(proof: string, trust: ProofTrust): Promise<SessionProofVerdict> {
  return verifySessionProofWith(webTools, webReplayTools, proof, trust);
}

/**
 * The key of a log or a witness, from the text that its owner publishes: `NAME+ID+BASE64` (C2SP signed-note).
 * @throws TypeError where it is none
 */
export function readVerifierKey(text: string): VerifierKey {
  const key = parseVerifierKey(webTools.sha256, text);
  if (key !== null) return key;
  throw new TypeError(
    `${JSON.stringify(text)} is no verifier key: it looks like NAME+1a2b3c4d+BASE64, as the log writes it to log.vkey (Ed25519)`,
  );
}
