/**
 * `curfew/evidence`: whether an audit trail is what was signed, and what a proof proves. It runs in Node and in a browser,
 * and trusts nothing of the server that wrote the trail.
 */
export { notesIn } from "./checkpoint.js";
export type { LogContents, LogEntry, LogProgress } from "./log-reading.js";
export type { LogFault, LogFaultKind, LogVerdict } from "./log-verdict.js";
export type { VerifierKey } from "./note.js";
export type { SessionFaultKind } from "./replay-reading.js";
export type { SessionProof, SessionProofVerdict } from "./session-proof.js";
export { readVerifierKey, verifyLog, verifyProof, verifySession, verifySessionProof } from "./verify.js";
export type { LogTrust, StampedHead } from "./verify-log.js";
export type { ProofTrust, ProofVerdict } from "./verify-proof.js";
export type {
  SessionFault,
  SessionLoss,
  SessionReplay,
  SessionStep,
  SessionVerdict,
} from "./verify-session.js";
