/** What the rules of the server work with, made once when the verifier opens (`verifier/compose.ts`). */
import type { SessionTimes } from "../../session/deadlines.js";
import type { SessionEnd } from "../../session/end.js";
import type { Attribution } from "../audit/attribution.js";
import type { AuditTrail } from "../audit/audit-trail.js";
import type { Bursts } from "../audit/bursts.js";
import type { WarnOnce } from "../platform/logger.js";
import type { SignatureVerifier } from "../platform/signatures.js";
import type { Policy } from "../policy/policy.types.js";
import type { SharedBeat } from "../record/group.js";
import type { NodeEntry } from "../record/nodes.js";
import type { EndedSession, LiveSession } from "../record/outcome.js";
import type { SessionRecord, SharedSignIn } from "../record/session.js";
import type { SubjectEnding, SubjectRecord, ToldBeat } from "../record/subject.js";
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
  readonly endRecords: EndRecords;
  readonly notices: EndNotices;
  readonly outbox: Outbox;
  /** Null where alerts are told to no webhook. */
  readonly alerts: AlertTeller | null;
  readonly signals: SessionSignals;
  readonly everybody: Everybody;
  /** Null where the app is in no group. */
  readonly group: SignInGroup | null;
  readonly unbound: UnboundSessions;
  readonly nodes: Nodes;
  /** Tells the log what is wrong with the deployment, each thing once. */
  readonly warnOnce: WarnOnce;
  /** Which of the provider's tokens is needed to tell it of an end; null: none. */
  readonly keepsToken: "refreshToken" | "idToken" | null;
  /** Whether each person's pseudonym in the trail has a key of its own, which can be deleted. */
  readonly pseudonyms: "shared" | "own";
  /** Seals what the store should not be able to read. */
  readonly secret: string;
}

/** Writes the audit trail's records of ends. */
export interface EndRecords {
  /** What a tombstone written at `now` carries. @param times what the session lived by when it ended */
  first(audit: AuditTrail, times: SessionTimes, now: number): Pick<SessionRecord, "unrecorded">;
  /** Writes the record of a tombstone that this process has written. Never throws. */
  deliver(ended: EndedSession): void;
  /** The same for a tombstone that the sweeper found due, if no other node does. @throws StoreUnavailableError */
  retry(record: SessionRecord, now: number): Promise<void>;
  /** Resolves when none is under way. */
  settled(): Promise<void>;
}

/** Tells the app of ends (`onEnd`). */
export interface EndNotices {
  /** What a tombstone written at `now` carries; nothing where nobody wants to know. */
  first(now: number): Pick<SessionRecord, "notice">;
  /** Calls `onEnd` for a tombstone that this process has written or claimed. Never throws. */
  deliver(ended: EndedSession): void;
  /** Calls `onEnd` for a tombstone that the sweeper found due, if no other node does. */
  retry(record: SessionRecord, now: number): Promise<void>;
  /** Calls `onEnd` with the response of the browser that presents an ended session. */
  tell(ended: EndedSession, response: unknown): Promise<void>;
  /** Resolves when no call is under way. */
  settled(): Promise<void>;
}

/** Tells others of ends: the app's webhook, the identity provider. */
export interface Outbox {
  /**
   * What a tombstone of this session, written at `now`, carries besides; nothing where nobody wants to know.
   * @param token what the provider is given, sealed; null: it is not told
   */
  first(record: SessionRecord, now: number, token: string | null): Pick<SessionRecord, "outbox">;
  /** Tells of a tombstone that this process has written. Never throws, and nobody waits for it. */
  deliver(ended: EndedSession): void;
  /** Whether more can be told now; it waits a moment for it. */
  hasRoom(): Promise<boolean>;
  /** Begins to tell of a tombstone that the sweeper found due, if no other node does. @throws StoreUnavailableError */
  retry(record: SessionRecord, now: number): Promise<void>;
  /** Resolves when no message is under way. */
  settled(): Promise<void>;
}

/** Tells a webhook of alerts, whichever node has raised them. */
export interface AlertTeller {
  /** Tells what is due, if no other node does. @throws StoreUnavailableError */
  tend(): Promise<void>;
}

/** Tells open connections of ends. */
export interface SessionSignals {
  /** A signal that aborts when the session ends, for as long as the connection is there or somebody listens. */
  signalOf(live: LiveSession, connection: Connection): AbortSignal;
  /** This process has ended the session. */
  ended(sid: string, end: SessionEnd): void;
  /** This process has written the session. */
  written(live: LiveSession): void;
  /** The session's pages have something to ask after. */
  changed(sid: string): void;
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

/** Whether the nodes that share the store run the same. */
export interface Drift {
  /** `unknown`: the store does not answer. */
  readonly status: "equal" | "differs" | "unknown";
  /** Since when the nodes that are there are known to be equal or to differ; where it is unknown: when it was known last. */
  readonly since: number | null;
  /** In what they differ. */
  readonly in: readonly ("policy" | "deployment")[];
}

/** What is known of the nodes that share the store; instants by its clock. */
export interface NodesState {
  readonly drift: Drift;
  /** Those that are there, this one first; none where the store does not answer. */
  readonly nodes: readonly NodeEntry[];
}

/** The nodes that share the store, and what each of them runs. */
export interface Nodes {
  /** Tells of this node, where that is due, and tells the trail and the log of others that run something else. @throws StoreUnavailableError */
  tend(): Promise<void>;
  /** As it is now. Never throws. */
  state(): Promise<NodesState>;
  /** This node is not there any more; what its log has signed last stays. @throws StoreUnavailableError */
  leave(): Promise<void>;
}

/** What the other apps of a session's group say of it. */
export interface SharedState {
  /** The group was ended as a whole. */
  readonly ending: SubjectEnding | null;
  /** The heartbeats that count here. */
  readonly beats: readonly SharedBeat[];
}

/** The apps that share a sign-in. Where their store is away, each goes on by its own clock. */
export interface SignInGroup {
  /** @param now the app's own store's time */
  of(record: SessionRecord, now: number): Promise<SharedState>;
  /**
   * Takes a session among the sign-in's, before it is written.
   * @param id what the apps know the sign-in by
   * @throws SessionError `bad-group`, `revoked`
   */
  join(
    id: readonly string[],
    claim: { readonly subject: string; readonly authenticatedAt?: number | undefined },
  ): Promise<SharedSignIn>;
  /** Tells the others of a heartbeat that was accepted here. */
  tell(record: SessionRecord, beat: ToldBeat): Promise<void>;
  /** Ends the sign-in in every app of the group: what joined before this is over. False where the store is away. */
  end(shared: SharedSignIn, ending: Pick<SubjectEnding, "reason" | "actor" | "note">): Promise<boolean>;
  /** Forgets who the person is in this app, and what they did there. @throws StoreUnavailableError */
  forget(shared: SharedSignIn): Promise<void>;
  /** Forgets what nobody can ask for any more. */
  purge(): Promise<void>;
}
