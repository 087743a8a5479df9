import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { END_REASONS } from "../../src/session/end.js";
import {
  type EndedState,
  INITIAL_STATE,
  isLive,
  type KeyStoreKind,
  type LiveState,
  type MachineEvent,
  type MachineState,
  publicStateOf,
  type SessionFacts,
  transition,
  wakeAt,
} from "../../src/session/machine.js";

const FACTS: SessionFacts = {
  sid: "one",
  now: 1_000_000,
  idleExpiresAt: 1_900_000,
  absoluteExpiresAt: 9_000_000,
  expiresAt: 1_900_000,
  warningPeriod: 120_000,
  canExtend: true,
};
const WARN_AT = 1_778_500;
const SOON_AT = 1_840_000;
const DEADLINE = 1_900_000;

const status = (changes: Partial<SessionFacts> = {}): MachineEvent => ({
  type: "status",
  facts: { ...FACTS, ...changes },
});
const time = (now: number): MachineEvent => ({ type: "time", now });
const after = (...events: readonly MachineEvent[]) => events.reduce(transition, INITIAL_STATE);

const ACTIVE = after(status());
const ASKING = after(status(), time(WARN_AT));
const WARNING = after(status({ now: WARN_AT }));
const UNCONFIRMED = after(status(), time(DEADLINE));
const ENDED = after(status(), { type: "ended", end: { reason: "idle", endedAt: DEADLINE } });

describe("the transition table", () => {
  const rows: readonly [
    string,
    MachineState,
    MachineEvent,
    Partial<LiveState> | Partial<EndedState> | MachineState,
  ][] = [
    ["connecting, the server says active", INITIAL_STATE, status(), { status: "active", asking: false }],
    ["connecting, active and time to warn", INITIAL_STATE, status({ now: WARN_AT }), { status: "warning" }],
    ["connecting, nobody is signed in", INITIAL_STATE, { type: "none", now: 0 }, { status: "absent" }],
    [
      "connecting, the session had ended",
      INITIAL_STATE,
      { type: "ended", end: { reason: "idle", endedAt: 1 } },
      { status: "absent" },
    ],
    ["absent, somebody signs in", after({ type: "none", now: 0 }), status(), { status: "active" }],
    ["active, before the time to warn", ACTIVE, time(WARN_AT - 1), { status: "active", asking: false }],
    ["active, the time to warn: asks first", ACTIVE, time(WARN_AT), { status: "active", asking: true }],
    [
      "asking, the server says it is time",
      ASKING,
      status({ now: WARN_AT + 1 }),
      { status: "warning", asking: false },
    ],
    [
      "asking, the deadline has moved meanwhile",
      ASKING,
      status({ now: WARN_AT + 1, expiresAt: 2_500_000, idleExpiresAt: 2_500_000 }),
      { status: "active", asking: false },
    ],
    [
      "asking, no answer: people are told all the same",
      ASKING,
      { type: "unreachable", now: WARN_AT },
      { status: "warning", reachable: false },
    ],
    ["warning, time to save", WARNING, time(SOON_AT), { status: "warning", soon: true }],
    [
      "warning, the person answered",
      WARNING,
      status({ now: SOON_AT, expiresAt: 2_700_000, idleExpiresAt: 2_700_000 }),
      { status: "active", soon: false },
    ],
    ["active, slept through everything", ACTIVE, time(DEADLINE), { status: "unconfirmed", asking: true }],
    [
      "warning, the deadline by our reckoning",
      WARNING,
      time(DEADLINE),
      { status: "unconfirmed", asking: true },
    ],
    [
      "unconfirmed, no answer",
      UNCONFIRMED,
      { type: "unreachable", now: DEADLINE },
      { status: "unconfirmed", reachable: false, asking: true },
    ],
    [
      "unconfirmed, the server says active",
      UNCONFIRMED,
      status({ now: DEADLINE, expiresAt: 2_800_000, idleExpiresAt: 2_800_000 }),
      { status: "active", reachable: true },
    ],
    [
      "unconfirmed, there is no session",
      UNCONFIRMED,
      { type: "none", now: DEADLINE + 5 },
      { status: "ended", sid: "one", reason: "idle", endedAt: DEADLINE },
    ],
    [
      "active, there is no session any more",
      ACTIVE,
      { type: "none", now: 1_200_000 },
      { status: "ended", sid: "one", reason: "signed-out", endedAt: 1_200_000 },
    ],
    [
      "active, another tab told why",
      ACTIVE,
      { type: "none", now: 1_200_000, hint: "revoked" },
      { status: "ended", sid: "one", reason: "revoked", endedAt: 1_200_000 },
    ],
    ["ended, the same session again", ENDED, status({ now: DEADLINE + 1 }), { status: "ended", sid: "one" }],
    [
      "ended, another session",
      ENDED,
      status({ sid: "two", now: DEADLINE + 1, expiresAt: 5_000_000 }),
      { status: "active", sid: "two" },
    ],
  ];
  test.each(rows)("%s", (_name, state, event, expected) => {
    expect(transition(state, event)).toMatchObject(expected);
  });

  test("an older answer never overtakes a newer one", () => {
    const newer = transition(
      ACTIVE,
      status({ now: 1_100_000, expiresAt: 2_000_000, idleExpiresAt: 2_000_000 }),
    );
    expect(transition(newer, status({ now: 1_050_000 }))).toBe(newer);
  });

  test("a lost key takes the extension away, and one answer later it is still away", () => {
    const lost = transition(ACTIVE, { type: "key", keyStore: "lost" });
    expect(publicStateOf(lost)).toMatchObject({ canExtend: false, keyStore: "lost" });
    expect(publicStateOf(transition(lost, status({ now: 1_100_000 })))).toMatchObject({ canExtend: false });
  });

  test("the app sees no more than the public state", () => {
    expect(Object.keys(publicStateOf(ACTIVE)).sort()).toEqual(
      [
        "absoluteExpiresAt",
        "canExtend",
        "cause",
        "expiresAt",
        "idleExpiresAt",
        "keyStore",
        "reachable",
        "sid",
        "status",
      ].sort(),
    );
    expect(publicStateOf(ENDED)).toEqual({ status: "ended", reason: "idle", endedAt: DEADLINE });
  });
});

const now = fc.integer({ min: 0, max: 3_000_000 });
const reason = fc.constantFrom(...END_REASONS);
const facts = fc
  .record({
    sid: fc.constantFrom("one", "two"),
    now,
    idleLeft: fc.integer({ min: -1_000, max: 2_000_000 }),
    /** How much later the absolute deadline is; a tie is as likely as all the rest. */
    gap: fc.oneof(fc.constant(0), fc.integer({ min: -1_000_000, max: 1_000_000 })),
    warningPeriod: fc.integer({ min: 1, max: 500_000 }),
    canExtend: fc.boolean(),
  })
  .map(({ idleLeft, gap, ...rest }): SessionFacts => {
    const [idleExpiresAt, absoluteExpiresAt] = [rest.now + idleLeft, rest.now + idleLeft + gap];
    return {
      ...rest,
      idleExpiresAt,
      absoluteExpiresAt,
      expiresAt: Math.min(idleExpiresAt, absoluteExpiresAt),
    };
  });
const keyStore = fc.constantFrom<KeyStoreKind>("pending", "indexeddb", "memory", "lost");
const event: fc.Arbitrary<MachineEvent> = fc.oneof(
  facts.map((given): MachineEvent => ({ type: "status", facts: given })),
  fc.record({ type: fc.constant("none" as const), now }),
  fc.record({ type: fc.constant("none" as const), now, hint: reason }),
  fc.record({ type: fc.constant("ended" as const), end: fc.record({ reason, endedAt: now }) }),
  fc.record({ type: fc.constant("time" as const), now }),
  fc.record({ type: fc.constant("unreachable" as const), now }),
  fc.record({ type: fc.constant("key" as const), keyStore }),
);

test("an ended session stays ended, whatever comes, until another one begins", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      let state = ENDED;
      for (const next of events) {
        state = transition(state, next);
        if (next.type === "status" && next.facts.sid !== "one") break;
        expect(state).toBe(ENDED);
      }
    }),
  );
});

test("however a session ended, the next state is the same end or another session", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      let state = INITIAL_STATE;
      for (const next of events) {
        const before = state;
        state = transition(before, next);
        if (before.status !== "ended" || state === before) continue;
        expect(next.type).toBe("status");
        expect(isLive(state) && state.sid).not.toBe(before.sid);
      }
    }),
    { numRuns: 500 },
  );
});

test("an end by a deadline names the earlier one, and that very instant", () => {
  fc.assert(
    fc.property(facts, fc.nat(1e6), (given, late) => {
      const gone = { type: "none", now: given.expiresAt + late } as const;
      expect(after({ type: "status", facts: given }, gone)).toEqual({
        status: "ended",
        sid: given.sid,
        reason: given.absoluteExpiresAt <= given.idleExpiresAt ? "absolute" : "idle",
        endedAt: given.expiresAt,
      });
    }),
  );
});

test("one timer is enough: it is armed for a later time than any it has seen, and it always changes something", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      let state = INITIAL_STATE;
      for (const next of events) {
        const before = state;
        state = transition(before, next);
        const at = wakeAt(state);
        if (at === null) continue;
        if (next.type === "time") expect(at).toBeGreaterThan(next.now);
        if (next.type === "status" && state !== before) expect(at).toBeGreaterThan(next.facts.now);
        const woken = transition(state, { type: "time", now: at });
        expect(woken).not.toBe(state);
        expect(wakeAt(woken) ?? Number.POSITIVE_INFINITY).toBeGreaterThan(at);
        expect(transition(woken, { type: "time", now: at })).toBe(woken);
      }
    }),
    { numRuns: 1_000 },
  );
});

test("a millisecond before its time the timer changes nothing, and neither does a clock that ran back", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), fc.nat(1e9), (events, early) => {
      let state = INITIAL_STATE;
      for (const next of events) {
        state = transition(state, next);
        const at = wakeAt(state);
        if (at !== null) expect(transition(state, { type: "time", now: at - 1 - early })).toBe(state);
      }
    }),
    { numRuns: 500 },
  );
});

test("the app is asked to save once for one deadline, however the answers arrive", () => {
  const nearTheEnd = fc.integer({ min: WARN_AT - 10, max: DEADLINE + 10 });
  const arrival = fc.oneof(
    nearTheEnd.map((at) => status({ now: at })),
    nearTheEnd.map(time),
    nearTheEnd.map((at): MachineEvent => ({ type: "unreachable", now: at })),
  );
  fc.assert(
    fc.property(fc.array(arrival, { maxLength: 20 }), (events) => {
      let state: MachineState = ACTIVE;
      let begun = 0;
      for (const next of events) {
        const before = state;
        state = transition(before, next);
        if (isLive(before) && isLive(state) && state.soon && !before.soon) begun++;
      }
      expect(begun).toBeLessThanOrEqual(1);
    }),
    { numRuns: 500 },
  );
});

test("left alone, the timer leads to the deadline in at most three steps and stops there", () => {
  fc.assert(
    fc.property(facts, (given) => {
      let state = after({ type: "status", facts: given });
      const visited: string[] = [];
      for (let step = 0; step < 5; step++) {
        const at = wakeAt(state);
        if (at === null) {
          if (!isLive(state) || state.status === "unconfirmed") break;
          state = transition(state, { type: "unreachable", now: given.expiresAt - given.warningPeriod });
          continue;
        }
        state = transition(state, { type: "time", now: Math.max(at, given.now) });
        visited.push(state.status);
      }
      expect(state.status).toBe("unconfirmed");
      expect(visited.length).toBeLessThanOrEqual(3);
    }),
  );
});

test("no event makes anything of a state but one of the five that the app knows", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      const state = events.reduce(transition, INITIAL_STATE);
      expect(["connecting", "absent", "active", "warning", "unconfirmed", "ended"]).toContain(
        publicStateOf(state).status,
      );
      if (isLive(state)) expect(state.expiresAt).toBe(Math.min(state.idleExpiresAt, state.absoluteExpiresAt));
    }),
  );
});
