import { describe, expect, test } from "vitest";
import {
  INITIAL_STATE,
  isLive,
  type LiveState,
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

const status = (changes: Partial<SessionFacts> = {}): MachineEvent => ({
  type: "status",
  facts: { ...FACTS, ...changes },
});
const time = (now: number): MachineEvent => ({ type: "time", now });
const unreachable = (now: number): MachineEvent => ({ type: "unreachable", now });
const none = (now: number): MachineEvent => ({ type: "none", now });
const stateAfter = (...events: readonly MachineEvent[]) => events.reduce(transition, INITIAL_STATE);

function live(state: MachineState): LiveState {
  if (!isLive(state)) throw new Error(`expected a live state, not ${state.status}`);
  return state;
}

describe("to the millisecond", () => {
  test.each([
    ["a millisecond before the warning", WARN_AT - 1, "active", false, WARN_AT],
    ["at the warning", WARN_AT, "warning", false, SOON_AT],
    ["a millisecond before the time to save", SOON_AT - 1, "warning", false, SOON_AT],
    ["at the time to save", SOON_AT, "warning", true, DEADLINE],
    ["a millisecond before the deadline", DEADLINE - 1, "warning", true, DEADLINE],
    ["at the deadline", DEADLINE, "unconfirmed", true, null],
    ["a millisecond after the deadline", DEADLINE + 1, "unconfirmed", true, null],
  ])("a page that opens %s", (_name, now, expected, soon, wake) => {
    const state = live(stateAfter(status({ now })));
    expect(state).toMatchObject({ status: expected, soon, asking: expected === "unconfirmed" });
    expect(wakeAt(state)).toBe(wake);
  });

  test("a session that is gone was signed out until the deadline, and idle from then on", () => {
    const state = stateAfter(status());
    const end = (now: number) => transition(state, none(now));
    expect(end(DEADLINE - 1)).toMatchObject({ reason: "signed-out", endedAt: DEADLINE - 1 });
    expect(end(DEADLINE)).toMatchObject({ reason: "idle", endedAt: DEADLINE });
    expect(end(DEADLINE + 1)).toMatchObject({ reason: "idle", endedAt: DEADLINE });
  });

  test("without an answer the warning opens when it is due and not a millisecond before", () => {
    const asking = stateAfter(status(), time(WARN_AT));
    expect(transition(asking, unreachable(WARN_AT - 1))).toMatchObject({ status: "active" });
    expect(transition(asking, unreachable(WARN_AT))).toMatchObject({ status: "warning" });
  });
});

describe("which deadline ends the session", () => {
  test.each([
    ["the absolute one, where it is a millisecond earlier", -1, "absolute"],
    ["the absolute one, on a tie", 0, "absolute"],
    ["the idle one, where it is a millisecond earlier", 1, "idle"],
  ])("%s", (_name, gap, cause) => {
    const absoluteExpiresAt = DEADLINE + gap;
    const expiresAt = Math.min(DEADLINE, absoluteExpiresAt);
    const state = stateAfter(status({ absoluteExpiresAt, expiresAt }));
    expect(live(state).cause).toBe(cause);
    expect(transition(state, none(expiresAt))).toMatchObject({ reason: cause, endedAt: expiresAt });
  });

  test("what another tab told is no reason any more once a deadline has passed", () => {
    const told = (now: number) => transition(stateAfter(status()), { type: "none", now, hint: "revoked" });
    expect(told(DEADLINE - 1)).toMatchObject({ reason: "revoked", endedAt: DEADLINE - 1 });
    expect(told(DEADLINE)).toMatchObject({ reason: "idle", endedAt: DEADLINE });
  });
});

describe("a server that does not answer", () => {
  test("changes one flag of an active session, once, and arms no other timer", () => {
    const alone = transition(stateAfter(status()), unreachable(1_100_000));
    expect(alone).toEqual({ ...stateAfter(status()), reachable: false });
    expect(wakeAt(alone)).toBe(WARN_AT);
    expect(transition(alone, unreachable(1_100_001))).toBe(alone);
  });

  test("opens the warning, after which the timer leads on to the time to save", () => {
    const warned = transition(stateAfter(status(), time(WARN_AT)), unreachable(WARN_AT));
    expect(warned).toMatchObject({ status: "warning", asking: false, reachable: false });
    expect(wakeAt(warned)).toBe(SOON_AT);
  });

  test("does not take a warning back by an answer that was long under way; by the right time it does", () => {
    const warned = transition(stateAfter(status(), time(WARN_AT)), unreachable(WARN_AT));
    expect(transition(warned, status({ now: WARN_AT - 16_000 }))).toMatchObject({ status: "warning" });
    expect(transition(warned, status({ now: WARN_AT - 16_001 }))).toMatchObject({ status: "active" });
    const later = { now: WARN_AT - 1, expiresAt: DEADLINE + 1, idleExpiresAt: DEADLINE + 1 };
    expect(transition(warned, status(later))).toMatchObject({ status: "active" });
  });

  test("is answering again with its next status", () => {
    const back = transition(stateAfter(status(), unreachable(1_100_000)), status({ now: 1_100_001 }));
    expect(back).toMatchObject({ status: "active", reachable: true });
  });
});

test("an answer of the same millisecond counts: only an older one does not", () => {
  const moved = { idleExpiresAt: DEADLINE + 5, expiresAt: DEADLINE + 5 };
  expect(transition(stateAfter(status()), status(moved))).toMatchObject({ expiresAt: DEADLINE + 5 });
  const state = stateAfter(status());
  expect(transition(state, status({ ...moved, now: FACTS.now - 1 }))).toBe(state);
});

test("a new session knows nothing of the key of the one before it", () => {
  const lost = stateAfter(status(), { type: "key", keyStore: "lost" });
  expect(transition(lost, status({ sid: "two" }))).toMatchObject({ keyStore: "pending", canExtend: true });
});
