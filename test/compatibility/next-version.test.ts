/**
 * A release whose records are of the next version: it reads what this version and 0.3.0 have written, in every store,
 * and what it writes then is of its own version. Here the numbers alone are changed, as such a release would.
 */
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { memoryStore } from "../../src/server/stores/memory.js";
import { redisStore } from "../../src/server/stores/redis/store.js";
import { sqliteStore } from "../../src/server/stores/sqlite/store.js";
import type { SessionStore } from "../../src/server/stores/store.js";
import { TestBrowser } from "../server/support/test-browser.js";
import { createTestClock, type TestClock } from "../server/support/test-clock.js";
import { createTestVerifier, MINUTE, SILENT } from "../server/support/test-verifier.js";
import { redisAndFolder } from "../stores/support/redis-and-folder.js";
import * as before from "./curfew-0.3.0/server.js";

const NEXT = vi.hoisted(() => 2);
vi.mock("../../src/server/record/session.js", async (original) => ({
  ...(await original<object>()),
  RECORD_VERSION: NEXT,
}));
vi.mock("../../src/server/record/subject.js", async (original) => ({
  ...(await original<object>()),
  SUBJECT_VERSION: NEXT,
}));

const { redis, folder } = redisAndFolder();

interface Stores {
  readonly name: string;
  /** The store that 0.3.0 has written to, opened by it. */
  before(clock: TestClock): SessionStore;
  after(clock: TestClock): SessionStore;
}

const file = () => join(folder(), "sessions.db");
const send = ([command = "", ...args]: readonly string[]) => redis().admin.call(command, ...args);
const STORES: readonly Stores[] = [
  {
    name: "SQLite",
    before: (clock) => before.sqliteStore(file(), { clock }),
    after: (clock) => sqliteStore(file(), { clock }),
  },
  {
    name: "Redis",
    before: (clock) => before.redisStore({ send }, { clock }),
    after: (clock) => redisStore(redis().url, { clock }),
  },
];

const policy = { idle: "15m", absolute: "12h", warning: "2m" };

async function expectGoesOn(store: SessionStore, clock: TestClock, browser: TestBrowser, version: number) {
  const { sessions } = createTestVerifier({ store });
  await sessions.ready();
  const { sid } = browser.live;
  expect((await store.find(sid))?.record.v).toBe(NEXT);
  const there = Object.assign(new TestBrowser(sessions, browser.key), { cookie: browser.cookie });
  expect((await there.ask()).status).toBe(200);
  clock.advance(MINUTE);
  expect((await there.beat(clock.now())).status).toBe(200);
  expect((await sessions.list("ann")).map((session) => session.sid)).toEqual([sid]);
  await sessions.endAll("ann");
  expect((await there.ask()).body.reason).toBe("revoked");
  expect((await store.findSubject("curfew", "ann")).record?.v).toBe(NEXT);
  await sessions.close();
  expect(version).toBe(1);
}

test.each(STORES)(
  "what 0.3.0 has kept in $name goes on, and is of the next version once it is written",
  async (stores) => {
    const clock = createTestClock();
    const old = before.createSessionVerifier({
      policy: { ...policy, maxSessions: 3 },
      store: stores.before(clock),
      signInUrl: "/login",
      logger: SILENT,
    });
    await vi.waitFor(() => old.ready(), { timeout: 20_000 });
    const browser = await TestBrowser.signedIn(old);
    const kept = await stores.before(clock).find(browser.live.sid);
    await old.close();
    await expectGoesOn(stores.after(clock), clock, browser, kept?.record.v ?? 0);
  },
);

test("what is of this version in a store in memory goes on too", async () => {
  const clock = createTestClock();
  const store = memoryStore({ clock });
  const { sessions } = createTestVerifier({ store });
  const browser = await TestBrowser.signedIn(sessions);
  const found = await store.find(browser.live.sid);
  if (found === null) throw new Error("there is such a session");
  await store.replace({ ...found.record, v: 1 }, { revision: found.record.revision });
  await expectGoesOn(store, clock, browser, 1);
});

test("what is two versions ahead of a release is refused by its number", async () => {
  const store = memoryStore();
  const { sessions } = createTestVerifier({ store });
  const browser = await TestBrowser.signedIn(sessions);
  const found = await store.find(browser.live.sid);
  if (found === null) throw new Error("there is such a session");
  await store.replace({ ...found.record, v: 4 }, { revision: found.record.revision });
  expect((await sessions.check(browser.request("/"))).status).toBe("unavailable");
  await expect(sessions.end(browser.live.sid)).rejects.toThrow(
    "it is of version 4, and this release reads 1 to 3",
  );
});
