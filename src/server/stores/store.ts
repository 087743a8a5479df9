/**
 * What a store must do: keep records, and change one only by an atomic compare-and-set against its own clock. All
 * rules live above it; a store never decides anything but that one comparison. `curfew/store-conformance` tells
 * whether a store of your own keeps the promises (docs/stores.md).
 */
import type { StepListener } from "../platform/clock.js";
import type { SessionRecord } from "../record/session.js";
import type { SubjectRecord } from "../record/subject.js";

/** A record that cannot be read is looked at again this much later, so that it takes no other's place meanwhile. */
export const UNREADABLE_PERIOD = 60_000;

/** A session, what is kept of its subject, and the store's time at which both were read. */
export interface Found {
  readonly record: SessionRecord;
  /** Read after the call began: a revocation that was acknowledged by then is in it. */
  readonly subject: SubjectRecord | null;
  readonly now: number;
}

/** A session without what is kept of its subject. */
export type FoundSession = Pick<Found, "record" | "now">;

/** Some of the live sessions of a subject. */
export interface SessionPage {
  readonly found: readonly Found[];
  /** What to ask for the next page with; null after the last one. */
  readonly next: string | null;
}

/** What is kept of a subject, or null where nothing is, and the store's time at which it was read. */
export interface FoundSubject {
  readonly record: SubjectRecord | null;
  readonly now: number;
}

/** What `replace` requires of the stored record. */
export interface Expected {
  /** The revision that was read. */
  readonly revision: number;
  /** The write must happen before this instant by the store's clock; absent: at any time. */
  readonly before?: number;
}

/** `changed`: another write came first; `late`: the instant has come; `missing`: there is no such record, and none is made. */
export type ReplaceOutcome = "done" | "changed" | "late" | "missing";

/** Sessions that have ended, not all of them at once, and from where to ask on. */
export interface EndedSince {
  readonly sids: readonly string[];
  readonly next: string;
}

/** Told of an `UnreadableRecordError`, or of an error whose message says what is wrong and what to do. */
export type WarningListener = (warning: Error) => void;

export interface SessionStore {
  /** For logs: `memory`, `sqlite`, `redis`, `postgres`. */
  readonly name: string;
  /** Refuses a store that could lose sessions silently. Called once, before the first use. @throws ConfigurationError */
  check?(): Promise<void>;
  /** The store's clock: milliseconds since the epoch, never running back. */
  now(): Promise<number>;
  /** A random secret, made once and kept with the records. */
  secret(): Promise<string>;
  /** Adds a new record; `exists` where its sid or its secret's hash is taken. */
  insert(record: SessionRecord): Promise<"done" | "exists">;
  /** @throws UnreadableRecordError where there is one, or a subject's, that this release cannot read (`readSessionRecord`, `readSubjectRecord`), never null */
  find(sid: string): Promise<Found | null>;
  findBySecret(secretHash: string): Promise<Found | null>;
  /**
   * The sessions of a subject whose records have no end, about `limit` at a time. One that is there from the first page
   * to the last is in one of them, whatever is ended or added meanwhile; it may come twice. A record that cannot be read
   * is left out.
   * @param after `next` of the page before; null: from the beginning
   */
  listBySubject(app: string, subject: string, after: string | null, limit: number): Promise<SessionPage>;
  /** In one atomic step: compares, and writes `record` with the next revision. */
  replace(
    record: SessionRecord,
    expected: Expected,
  ): Promise<{ readonly outcome: ReplaceOutcome; readonly now: number }>;
  /** @throws UnreadableRecordError where there is one that this release cannot read (`readSubjectRecord`) */
  findSubject(app: string, subject: string): Promise<FoundSubject>;
  /** In one atomic step: writes `record` with the next revision, if `revision` is still the stored one (0: none is stored). */
  replaceSubject(record: SubjectRecord, revision: number): Promise<"done" | "changed">;
  /** Records whose `dueAt` (`keepingOf`) has come, at most `limit`. One that cannot be read is left out, and takes no other's place. */
  due(app: string, limit: number): Promise<readonly Found[]>;
  /**
   * Every record of an app, one after the other: for tidying up by hand, never for a request. Where a record cannot be
   * read, the iteration ends with its error after all others.
   */
  all(app: string): AsyncIterable<SessionRecord>;
  /**
   * What has ended of an app since, whichever process ended it: so that open connections hear of it soon. It is a hint;
   * what it misses is found by `find`. Without it an end on another node is heard of by `find` alone.
   * @param since `next` of the call before; null: from now on
   */
  endedSince?(app: string, since: string | null): Promise<EndedSince>;
  /** Forgets records whose `purgeAt` has come: nobody can ask for them any more. */
  purge(): Promise<void>;
  /** Tells of each step of the store's clock. */
  onClockStep(listener: StepListener): void;
  /** Tells of what somebody should mend though the store works: a record that a list has left out, a file that others can read. */
  onWarning?(listener: WarningListener): void;
  close(): Promise<void>;
}
