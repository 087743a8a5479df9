/** How a test session comes into the state that it begins in, and which state that is. */
import type { ActiveStatus } from "../protocol/session-status.js";
import type { DeadlineCause } from "../session/deadlines.js";
import type { EndReason } from "../session/end.js";
import {
  INITIAL_STATE,
  type KeyStoreKind,
  type MachineEvent,
  publicStateOf,
  type SessionState,
  transition,
} from "../session/machine.js";
import type { TestSessionOptions } from "./test-session.types.js";
import type { TestRules } from "./test-verifier.js";

/** What a test asked for, with every default filled in. */
export interface Beginning {
  readonly status: SessionState["status"];
  readonly reason: EndReason;
  readonly isAbsolute: boolean;
  readonly isReachable: boolean;
  readonly keyStore: KeyStoreKind;
  readonly subject: string;
  /** The time from the client's beginning to the test's, in milliseconds: 0, unless a deadline has to pass. */
  readonly lead: number;
}

/** Long enough for the client's timer to come after the answer before it. */
const LEAD = 100;

/** What an option may say: each word once. */
type Words<Word extends string> = Readonly<Record<Word, true>>;

const STATUSES: Words<SessionState["status"]> = {
  connecting: true,
  absent: true,
  active: true,
  warning: true,
  unconfirmed: true,
  ended: true,
};
const REASONS: Words<EndReason> = {
  idle: true,
  absolute: true,
  "signed-out": true,
  revoked: true,
  replaced: true,
};
const CAUSES: Words<DeadlineCause> = { idle: true, absolute: true };
const KEY_STORES: Words<Exclude<KeyStoreKind, "pending">> = { indexeddb: true, memory: true, lost: true };

/** @throws TypeError for a word that is none of an option's: a test of a state that there is not would prove nothing */
export function beginningOf(options: TestSessionOptions): Beginning {
  refuseUnknown("status", options.status, STATUSES);
  refuseUnknown("reason", options.reason, REASONS);
  refuseUnknown("cause", options.cause, CAUSES);
  refuseUnknown("keyStore", options.keyStore, KEY_STORES);
  const { status = "active", reason = "idle", keyStore = "indexeddb", subject = "ann" } = options;
  const isOverByTime = status === "ended" && (reason === "idle" || reason === "absolute");
  const isAbsolute = status === "ended" ? reason === "absolute" : options.cause === "absolute";
  const isReachable = options.reachable !== false && status !== "connecting" && status !== "unconfirmed";
  const lead = isOverByTime || status === "unconfirmed" ? LEAD : 0;
  return { status, reason, isAbsolute, isReachable, keyStore, subject, lead };
}

function refuseUnknown(name: string, value: unknown, words: Words<string>): void {
  if (value === undefined || (typeof value === "string" && Object.hasOwn(words, value))) return;
  const known = Object.keys(words).map(quoted).join(", ");
  throw new TypeError(`createTestSession was given the ${name} ${quoted(value)}; write one of ${known}`);
}

function quoted(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}

/** When the session's person signed in and was last active, `now` being the client's first moment. */
export function timesOf({ status, isAbsolute, lead }: Beginning, rules: TestRules, now: number) {
  const left = lead > 0 ? lead : status === "warning" ? rules.warningPeriod : rules.idleTimeout;
  const lastActiveAt = isAbsolute ? now : now + left - rules.idleTimeout;
  return { lastActiveAt, authenticatedAt: isAbsolute ? now + left - rules.absoluteTimeout : lastActiveAt };
}

/**
 * The state that the client comes to, worked out by its own machine: a test can look at it before the client has made
 * its key, which takes the browser a moment.
 */
export function firstState(beginning: Beginning, first: ActiveStatus): SessionState {
  return publicStateOf(eventsOf(beginning, first).reduce(transition, INITIAL_STATE));
}

function eventsOf(beginning: Beginning, first: ActiveStatus): readonly MachineEvent[] {
  const { status, reason, isReachable, keyStore, lead } = beginning;
  const now = first.now + lead;
  if (status === "connecting") return [];
  if (status === "absent") return [{ type: "none", now }];
  const lives: MachineEvent[] = [
    { type: "status", facts: first },
    { type: "key", keyStore },
  ];
  const endedAt = lead > 0 ? first.expiresAt : now;
  if (status === "ended") return [...lives, { type: "ended", end: { reason, endedAt } }];
  if (status === "unconfirmed") lives.push({ type: "time", now });
  return isReachable ? lives : [...lives, { type: "unreachable", now }];
}
