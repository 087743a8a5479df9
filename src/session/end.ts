/** How a session ended. The same words on the wire, in the store, in the audit trail and in the client's state. */
import type { DeadlineCause } from "./deadlines.js";

export const END_REASONS = ["idle", "absolute", "signed-out", "revoked", "replaced"] as const;

/** `idle` and `absolute`: a deadline passed; `signed-out`: the person left; `revoked`: the app ended it; `replaced`: a new sign-in took its place. */
export type EndReason = (typeof END_REASONS)[number];

/** What a call may end a session for. `revoked`: the app ends it; `signed-out`: the person asked for it. */
export const REQUESTED_ENDS = ["revoked", "signed-out"] as const satisfies readonly EndReason[];
export type RequestedEnd = (typeof REQUESTED_ENDS)[number];

export interface SessionEnd {
  readonly reason: EndReason;
  /** For `idle` and `absolute` the deadline itself, else the moment of the end. Server milliseconds. */
  readonly endedAt: number;
}

/** An end by time: a deadline passed, and nobody asked for it. */
export interface EndByTime extends SessionEnd {
  readonly reason: DeadlineCause;
}

export function isByTime(end: SessionEnd | null): end is EndByTime {
  return end?.reason === "idle" || end?.reason === "absolute";
}

export function isEndReason(value: unknown): value is EndReason {
  return END_REASONS.some((reason) => reason === value);
}
