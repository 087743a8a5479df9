/** What the rules of the server work with, made once by `createSessionVerifier`. */
import type { AuditTrail } from "../audit/audit-trail.js";
import type { Bursts } from "../audit/bursts.js";
import type { WarnOnce } from "../platform/logger.js";
import type { SignatureVerifier } from "../platform/signatures.js";
import type { Policy } from "../policy/policy.js";
import type { SessionStore } from "../stores/store.js";
import type { Everybody } from "./everybody.js";
import type { EndNotices } from "./notices.js";
import type { SessionSignals } from "./signals.js";
import type { UnboundSessions } from "./unbound-sessions.js";

export interface ServerContext {
  readonly app: string;
  readonly policy: Policy;
  readonly signInUrl: string;
  /** Every call answers in time or throws `StoreUnavailableError`. */
  readonly store: SessionStore;
  readonly audit: AuditTrail;
  /** Thins out what would be audited at every request. */
  readonly bursts: Bursts;
  readonly signatures: SignatureVerifier;
  /** Tells the app of ends (`onEnd`). */
  readonly notices: EndNotices;
  /** Tells open connections of ends. */
  readonly signals: SessionSignals;
  /** When everybody's sessions were ended together. */
  readonly everybody: Everybody;
  /** Watches for sessions that browsers use without ever binding a key. */
  readonly unbound: UnboundSessions;
  /** Tells the log what is wrong with the deployment, each thing once. */
  readonly warnOnce: WarnOnce;
  /** Seals what the store should not be able to read. */
  readonly secret: string;
}
