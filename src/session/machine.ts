/**
 * The client's machine: `connecting → absent | active ⇄ warning → ended`, and `unconfirmed` when the deadline has
 * passed by this browser's reckoning and the server has not said so yet. Pure: time comes in with the events, and one
 * timer is enough (`wakeAt`). The server decides; this machine only mirrors it.
 */
import type { DeadlineCause } from "./deadlines.js";
import type { EndReason, SessionEnd } from "./end.js";

/** What the machine needs of a live session's status. Instants are server milliseconds. */
export interface SessionFacts {
  readonly sid: string;
  /** The server's time of the status: an older answer never overtakes a newer one. */
  readonly now: number;
  readonly idleExpiresAt: number;
  readonly absoluteExpiresAt: number;
  readonly expiresAt: number;
  readonly warningPeriod: number;
  readonly canExtend: boolean;
}

/** Where the signing key lives: in IndexedDB, in memory only (storage refused), nowhere yet, or lost for good. */
export type KeyStoreKind = "pending" | "indexeddb" | "memory" | "lost";

interface Live {
  readonly sid: string;
  readonly idleExpiresAt: number;
  readonly absoluteExpiresAt: number;
  readonly expiresAt: number;
  /** False when extending could not move `expiresAt`, or when this browser has lost its key. */
  readonly canExtend: boolean;
  /** Which deadline comes first. */
  readonly cause: DeadlineCause;
  /** False while the server does not answer. A flag, not a state: nobody is signed out because the network is down. */
  readonly reachable: boolean;
  readonly keyStore: KeyStoreKind;
}

/** What an app sees of its session in this tab. Instants are server milliseconds: use `remaining()`, never `Date.now()`. */
export type SessionState =
  | { readonly status: "connecting" }
  | { readonly status: "absent" }
  | ({ readonly status: "active" | "warning" | "unconfirmed" } & Live)
  | {
      readonly status: "ended";
      readonly reason: EndReason;
      readonly endedAt: number;
      /** The browser could not tell the server of activity, or of the latest: nobody may be told that they were away. */
      readonly unheard?: true;
    };

/** The machine's own state while a session lives: the public one and what the transitions need besides. */
export interface LiveState extends Live {
  readonly status: "active" | "warning" | "unconfirmed";
  readonly facts: SessionFacts;
  /** The server must be asked before the next step: before a warning opens, and while a deadline is unconfirmed. */
  readonly asking: boolean;
  /** The last part of the warning has begun: time for the app to save. */
  readonly soon: boolean;
}

export interface EndedState extends SessionEnd {
  readonly status: "ended";
  /** The session that ended; only another one can follow it. */
  readonly sid: string;
}

export type MachineState =
  | { readonly status: "connecting" }
  | { readonly status: "absent" }
  | LiveState
  | EndedState;

export type MachineEvent =
  /** The server said: this session lives. */
  | { readonly type: "status"; readonly facts: SessionFacts }
  /** The server said: no session here. `hint` is the end that another tab told of, if one did. */
  | { readonly type: "none"; readonly now: number; readonly hint?: EndReason }
  | { readonly type: "ended"; readonly end: SessionEnd }
  /** The one timer fired, or the page came back. */
  | { readonly type: "time"; readonly now: number }
  /** No answer. `reachable`: the server is there all the same, busy or slow; default false. */
  | { readonly type: "unreachable"; readonly now: number; readonly reachable?: boolean }
  | { readonly type: "key"; readonly keyStore: KeyStoreKind };

export const INITIAL_STATE: MachineState = { status: "connecting" };

/** A warning takes a moment to come up, and then a press counts only after the time of a reflex. */
const LEAD_PERIOD = 1500;
/** How old an answer can be that a client still waits for. */
const LONGEST_WAY = 16_000;
/** The longest last part of a warning, in which `before-end` asks the app to save. */
const SOON_PERIOD = 60_000;

export function isLive(state: MachineState): state is LiveState {
  return state.status === "active" || state.status === "warning" || state.status === "unconfirmed";
}

/** The next state. Pure; returns the same object where nothing changes. */
export function transition(state: MachineState, event: MachineEvent): MachineState {
  switch (event.type) {
    case "status":
      return onStatus(state, event.facts);
    case "none":
      return onNone(state, event.now, event.hint);
    case "ended":
      return onEnded(state, event.end);
    case "time":
      return isLive(state) ? onTime(state, event.now) : state;
    case "unreachable":
      return isLive(state) ? onUnreachable(state, event) : state;
    case "key":
      return isLive(state) ? withKey(state, event.keyStore) : state;
  }
}

/** When the machine next has to look at the clock, in server milliseconds; null when only an answer can move it. */
export function wakeAt(state: MachineState): number | null {
  if (!isLive(state) || state.asking || state.status === "unconfirmed") return null;
  if (state.status === "active") return warnAtOf(state.facts);
  return state.soon ? state.expiresAt : soonAtOf(state.facts);
}

/** What the app may see. */
export function publicStateOf(state: MachineState): SessionState {
  if (state.status === "ended") return { status: "ended", reason: state.reason, endedAt: state.endedAt };
  if (!isLive(state)) return { status: state.status };
  const { facts: _facts, asking: _asking, soon: _soon, ...visible } = state;
  return visible;
}

/** An answer that was under way while `soon` began does not take it back: an app is asked to save once a deadline. */
function onStatus(state: MachineState, facts: SessionFacts): MachineState {
  if (state.status === "ended" && state.sid === facts.sid) return state;
  const before = isLive(state) && state.facts.sid === facts.sid ? state : null;
  if (before !== null && facts.now < before.facts.now) return before;
  const live: LiveState = {
    ...deadlinesIn(facts, before?.keyStore ?? "pending"),
    status: "active",
    reachable: true,
    asking: false,
    soon: facts.now >= soonAtOf(facts) || (before?.soon === true && before.expiresAt === facts.expiresAt),
    facts,
  };
  if (facts.now >= facts.expiresAt) return { ...live, status: "unconfirmed", asking: true };
  return facts.now >= warnAtOf(facts) || isWarned(before, facts) ? { ...live, status: "warning" } : live;
}

/** An answer that was long under way speaks of a moment before the warning, and does not take it back. */
function isWarned(before: LiveState | null, facts: SessionFacts): boolean {
  const isSame = before?.status === "warning" && before.expiresAt === facts.expiresAt;
  return isSame && facts.now >= warnAtOf(facts) - LONGEST_WAY;
}

function onNone(state: MachineState, now: number, hint: EndReason | undefined): MachineState {
  if (state.status === "ended") return state;
  if (!isLive(state)) return state.status === "absent" ? state : { status: "absent" };
  return now >= state.expiresAt
    ? endedFrom(state, { reason: state.cause, endedAt: state.expiresAt })
    : endedFrom(state, { reason: hint ?? "signed-out", endedAt: now });
}

/** A page that opens after the end never had a session of its own: it is signed out, not interrupted. */
function onEnded(state: MachineState, end: SessionEnd): MachineState {
  if (isLive(state)) return endedFrom(state, end);
  return state.status === "connecting" ? { status: "absent" } : state;
}

function onTime(state: LiveState, now: number): LiveState {
  if (now >= state.expiresAt)
    return state.status === "unconfirmed"
      ? state
      : { ...state, status: "unconfirmed", asking: true, soon: true };
  if (state.status === "active")
    return now >= warnAtOf(state.facts) && !state.asking ? { ...state, asking: true } : state;
  return now >= soonAtOf(state.facts) && !state.soon ? { ...state, soon: true } : state;
}

/** A warning that cannot be confirmed is shown all the same: people must be told in time (WCAG 2.2.1). */
function onUnreachable(
  state: LiveState,
  { now, reachable = false }: { readonly now: number; readonly reachable?: boolean },
): LiveState {
  const status =
    state.status === "active" && state.asking && now >= warnAtOf(state.facts) ? "warning" : state.status;
  const asking = status === "unconfirmed";
  return status === state.status && reachable === state.reachable && asking === state.asking
    ? state
    : { ...state, status, asking, reachable };
}

function withKey(state: LiveState, keyStore: KeyStoreKind): LiveState {
  return keyStore === state.keyStore ? state : { ...state, ...deadlinesIn(state.facts, keyStore) };
}

function endedFrom(state: LiveState, end: SessionEnd): EndedState {
  return { status: "ended", sid: state.sid, reason: end.reason, endedAt: end.endedAt };
}

function deadlinesIn(facts: SessionFacts, keyStore: KeyStoreKind) {
  const { sid, idleExpiresAt, absoluteExpiresAt, expiresAt } = facts;
  const cause: DeadlineCause = absoluteExpiresAt <= idleExpiresAt ? "absolute" : "idle";
  const canExtend = facts.canExtend && keyStore !== "lost";
  return { sid, idleExpiresAt, absoluteExpiresAt, expiresAt, cause, canExtend, keyStore };
}

/** Ahead of the policy's time by what passes before a press counts: people have all of it to answer in (WCAG 2.2.1). */
export function warnAtOf({
  expiresAt,
  warningPeriod,
}: Pick<SessionFacts, "expiresAt" | "warningPeriod">): number {
  return expiresAt - warningPeriod - Math.min(LEAD_PERIOD, warningPeriod / 16);
}

function soonAtOf(facts: SessionFacts): number {
  return facts.expiresAt - Math.min(SOON_PERIOD, facts.warningPeriod / 2);
}
