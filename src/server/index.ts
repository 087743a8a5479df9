/** `curfew/server`: the companion verifier's face. */
export type { AuditDetails, AuditRecord, AuditSink, AuditType } from "./audit/audit-record.js";
export { jsonLinesAudit } from "./audit/json-lines.js";
export type { Session } from "./check-session.js";
export type { Clock } from "./clock.js";
export type { SignInOptions } from "./engine.js";
export { ConfigurationError, SessionError, StoreUnavailableError } from "./errors.js";
export type { CookieMode } from "./http/cookies.js";
export type { GuardOptions } from "./http/guard.js";
export type { Logger } from "./logger.js";
export type { SessionVerifierOptions } from "./options.js";
export type { PolicyOptions } from "./policy.js";
export type { SessionRecord } from "./session-record.js";
export type { StartOptions } from "./sign-in.js";
export { type MemoryStoreOptions, memoryStore } from "./stores/memory.js";
export type { Expected, Found, ReplaceOutcome, SessionStore } from "./stores/session-store.js";
export {
  createSessionVerifier,
  type NodeHandler,
  type SessionCheck,
  type SessionVerifier,
  type WebSignIn,
} from "./verifier.js";
