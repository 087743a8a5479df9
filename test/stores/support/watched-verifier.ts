/** A verifier over a store that is made to fail, with what it logs, and how quickly it says so. */
import { expect } from "vitest";
import { createSessionVerifier, type SessionVerifier } from "../../../src/server/adapters/node.js";
import type { SessionStore } from "../../../src/server/stores/store.js";
import { ORIGIN, TestBrowser } from "../../server/support/test-browser.js";
import { startStopwatch } from "../../timing.js";
import { until } from "./redis-server.js";

/** The time that was measured is printed. */
const LATEST = 1_000;

export interface Watched {
  readonly sessions: SessionVerifier;
  readonly log: string[];
}

export function watchedVerifier(store: SessionStore): Watched {
  const log: string[] = [];
  const add = (line: string) => log.push(line);
  const logger = { info: add, warn: add, error: add };
  const policy = { idle: "15m", absolute: "12h", warning: "2m" };
  return { sessions: createSessionVerifier({ policy, store, signInUrl: "/login", logger }), log };
}

/** Signs in as soon as the store answers. */
export async function signedInBrowser(sessions: SessionVerifier): Promise<TestBrowser> {
  await until(async () => (await sessions.health()).status === "ok", "the store does not answer");
  return TestBrowser.signedIn(sessions);
}

const guarded = (cookie: string | null) =>
  new Request(`${ORIGIN}/api`, { headers: cookie === null ? {} : { cookie } });

/** Everything that a browser can ask for is unavailable, in time; nothing is let in and nothing extended. */
export async function expectUnavailable(what: string, { sessions }: Watched, browser: TestBrowser) {
  const took: number[] = [];
  const timed = async <T>(work: () => Promise<T>): Promise<T> => {
    const stopwatch = startStopwatch();
    const result = await work();
    took.push(stopwatch.since());
    stopwatch.stop();
    return result;
  };
  for (let round = 0; round < 3; round++) {
    const check = await timed(() => sessions.check(guarded(browser.cookie)));
    expect(check.status).toBe("unavailable");
    const answers = [await timed(() => browser.beat(Date.now())), await timed(() => browser.ask())];
    for (const { status, body, headers } of answers) {
      expect({ status, type: body.type }).toEqual({ status: 503, type: "urn:curfew:unavailable" });
      expect(headers.get("retry-after")).not.toBeNull();
    }
  }
  const worst = Math.max(...took);
  console.info(`503 while ${what}: ${took.length} answers, the slowest after ${worst.toFixed(0)} ms`);
  expect(worst).toBeLessThan(LATEST);
}

/** Without a restart of the node everything works again: the same session lives and can be extended. */
export async function expectRecovery({ sessions }: Watched, browser: TestBrowser) {
  await until(async () => (await browser.ask()).status === 200, "the verifier does not recover");
  const check = await sessions.check(guarded(browser.cookie));
  expect(check.status).toBe("active");
  expect((await browser.beat(browser.live.now)).status).toBe(200);
}

/** The session of this browser has ended, and stays so. A store that answers too late for once says neither. */
export async function expectEnded({ sessions }: Watched, browser: TestBrowser) {
  await until(async () => (await browser.ask()).status !== 503, "the store does not answer in time");
  expect((await browser.ask()).body).toMatchObject({ type: "urn:curfew:session-ended", reason: "revoked" });
  expect((await browser.beat(Date.now())).status).toBe(401);
  expect((await sessions.check(guarded(browser.cookie))).status).toBe("ended");
}
