/** What the rules of the server work with, made once by `createSessionVerifier`. */
import type { AuditTrail } from "./audit/audit-trail.js";
import type { Policy } from "./policy.js";
import type { SignatureVerifier } from "./public-keys.js";
import type { SessionStore } from "./stores/session-store.js";

export interface ServerContext {
  readonly app: string;
  readonly policy: Policy;
  readonly signInUrl: string;
  /** Every call answers in time or throws `StoreUnavailableError`. */
  readonly store: SessionStore;
  readonly audit: AuditTrail;
  readonly signatures: SignatureVerifier;
}
