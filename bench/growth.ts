/**
 * What grows with the number of sessions: the calls of one person among many, and how soon all that expire at once are in
 * the trail, with what a request waits meanwhile. In one process, by the source, without HTTP.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createSessionVerifier,
  memoryStore,
  type SessionRecord,
  type SessionStore,
  type SessionVerifier,
} from "curfew/server";
import { sqliteStore } from "curfew/server/sqlite";
import { TestBrowser } from "../test/server/support/test-browser.js";

export interface GrowthResult {
  readonly store: string;
  readonly sessions: number;
  /** Medians, in microseconds. */
  readonly heartbeat: number;
  readonly guard: number;
  readonly signIn: number;
  readonly list: number;
  readonly endAll: number;
}

export interface ExpiryResult {
  readonly sessions: number;
  /** Over how long their deadlines are spread; 0: all in the same moment. */
  readonly within: number;
  /** From the first deadline to the last record of an end, in milliseconds. */
  readonly lastEnd: number;
  /** From a session's own deadline to its record: half of them less, 99 of 100 less, and at most. */
  readonly lag: { readonly median: number; readonly p99: number; readonly most: number };
  /** What a check waited meanwhile, in milliseconds. */
  readonly median: number;
  readonly p999: number;
}

const IDLE_TIMEOUT = 15 * 60_000;
export const POLICY = { idle: "15m", absolute: "12h", warning: "2m" } as const;
export const LOGGER = { info: () => {}, warn: () => {}, error: console.error };
/** How often each call is made. */
const TIMES = 300;

/** A clock that the bench can move. */
function createClock() {
  const clock = {
    ahead: 0,
    now: () => Date.now() + clock.ahead,
    monotonic: () => performance.now() + clock.ahead,
  };
  return clock;
}

/**
 * Puts sessions into the store that are like one that was begun by a person.
 * @param within how far their times lie apart
 * @returns the time of the first one
 */
async function fill(store: SessionStore, count: number, within = 0): Promise<number> {
  const own = createSessionVerifier({
    policy: POLICY,
    store: unclosed(store),
    signInUrl: "/login",
    logger: LOGGER,
  });
  const browser = await TestBrowser.signedIn(own, { subject: "the first" });
  const found = await store.find(browser.live.sid);
  await own.close();
  if (found === null) throw new Error("the first session is gone");
  const { record } = found;
  const GATHER = 500;
  for (let at = 0; at < count; at += GATHER)
    await Promise.all(
      Array.from({ length: Math.min(GATHER, count - at) }, (_, each) =>
        store.insert(like(record, at + each, Math.floor(((at + each) * within) / count))),
      ),
    );
  return record.lastActiveAt;
}

function like(record: SessionRecord, at: number, later: number): SessionRecord {
  const name = `${at}-${record.sid}`;
  const lastActiveAt = record.lastActiveAt + later;
  return {
    ...record,
    lastActiveAt,
    sid: name,
    secretHash: `hash of ${name}`,
    subject: `person ${at}`,
    revision: 1,
  };
}

/** The same store, which outlives a verifier. */
function unclosed(store: SessionStore): SessionStore {
  return { ...store, close: async () => {} };
}

export async function medianOf(work: (at: number) => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let at = 0; at < TIMES; at++) {
    const began = performance.now();
    await work(at);
    times.push((performance.now() - began) * 1_000);
  }
  return times.sort((a, b) => a - b)[TIMES >> 1] ?? Number.NaN;
}

/** One person's calls among so many sessions. */
export async function growthOf(name: string, store: SessionStore, count: number): Promise<GrowthResult> {
  await fill(store, count);
  const sessions = createSessionVerifier({ policy: POLICY, store, signInUrl: "/login", logger: LOGGER });
  const browser = await TestBrowser.signedIn(sessions);
  const request = () => new Request("https://app.test/login", { method: "POST" });
  const measured = {
    heartbeat: await medianOf(() => browser.beat(Date.now(), { payload: { intent: "extend" } })),
    guard: await medianOf(() => sessions.check(browser.request("/"))),
    signIn: await medianOf((at) => sessions.start(request(), { subject: `new ${at}` })),
    list: await medianOf((at) => sessions.list(`person ${at}`)),
    endAll: await medianOf((at) => sessions.endAll(`person ${at}`)),
  };
  await sessions.close();
  return { store: name, sessions: count, ...measured };
}

/** @param counts of sessions */
export async function measureGrowth(counts: readonly number[]): Promise<readonly GrowthResult[]> {
  const folder = mkdtempSync(join(tmpdir(), "curfew-bench-"));
  const results: GrowthResult[] = [];
  try {
    for (const count of counts) {
      results.push(await growthOf("memory", memoryStore(), count));
      const file = join(folder, `${count}.db`);
      results.push(await growthOf("SQLite", sqliteStore(file, { durability: "relaxed" }), count));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return results;
}

/** Checks one session again and again, as other requests would, until `isOver`. @returns what each waited, in order */
async function waitsUntil(isOver: () => boolean, sessions: SessionVerifier, browser: TestBrowser) {
  const waits: number[] = [];
  while (!isOver()) {
    const began = performance.now();
    await new Promise((resolve) => setImmediate(resolve));
    await sessions.check(browser.request("/"));
    waits.push(performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return waits.sort((a, b) => a - b);
}

/** So many sessions expire in the same moment, or within a while. */
export async function measureExpiry(count: number, within = 0): Promise<ExpiryResult> {
  const clock = createClock();
  const store = memoryStore({ clock });
  const firstAt = await fill(store, count, within);
  const lags = new Float64Array(count + 1);
  let ended = 0;
  const sessions = createSessionVerifier({
    policy: POLICY,
    store,
    signInUrl: "/login",
    logger: LOGGER,
    onEvent({ type, endedAt }) {
      if (type === "session_expired") lags[ended++] = clock.now() - Date.parse(String(endedAt));
    },
  });
  await sessions.ready();
  clock.ahead = firstAt + IDLE_TIMEOUT - Date.now();
  const began = performance.now();
  const browser = await TestBrowser.signedIn(sessions);
  const waits = await waitsUntil(() => ended >= count, sessions, browser);
  const lastEnd = performance.now() - began;
  await sessions.close();
  const lag = lags.slice(0, ended).sort();
  return {
    sessions: count,
    within,
    lastEnd,
    lag: { median: shareOf(lag, 0.5), p99: shareOf(lag, 0.99), most: shareOf(lag, 1) },
    median: shareOf(waits, 0.5),
    p999: shareOf(waits, 0.999),
  };
}

function shareOf(sorted: ArrayLike<number>, part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}
