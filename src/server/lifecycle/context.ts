/** What the rules of the server work with, made once when the verifier opens (`verifier/compose.ts`). */
import type { SessionEnd } from "../../session/end.js";
import type { Attribution } from "../audit/attribution.js";
import type { AuditTrail } from "../audit/audit-trail.js";
import type { Bursts } from "../audit/bursts.js";
import type { WarnOnce } from "../platform/logger.js";
import type { SignatureVerifier } from "../platform/signatures.js";
import type { Policy } from "../policy/policy.types.js";
import type { EndedSession, LiveSession } from "../record/outcome.js";
import type { EndNotice, SessionRecord } from "../record/session.js";
import type { SubjectRecord } from "../record/subject.js";
import type { SessionStore } from "../stores/store.js";

export interface ServerContext {
  readonly app: string;
  readonly policy: Policy;
  readonly signInUrl: string;
  /** Every call answers in time or throws `StoreUnavailableError`. */
  readonly store: SessionStore;
  readonly audit: AuditTrail;
  /** Who acts, where this is the context of one call. */
  readonly by: Attribution;
  /** Thins out what would be audited at every request. */
  readonly bursts: Bursts;
  readonly signatures: SignatureVerifier;
  readonly notices: EndNotices;
  readonly signals: SessionSignals;
  readonly everybody: Everybody;
  readonly unbound: UnboundSessions;
  /** Tells the log what is wrong with the deployment, each thing once. */
  readonly warnOnce: WarnOnce;
  /** Seals what the store should not be able to read. */
  readonly secret: string;
}

/** Tells the app of ends (`onEnd`). */
export interface EndNotices {
  /** What a tombstone written at `now` carries; null where nobody wants to know. */
  first(now: number): EndNotice | null;
  /** Calls `onEnd` for a tombstone that this process has written or claimed. Never throws. */
  deliver(ended: EndedSession): void;
  /** Calls `onEnd` for a tombstone that the sweeper found due, if no other node does. */
  retry(record: SessionRecord, now: number): Promise<void>;
  /** Calls `onEnd` with the response of the browser that presents an ended session. */
  tell(ended: EndedSession, response: unknown): Promise<void>;
  /** Resolves when no call is under way. */
  settled(): Promise<void>;
}

/** Tells open connections of ends. */
export interface SessionSignals {
  /** A signal that aborts when the session ends, for as long as the connection is there or somebody listens. */
  signalOf(live: LiveSession, connection: Connection): AbortSignal;
  /** This process has ended the session. */
  ended(sid: string, end: SessionEnd): void;
  /** This process has written the session. */
  written(live: LiveSession): void;
  close(): void;
}

/** What a signal was asked for: a request, with the answer or the socket that it became. */
export interface Connection {
  /**
   * Calls back once the connection is closed: `isAnswered` where the whole answer had been sent by then.
   * @returns whether a sent answer is told of as well
   */
  onClosed(listener: (isAnswered: boolean) => void): boolean;
}

/** When everybody's sessions were ended together. */
export interface Everybody {
  /** At most a second old. @throws StoreUnavailableError */
  known(): Promise<SubjectRecord | null>;
  /** As it is now. @throws StoreUnavailableError */
  ask(): Promise<SubjectRecord | null>;
}

/** Watches for sessions that browsers use without ever binding a key. */
export interface UnboundSessions {
  /** A browser has used this session. */
  usedByBrowser(sid: string): void;
  /** A session has ended. @param now the store's time */
  ended(record: SessionRecord, end: SessionEnd, now: number): void;
}
