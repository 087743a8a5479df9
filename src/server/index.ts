/** `curfew/server`: the companion verifier's face. */

export type { SessionProof } from "../evidence/session-proof.js";
export type { RequestedEnd } from "../session/end.js";
export {
  createSessionVerifier,
  type NodeHandler,
  type SessionVerifier,
} from "./adapters/node.js";
export type { AuditDetails, AuditRecord, AuditSink, AuditType } from "./audit/audit-record.js";
export { type JsonLinesOptions, jsonLinesAudit } from "./audit/json-lines.js";
export { contentsOf as readSignedLog } from "./audit/log/directory.js";
export type { LogSigner } from "./audit/log/key.js";
export type { SignedLogOptions, TimestampOptions, WitnessOptions } from "./audit/log/options.js";
export { proveSession } from "./audit/log/session-proof.js";
export { type SignedLog, signedLog } from "./audit/log/signed-log.js";
export type { CookieMode } from "./http/cookies.js";
export type { SessionCheck } from "./http/guard.js";
export type { CheckOptions, GuardOptions } from "./http/guard-options.js";
export type { Limits } from "./http/limits.js";
export type { WebContext } from "./http/web.js";
export type { IdentityProvider, ProviderLogout, SubjectOf } from "./idp/provider.types.js";
export type { Drift, NodesState } from "./lifecycle/context.js";
export type { OnEnd } from "./lifecycle/notices.js";
export type { EndedSessionInfo, Session } from "./lifecycle/view.js";
export type { DeadLetter } from "./outbox/dead-letters.js";
export type { Clock, StepListener } from "./platform/clock.js";
export {
  ConfigurationError,
  SessionEndedError,
  SessionError,
  StoreUnavailableError,
  UnreadableRecordError,
} from "./platform/errors.js";
export type { Logger } from "./platform/logger.js";
export type { WebhookOptions } from "./platform/webhook-options.js";
export { explainPolicy } from "./policy/explain.js";
export { readPolicy } from "./policy/policy.js";
export type {
  Approval,
  AttributeValue,
  Policy,
  PolicyOptions,
  PolicyRule,
  RuleOptions,
  StandardId,
} from "./policy/policy.types.js";
export { type Preset, presets } from "./policy/presets.js";
export { type StartNoticeOptions, startNotice } from "./policy/start-notice.js";
export type { KeptNodes, KeptPolicy, NodeEntry } from "./record/nodes.js";
export type { OutboxMessage } from "./record/outbox.js";
export { readSessionRecord, readSubjectRecord } from "./record/read.js";
export { keepingOf, type ProviderSession, type SessionRecord } from "./record/session.js";
export type { SubjectEnding, SubjectRecord } from "./record/subject.js";
export { type MemoryStoreOptions, memoryStore } from "./stores/memory.js";
export type {
  Expected,
  Found,
  FoundSubject,
  ReplaceOutcome,
  SessionPage,
  SessionStore,
  WarningListener,
} from "./stores/store.js";
export type { ActedBy } from "./subject/acted-by.js";
export type { StartOptions, SubjectContext } from "./subject/authentication.js";
export type { Authorization } from "./subject/authorization.js";
export type { Identity } from "./subject/own-id.js";
export type { ProviderEnd } from "./subject/provider-ends.js";
export type { EndOptions, Health, Management } from "./verifier/management.js";
export type { GroupOptions, Identify, SessionVerifierOptions } from "./verifier/options.js";
export type { SignInOptions, UpdateOptions, WebSignIn } from "./verifier/sign-in.js";
