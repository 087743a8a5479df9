/** What may have become of a session. */
import type { SessionEnd } from "../../session/end.js";
import type { SessionRecord } from "./session.js";

export interface LiveSession {
  readonly status: "active";
  readonly record: SessionRecord;
  /** The store's time of the decision. */
  readonly now: number;
}

export interface EndedSession {
  readonly status: "ended";
  readonly record: SessionRecord;
  readonly end: SessionEnd;
  readonly now: number;
}

export type SettledSession = LiveSession | EndedSession;
