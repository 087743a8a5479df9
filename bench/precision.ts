/**
 * How far from the promised deadline a session really ends on the server: what the last answer that said "active" has promised,
 * beside the first answer that says otherwise and the time that the end's record has. By the source, without HTTP.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSessionVerifier, type SessionVerifier } from "../src/server/adapters/node.js";
import { memoryStore } from "../src/server/stores/memory.js";
import { sqliteStore } from "../src/server/stores/sqlite/store.js";
import type { SessionStore } from "../src/server/stores/store.js";
import { createTestClock } from "../src/testing/test-clock.js";
import { TestBrowser } from "../test/server/support/test-browser.js";

export interface PrecisionResult {
  readonly name: string;
  readonly sessions: number;
  /** The longest that a session was still accepted after its deadline, in milliseconds. */
  readonly late: number;
  /** The longest that a session was already refused before its deadline. */
  readonly early: number;
  /** The furthest that the recorded time of an end lies from the deadline. */
  readonly recorded: number;
  /** How long after the deadline the first refusal was asked for: half of them less, and at most. */
  readonly askedMedian: number;
  readonly askedMost: number;
}

const LOGGER = { info: () => {}, warn: () => {}, error: console.error };

/** What was seen of many sessions. */
function createTally() {
  const [late, early, recorded, asked]: number[][] = [[], [], [], []];
  const most = (values: readonly number[] = []) => values.reduce((one, other) => Math.max(one, other), 0);
  return {
    /** An answer that took the session for a live one, to a question of `from`. */
    accepted: (deadline: number, from: number) => late?.push(from - deadline + 1),
    /** The first answer that did not: asked at `from`, answered at `until`. */
    refused(deadline: number, from: number, until: number, endedAt: number) {
      early?.push(deadline - until);
      recorded?.push(Math.abs(endedAt - deadline));
      asked?.push(Math.max(0, from - deadline));
    },
    result(name: string): PrecisionResult {
      const sorted = [...(asked ?? [])].sort((a, b) => a - b);
      return {
        name,
        sessions: sorted.length,
        late: most(late),
        early: most(early),
        recorded: most(recorded),
        askedMedian: sorted[sorted.length >> 1] ?? Number.NaN,
        askedMost: most(sorted),
      };
    },
  };
}

/** Asks once, by the guard's check or by a heartbeat. @returns when the session ended; null: it lives */
async function endOf(sessions: SessionVerifier, browser: TestBrowser, by: "check" | "heartbeat") {
  if (by === "check") {
    const checked = await sessions.check(browser.request("/"));
    if (checked.status === "active") return null;
    if (checked.status !== "ended") throw new Error(`a check was answered "${checked.status}"`);
    return Number(checked.problem.endedAt);
  }
  // What is claimed lies before everything, so that no deadline moves.
  const { status, body } = await browser.beat(0, { payload: { intent: "extend" } });
  if (status === 200) return null;
  if (status !== 401) throw new Error(`a heartbeat was answered ${status}: ${JSON.stringify(body)}`);
  return Number(body.endedAt);
}

/** In milliseconds that pass one after the other: each session is asked for in the last one before its deadline, and in that. */
async function byTheMillisecond(count: number): Promise<PrecisionResult> {
  const clock = createTestClock();
  const store = memoryStore({ clock });
  const policy = { idle: "15m", absolute: "12h", warning: "2m" } as const;
  const sessions = createSessionVerifier({ policy, store, signInUrl: "/login", logger: LOGGER });
  const browsers: TestBrowser[] = [];
  for (let at = 0; at < count; at++) {
    const browser = await TestBrowser.signedIn(sessions, { subject: `person ${at}` });
    clock.advance(1 + ((at * 7_919) % 61));
    if (at % 2 === 0) await browser.beat(clock.now() - (at % 50), { payload: { intent: "extend" } });
    browsers.push(browser);
  }
  const tally = createTally();
  const inTurn = browsers.sort((one, other) => one.live.expiresAt - other.live.expiresAt);
  for (const [at, browser] of inTurn.entries()) {
    const deadline = browser.live.expiresAt;
    const by = at % 4 < 2 ? "check" : "heartbeat";
    for (const moment of [deadline - 1, deadline]) {
      clock.advance(Math.max(0, moment - clock.now()));
      const endedAt = await endOf(sessions, browser, by);
      if (endedAt === null) tally.accepted(deadline, clock.now());
      else {
        tally.refused(deadline, clock.now(), clock.now(), endedAt);
        break;
      }
    }
  }
  await sessions.close();
  return tally.result("a clock that is moved by the millisecond, memory");
}

/** Between one sign-in and the next. */
const SPACING = 7;
const pause = (period: number) => new Promise((resolve) => setTimeout(resolve, period));

/** In real time: each session is asked for again and again around its deadline, with the sweeper beside. */
async function inRealTime(count: number, store: SessionStore): Promise<PrecisionResult> {
  const policy = { idle: "3s", absolute: "12h", warning: "1s", unsafeForTesting: true } as const;
  const sessions = createSessionVerifier({
    policy,
    store,
    signInUrl: "/login",
    logger: LOGGER,
  });
  const tally = createTally();
  const live = async (at: number) => {
    await pause(at * SPACING);
    const browser = await TestBrowser.signedIn(sessions, { subject: `person ${at}` });
    if (at % 2 === 0) await browser.beat(Date.now(), { payload: { intent: "extend" } });
    const deadline = browser.live.expiresAt;
    await pause(deadline - Date.now() - 3);
    for (;;) {
      const from = Date.now();
      const endedAt = await endOf(sessions, browser, at % 4 < 2 ? "check" : "heartbeat");
      if (endedAt !== null) return tally.refused(deadline, from, Date.now(), endedAt);
      tally.accepted(deadline, from);
      await pause(1);
    }
  };
  await Promise.all(Array.from({ length: count }, (_, at) => live(at)));
  await sessions.close();
  return tally.result(`real time, ${store.name}`);
}

/** @param count of sessions, for each way */
export async function measurePrecision(count: number): Promise<readonly PrecisionResult[]> {
  const folder = mkdtempSync(join(tmpdir(), "curfew-bench-"));
  try {
    return [
      await byTheMillisecond(count),
      await inRealTime(count, sqliteStore(join(folder, "precision.db"), { durability: "relaxed" })),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
