/** What may have become of a session. */
import type { Deadlines, SessionTimes } from "../../session/deadlines.js";
import type { SessionEnd } from "../../session/end.js";
import type { SessionRecord } from "./session.js";

/** What a live session lives by: of what it was given and what the policy says now the stricter. In milliseconds. */
export interface SessionTerms extends Deadlines {
  readonly times: SessionTimes;
  /** When the session ends: its deadline, or, while the policy only observes, the day from which it is enforced. */
  readonly endsAt: number;
  readonly warningPeriod: number;
  readonly heartbeatInterval: number;
}

export interface LiveSession {
  readonly status: "active";
  readonly record: SessionRecord;
  /** Of this very record: computed when it was read or written, and handed on with it. */
  readonly terms: SessionTerms;
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

/** What a browser presents. `absent`: nothing at all; `unknown`: what names no session. */
export type PresentedSession =
  | SettledSession
  | { readonly status: "absent" }
  | { readonly status: "unknown" };

/** Whether what is presented is a session, alive or ended. */
export function isSession(presented: PresentedSession): presented is SettledSession {
  return presented.status === "active" || presented.status === "ended";
}
