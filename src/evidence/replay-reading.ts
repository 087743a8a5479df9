/** What a replay reads of a record, and how it says that something is wrong. */
import type { JsonObject } from "../protocol/members.js";
import { deadlinesOf, type SessionTimes } from "../session/deadlines.js";
import type { Doubt } from "./replay.types.js";

export type SessionFaultKind =
  | "shape"
  | "missing"
  | "repeated"
  | "other-session"
  | "policy"
  | "nonce"
  | "key"
  | "signature"
  | "times"
  | "after-end"
  | "no-evidence";

interface Doubtful {
  readonly doubt: Doubt;
}

export class Fault extends Error {
  readonly kind: SessionFaultKind;

  constructor(kind: SessionFaultKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

export function need(holds: boolean, kind: SessionFaultKind, message: string): void {
  if (!holds) throw new Fault(kind, message);
}

export function toldText(record: JsonObject, name: string): string {
  const value = record[name];
  if (typeof value !== "string") throw new Fault("shape", `the record has no text "${name}"`);
  return value;
}

function wholeAt(record: JsonObject, name: string): number {
  const value = record[name];
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0)
    throw new Fault("shape", `the record has no whole number "${name}"`);
  return value;
}

/** An instant in the one spelling that the trail has (ISO 8601, UTC, milliseconds). */
export function instantAt(record: JsonObject, name: string): number {
  const text = toldText(record, name);
  const instant = Date.parse(text);
  if (Number.isNaN(instant) || new Date(instant).toISOString() !== text)
    throw new Fault("shape", `"${name}" is no instant as the trail writes it`);
  return instant;
}
export function timesIn(record: JsonObject): SessionTimes {
  return {
    authenticatedAt: instantAt(record, "authenticatedAt"),
    lastActiveAt: instantAt(record, "lastActiveAt"),
    idleTimeout: wholeAt(record, "idleTimeout"),
    absoluteTimeout: wholeAt(record, "absoluteTimeout"),
  };
}

/** A policy or news of the person may shorten a running session, and never lengthen it. */
export function withStricter<Times extends SessionTimes & Doubtful>(times: Times, record: JsonObject): Times {
  const idleTimeout = wholeAt(record, "idleTimeout");
  const absoluteTimeout = wholeAt(record, "absoluteTimeout");
  need(
    times.doubt.terms || (idleTimeout <= times.idleTimeout && absoluteTimeout <= times.absoluteTimeout),
    "times",
    "the session was given more time than it had, and nobody authenticated",
  );
  return { ...times, idleTimeout, absoluteTimeout };
}

export function needDeadline(record: JsonObject, times: SessionTimes & Partial<Doubtful>): void {
  const told = instantAt(record, "expiresAt");
  // After a lost change the timeouts may be others, of which the next reauthentication or the end tells.
  const isRight = told === deadlinesOf(times).expiresAt || times.doubt?.terms === true;
  need(isRight, "times", "the deadline does not follow from the session's times");
}

/** The number of the change that a record tells of. */
export function needNumberIn({ change }: JsonObject): number {
  if (change === undefined)
    throw new Fault("no-evidence", "the record is of a release before 0.4.0, or was stripped of its number");
  need(typeof change === "number" && Number.isSafeInteger(change), "shape", "its number is none");
  return Number(change);
}
