/**
 * What a store must do: keep records, and change one only by an atomic compare-and-set against its own clock. All
 * rules live above it; a store never decides anything but that one comparison.
 */
import type { StepListener } from "../clock.js";
import type { SessionRecord } from "../session-record.js";

/** A record and the store's time at which it was read. */
export interface Found {
  readonly record: SessionRecord;
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

export interface SessionStore {
  /** For logs: `memory`, `sqlite`. */
  readonly name: string;
  /** The store's clock: milliseconds since the epoch, never running back. */
  now(): Promise<number>;
  /** A random secret, made once and kept with the records. */
  secret(): Promise<string>;
  /** Adds a new record; only `start` calls it. */
  insert(record: SessionRecord): Promise<void>;
  find(sid: string): Promise<Found | null>;
  findBySecret(secretHash: string): Promise<Found | null>;
  listBySubject(app: string, subject: string): Promise<readonly SessionRecord[]>;
  /** In one atomic step: compares, and writes `record` with the next revision. */
  replace(
    record: SessionRecord,
    expected: Expected,
  ): Promise<{ readonly outcome: ReplaceOutcome; readonly now: number }>;
  /** Live records whose stored deadline has passed, at most `limit`. */
  due(app: string, limit: number): Promise<readonly Found[]>;
  /** Forgets records that nobody can ask for any more. */
  purge(): Promise<void>;
  /** Tells of each step of the store's clock. */
  onClockStep(listener: StepListener): void;
  close(): Promise<void>;
}
