import { expect, test } from "vitest";
import {
  INITIAL_STATE,
  isLive,
  type MachineEvent,
  type MachineState,
  type SessionFacts,
  transition,
  wakeAt,
} from "../../src/session/machine.js";

const DEADLINE = 1_900_000;
const WARN_AT = 1_778_500;
const SOON_AT = 1_840_000;
const FACTS: SessionFacts = {
  sid: "one",
  now: 1_000_000,
  idleExpiresAt: DEADLINE,
  absoluteExpiresAt: 9_000_000,
  expiresAt: DEADLINE,
  warningPeriod: 120_000,
  canExtend: true,
};

const status = (changes: Partial<SessionFacts>): MachineEvent => ({
  type: "status",
  facts: { ...FACTS, ...changes },
});
const time = (now: number): MachineEvent => ({ type: "time", now });
const after = (...events: readonly MachineEvent[]) => events.reduce(transition, INITIAL_STATE);

const STATES = {
  connecting: INITIAL_STATE,
  absent: after({ type: "none", now: 0 }),
  active: after(status({})),
  asking: after(status({}), time(WARN_AT)),
  warning: after(status({ now: WARN_AT })),
  soon: after(status({ now: WARN_AT }), time(SOON_AT)),
  unconfirmed: after(status({}), time(DEADLINE)),
  ended: after(status({}), { type: "ended", end: { reason: "idle", endedAt: DEADLINE } }),
};

const LATE = DEADLINE + 5;
const MOVED = { expiresAt: 2_800_000, idleExpiresAt: 2_800_000 };

const EVENTS = {
  "an older status": status({ now: 999_999 }),
  "the deadline has moved": status({ now: LATE, ...MOVED }),
  "time to warn, says the server": status({ now: WARN_AT }),
  "over by its own words": status({ now: LATE }),
  "another session": status({ now: LATE, sid: "two", ...MOVED }),
  "none, in time": { type: "none", now: WARN_AT - 1 },
  "none, at the deadline": { type: "none", now: DEADLINE },
  revoked: { type: "ended", end: { reason: "revoked", endedAt: 5 } },
  "warn − 1": time(WARN_AT - 1),
  warn: time(WARN_AT),
  "soon − 1": time(SOON_AT - 1),
  soon: time(SOON_AT),
  "deadline − 1": time(DEADLINE - 1),
  deadline: time(DEADLINE),
  "no answer": { type: "unreachable", now: WARN_AT },
} satisfies Record<string, MachineEvent>;

/** In words: the status, and what is special about it. */
function inWords(before: MachineState, state: MachineState): string {
  if (state === before) return "same";
  if (state.status === "ended") return `ended ${state.reason}`;
  if (!isLive(state)) return state.status;
  const isOver = state.status === "unconfirmed" && state.asking && state.soon;
  const flags = [
    state.sid === "two" && "two",
    !isOver && state.asking && "asking",
    !isOver && state.soon && "soon",
    !state.reachable && "alone",
  ];
  return [state.status, ...flags.filter(Boolean)].join(" ");
}

const NAMES = Object.keys(STATES) as (keyof typeof STATES)[];
/** One row for each event, one column for each state: what comes of it. An unconfirmed state always asks. */
const TABLE: Readonly<Record<keyof typeof EVENTS, string>> = {
  // connecting | absent | active | asking | warning | soon | unconfirmed | ended
  "an older status": "active | active | same | same | same | same | same | same",
  "the deadline has moved": "active | active | active | active | active | active | active | same",
  "time to warn, says the server":
    "warning | warning | warning | warning | warning | warning soon | warning soon | same",
  "over by its own words":
    "unconfirmed | unconfirmed | unconfirmed | unconfirmed | unconfirmed | unconfirmed | unconfirmed | same",
  "another session":
    "active two | active two | active two | active two | active two | active two | active two | active two",
  "none, in time":
    "absent | same | ended signed-out | ended signed-out | ended signed-out | ended signed-out | ended signed-out | same",
  "none, at the deadline":
    "absent | same | ended idle | ended idle | ended idle | ended idle | ended idle | same",
  revoked:
    "absent | same | ended revoked | ended revoked | ended revoked | ended revoked | ended revoked | same",
  "warn − 1": "same | same | same | same | same | same | same | same",
  warn: "same | same | active asking | same | same | same | same | same",
  "soon − 1": "same | same | active asking | same | same | same | same | same",
  soon: "same | same | active asking | same | warning soon | same | same | same",
  "deadline − 1": "same | same | active asking | same | warning soon | same | same | same",
  deadline: "same | same | unconfirmed | unconfirmed | unconfirmed | unconfirmed | same | same",
  "no answer":
    "same | same | active alone | warning alone | warning alone | warning soon alone | unconfirmed alone | same",
};

test.each(
  (Object.keys(TABLE) as (keyof typeof EVENTS)[]).flatMap((event) =>
    NAMES.map(
      (name, column) => [name, event, TABLE[event].split(" | ")[column] ?? "no such column"] as const,
    ),
  ),
)("%s, %s: %s", (name, event, expected) => {
  const state: MachineState = STATES[name];
  expect(inWords(state, transition(state, EVENTS[event]))).toBe(expected);
});

test("the timer is set in three states only, each time for the next thing to happen", () => {
  expect(Object.fromEntries(NAMES.map((name) => [name, wakeAt(STATES[name])]))).toEqual({
    connecting: null,
    absent: null,
    active: WARN_AT,
    asking: null,
    warning: SOON_AT,
    soon: DEADLINE,
    unconfirmed: null,
    ended: null,
  });
});

test("a lost key is kept in mind in every live state, and means nothing in the others", () => {
  const lost: MachineEvent = { type: "key", keyStore: "lost" };
  for (const state of Object.values(STATES)) {
    const next = transition(state, lost);
    if (isLive(next)) expect(next).toEqual({ ...state, keyStore: "lost", canExtend: false });
    else expect(next).toBe(state);
    expect(transition(next, lost)).toBe(next);
  }
});

test("a long warning asks the app to save a minute before the end, a short one at its half", () => {
  const soonAt = (warningPeriod: number) =>
    wakeAt(after(status({ warningPeriod, now: DEADLINE - warningPeriod })));
  expect([soonAt(600_000), soonAt(120_000), soonAt(20_000)]).toEqual([
    DEADLINE - 60_000,
    DEADLINE - 60_000,
    DEADLINE - 10_000,
  ]);
});

test("a slow answer does not make the app save twice for one deadline", () => {
  const late = transition(STATES.soon, status({ now: SOON_AT - 1 }));
  expect(late).toMatchObject({ status: "warning", soon: true });
  expect(wakeAt(late)).toBe(DEADLINE);
  const moved = transition(STATES.soon, status({ now: SOON_AT - 1, ...MOVED }));
  expect(moved).toMatchObject({ status: "active", soon: false });
});
