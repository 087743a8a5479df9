/** `curfew/server`: the companion verifier's face. */

export type { Identity } from "./adopt-session.js";
export type { AuditDetails, AuditRecord, AuditSink, AuditType } from "./audit/audit-record.js";
export { jsonLinesAudit } from "./audit/json-lines.js";
export type { Session } from "./check-session.js";
export type { Clock, StepListener } from "./clock.js";
export type { EndedSessionInfo, OnEnd } from "./end-notices.js";
export type { SignInOptions } from "./engine.js";
export { ConfigurationError, SessionEndedError, SessionError, StoreUnavailableError } from "./errors.js";
export type { CookieMode } from "./http/cookies.js";
export type { GuardOptions } from "./http/guard-options.js";
export type { WebContext } from "./http/web.js";
export type { Logger } from "./logger.js";
export type { Management } from "./management.js";
export type { Identify, SessionVerifierOptions } from "./options.js";
export { explainPolicy } from "./policy/explain.js";
export type { AttributeValue, StandardId } from "./policy/policy.types.js";
export { type Preset, presets } from "./policy/presets.js";
export { type Policy, type PolicyOptions, type PolicyRule, type RuleOptions, readPolicy } from "./policy.js";
export type { Limits } from "./rate-limits.js";
export { keepingOf, type SessionRecord } from "./session-record.js";
export type { RequestedEnd } from "./settled-session.js";
export type { StartOptions, SubjectContext } from "./sign-in.js";
export { type StartNoticeOptions, startNotice } from "./start-notice.js";
export { type MemoryStoreOptions, memoryStore } from "./stores/memory.js";
export type { Expected, Found, FoundSubject, ReplaceOutcome, SessionStore } from "./stores/session-store.js";
export type { SubjectRecord } from "./subject-record.js";
export {
  createSessionVerifier,
  type NodeHandler,
  type SessionVerifier,
} from "./verifier.js";
export type { SessionCheck, WebSignIn } from "./verifier.types.js";
