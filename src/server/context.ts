/** What the rules of the server work with, made once by `createSessionVerifier`. */
import type { AuditTrail } from "./audit/audit-trail.js";
import type { EndNotices } from "./end-notices.js";
import type { Policy } from "./policy.js";
import type { SignatureVerifier } from "./public-keys.js";
import type { SessionSignals } from "./session-signals.js";
import type { SessionStore } from "./stores/session-store.js";

export interface ServerContext {
  readonly app: string;
  readonly policy: Policy;
  readonly signInUrl: string;
  /** Every call answers in time or throws `StoreUnavailableError`. */
  readonly store: SessionStore;
  readonly audit: AuditTrail;
  readonly signatures: SignatureVerifier;
  /** Tells the app of ends (`onEnd`). */
  readonly notices: EndNotices;
  /** Tells open connections of ends. */
  readonly signals: SessionSignals;
  /** Seals what the store should not be able to read. */
  readonly secret: string;
}
