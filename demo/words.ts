/** The words and figures that the three pages show, in one place. */
import type { SessionState } from "curfew";
import type { AuditRecord, AuditType } from "curfew/server";
import type { NotesView } from "./notes-app.js";

/** What a page shows of its session, by `data-testid`. */
export const FACTS = {
  state: "State",
  reason: "Ends by",
  remaining: "Left",
  "idle-deadline": "Idle deadline",
  "absolute-deadline": "Absolute deadline",
  "last-activity": "Last activity",
} as const;

/** How many alerts there are, in a sentence. */
export function alertCount({ length }: readonly AuditRecord[]): string {
  if (length === 0) return "Nothing has been found.";
  return length === 1 ? "1 alert." : `${length} alerts.`;
}

export const POLLER = { "poll-count": "Requests so far", "poll-status": "Last answer" } as const;

export type FactId = keyof typeof FACTS;

export interface Fact {
  readonly text: string;
  /** Milliseconds: an instant by the server's clock, or a duration. */
  readonly ms: number | null;
}

const UNKNOWN: Fact = { text: "–", ms: null };

/** @param remaining from `session.remaining()`: never `Date.now()` against a server's instant */
export function factsOf(
  state: SessionState,
  { remaining, lastActiveAt, idleTimeout }: Pick<NotesView, "remaining" | "lastActiveAt" | "idleTimeout">,
): Readonly<Record<FactId, Fact>> {
  const facts = {
    state: { text: state.status, ms: null },
    reason: UNKNOWN,
    remaining: UNKNOWN,
    "idle-deadline": UNKNOWN,
    "absolute-deadline": UNKNOWN,
    "last-activity": instant(lastActiveAt),
  };
  if (state.status === "ended") return { ...facts, reason: { text: state.reason, ms: state.endedAt } };
  if (!("expiresAt" in state)) return facts;
  return {
    ...facts,
    reason: { text: state.cause, ms: null },
    remaining: { text: remaining === null ? "–" : timeLeft(remaining), ms: remaining },
    "idle-deadline": deadline(state.idleExpiresAt),
    "absolute-deadline": deadline(state.absoluteExpiresAt),
    "last-activity": instant(idleTimeout === null ? lastActiveAt : state.idleExpiresAt - idleTimeout),
  };

  function deadline(at: number): Fact {
    const left = remaining === null || !("expiresAt" in state) ? null : remaining + at - state.expiresAt;
    return { text: left === null ? clockTime(at) : `${clockTime(at)} (in\u00a0${timeLeft(left)})`, ms: at };
  }
}

function instant(at: number | null): Fact {
  return at === null ? UNKNOWN : { text: clockTime(at), ms: at };
}

/** `14:03:22` */
export function clockTime(at: number): string {
  return new Date(at).toLocaleTimeString("en-GB");
}

/** `0:41`, `14:59`, `1:02:03`: floored, so that nobody is promised more than there is. */
export function timeLeft(duration: number): string {
  const seconds = Math.max(0, Math.floor(duration / 1_000));
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60];
  const hours = Math.floor(seconds / 3_600);
  const [first, ...rest] = hours > 0 ? [hours, ...parts] : parts;
  return [String(first), ...rest.map((part) => String(part).padStart(2, "0"))].join(":");
}

const EVENTS: Readonly<Partial<Record<AuditType, string>>> = {
  session_created: "Signed in",
  key_bound: "The browser's key was recorded",
  key_refused: "A key was refused",
  session_renewed: "A person was active",
  session_reauthenticated: "The password was given again",
  session_expired: "The session ran out",
  session_logout: "Signed out",
  session_revoked: "Ended by the server",
  session_replaced: "Replaced by a new sign-in",
  session_use_after_expire: "A request came after the end",
  heartbeat_refused: "A heartbeat was refused",
  heartbeat_duplicate: "A heartbeat came twice",
  step_up_required: "A fresh password was asked for",
  session_warned_early: "The warning opened before its time",
  alert_raised: "A rule of the watch speaks",
  clock_stepped: "The server's clock was set",
};

export interface TrailLine {
  readonly at: string;
  readonly time: string;
  readonly type: string;
  readonly words: string;
  readonly session: string;
}

/** One alert: which rule, why, and in which records of the log that stands. */
export function alertLine(record: AuditRecord): TrailLine {
  const { at, rule = "", severity = "", because = "", evidence = [], sid = "" } = record;
  const which = evidence.length === 1 ? "record" : "records";
  const where = evidence.length === 0 ? "" : ` [${which} ${evidence.join(", ")}]`;
  const words = `${severity}: ${because}${where}`;
  return { at, time: clockTime(Date.parse(at)), type: rule, words, session: sid.slice(0, 8) };
}

/** One line of the trail. */
export function lineOf(record: AuditRecord): TrailLine {
  const { at, type, reason, code, intent, rule, sid = "" } = record;
  const details = [reason, code, intent, rule].filter(
    (detail) => detail !== undefined && detail !== "signed-out",
  );
  const words = [EVENTS[type] ?? "", ...details.map((detail) => `(${detail})`)].join(" ");
  return { at, time: clockTime(Date.parse(at)), type, words, session: sid.slice(0, 8) };
}
