/** What may have become of a session. */
import type { EndReason, SessionEnd } from "../../session/end.js";
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

/** `revoked`: the app ends it; `signed-out`: the person asked for it. */
export const REQUESTED_ENDS = ["revoked", "signed-out"] as const satisfies readonly EndReason[];
export type RequestedEnd = (typeof REQUESTED_ENDS)[number];
