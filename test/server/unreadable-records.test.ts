/** One record that this release cannot read, in each store: refused alone, said once, and in nobody else's way. */
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { SessionVerifier } from "../../src/server/adapters/node.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import { redisStore } from "../../src/server/stores/redis/store.js";
import { openDatabase } from "../../src/server/stores/sqlite/driver.js";
import { sqliteStore } from "../../src/server/stores/sqlite/store.js";
import type { SessionStore } from "../../src/server/stores/store.js";
import { redisAndFolder } from "../stores/support/redis-and-folder.js";
import { until } from "../stores/support/redis-server.js";
import { TestBrowser } from "./support/test-browser.js";
import { createTestClock, type TestClock } from "./support/test-clock.js";
import { createTestVerifier, MINUTE } from "./support/test-verifier.js";

/** What becomes of the text of a record. */
type Change = (text: string) => string;

interface Opened {
  readonly store: SessionStore;
  /** Changes what is kept of a session, behind the store's back. */
  spoil(sid: string, change: Change): Promise<void>;
}

const { redis, folder } = redisAndFolder();
let count = 0;

const STORES: Readonly<Record<string, (clock: TestClock) => Opened>> = {
  memory(clock) {
    const store = memoryStore({ clock });
    return {
      store,
      async spoil(sid, change) {
        const found = await store.find(sid);
        if (found === null) throw new Error("there is such a session");
        const { record } = found;
        await store.replace(JSON.parse(change(JSON.stringify(record))), { revision: record.revision });
      },
    };
  },
  SQLite(clock) {
    const file = join(folder(), `sessions-${count++}.db`);
    return {
      store: sqliteStore(file, { clock, durability: "relaxed" }),
      async spoil(sid, change) {
        const { database } = openDatabase(file);
        const [row] = database.prepare("SELECT record FROM curfew_sessions WHERE sid = ?").all(sid) as {
          record: string;
        }[];
        database
          .prepare("UPDATE curfew_sessions SET record = ? WHERE sid = ?")
          .run(change(row?.record ?? ""), sid);
        database.close();
      },
    };
  },
  Redis(clock) {
    const prefix = `test-${count++}`;
    return {
      store: redisStore(redis().url, { clock, prefix }),
      async spoil(sid, change) {
        const key = `${prefix}:{${sid}}`;
        await redis().admin.hset(key, "record", change((await redis().admin.hget(key, "record")) ?? ""));
      },
    };
  },
};

const VERSION_9: Change = (text) => JSON.stringify({ ...JSON.parse(text), v: 9 });

describe.each(Object.entries(STORES))("in %s", (name, open) => {
  let clock: TestClock;
  let opened: Opened;
  let sessions: SessionVerifier;
  const log: string[] = [];
  const audit: string[] = [];

  beforeEach(async () => {
    clock = createTestClock();
    opened = open(clock);
    log.length = audit.length = 0;
    const add = (line: string) => void log.push(line);
    ({ sessions } = createTestVerifier({
      store: opened.store,
      logger: { info: add, warn: add, error: add },
      onEvent: ({ type, sid }) => void audit.push(`${type} ${sid}`),
    }));
    await sessions.ready();
  });
  afterEach(() => sessions.close());

  test("a record of version 9: 503 for that browser, a line in the log that says so once, and others go on", async () => {
    const [odd, other] = [await TestBrowser.signedIn(sessions), await TestBrowser.signedIn(sessions)];
    const { sid } = odd.live;
    await opened.spoil(sid, VERSION_9);
    for (let round = 0; round < 3; round++) {
      expect((await sessions.check(odd.request("/"))).status).toBe("unavailable");
      for (const { status, body } of [await odd.ask(), await odd.beat(clock.now())])
        expect({ status, type: body.type }).toEqual({ status: 503, type: "urn:curfew:unavailable" });
      expect((await sessions.check(other.request("/"))).status).toBe("active");
      expect((await other.beat(clock.now())).status).toBe(200);
    }
    expect(await sessions.health()).toMatchObject({ status: "ok" });
    await expect(sessions.find(sid)).rejects.toMatchObject({ status: 503 });
    // A sign-in ends what the browser had; here nobody can.
    await expect(odd.signIn("ann")).rejects.toMatchObject({ status: 503 });
    await expect(sessions.end(sid)).rejects.toThrow(
      `the session ${sid} in the store cannot be read: it is of version 9, and this release reads 1 to 2: run the release that wrote it, or the one before`,
    );
    expect(log).toEqual([
      `curfew: the session ${sid} in the store cannot be read: it is of version 9, and this release reads 1 to 2: run the release that wrote it, or the one before (others that are like it are not named)`,
    ]);
  });

  test("lists, sweeps and ends of others leave it out; the end of everything says that it is left", async () => {
    const browsers = [
      await TestBrowser.signedIn(sessions),
      await TestBrowser.signedIn(sessions),
      await TestBrowser.signedIn(sessions),
    ];
    const [odd = "", swept = "", ended = ""] = browsers.map(({ live }) => live.sid);
    await opened.spoil(odd, VERSION_9);
    expect(new Set((await sessions.list("ann")).map(({ sid }) => sid))).toEqual(new Set([swept, ended]));
    await sessions.end(ended);
    clock.advance(15 * MINUTE);
    await until(() => audit.includes(`session_expired ${swept}`), "the sweeper stops at the odd record");
    expect(audit.filter((line) => line.includes(odd)).some((line) => /expired|revoked/.test(line))).toBe(
      false,
    );
    const late = await TestBrowser.signedIn(sessions);
    await expect(sessions.endEverything()).rejects.toThrow(/sessions? .*ended.*of version 9/s);
    expect((await sessions.check(late.request("/"))).status).toBe("ended");
    await sessions.endAll("ann");
    expect(log.filter((line) => line.includes("cannot be swept"))).toEqual([]);
  });

  test("a browser that names it as its own before a new sign-in is told of no same person, and not refused", async () => {
    const [odd, other] = [await TestBrowser.signedIn(sessions), await TestBrowser.signedIn(sessions)];
    await opened.spoil(odd.live.sid, VERSION_9);
    const { status, body } = await other.ask(`?was=${odd.live.sid}`);
    expect({ status, sameSubject: body.sameSubject }).toEqual({ status: 200, sameSubject: false });
  });

  test.each<readonly [string, Change, RegExp]>([
    [
      "has no absolute timeout",
      (text) => without(text, "absoluteTimeout"),
      /"absoluteTimeout" is missing or of another type/,
    ],
    [
      "has a time that is no number",
      (text) => JSON.stringify({ ...JSON.parse(text), lastActiveAt: "now" }),
      /"lastActiveAt"/,
    ],
    [
      "has an end of a kind that nobody knows",
      (text) => JSON.stringify({ ...JSON.parse(text), ended: { reason: "away", endedAt: 1 } }),
      /"ended\.reason"/,
    ],
    ["has no version", (text) => without(text, "v"), /it is of no version/],
  ])("a record that %s is refused, and lets nobody in for ever", async (_what, change, reason) => {
    const browser = await TestBrowser.signedIn(sessions);
    await opened.spoil(browser.live.sid, change);
    expect((await sessions.check(browser.request("/"))).status).toBe("unavailable");
    expect(log.join("\n")).toMatch(reason);
  });

  if (name !== "memory")
    test("a record that is no JSON is refused too", async () => {
      const browser = await TestBrowser.signedIn(sessions);
      await opened.spoil(browser.live.sid, (text) => text.slice(0, -10));
      expect((await sessions.check(browser.request("/"))).status).toBe("unavailable");
      expect(log.join("\n")).toMatch(/it is no JSON/);
    });

  test("a record of the next version lives, is extended, and keeps what only that release knows", async () => {
    const browser = await TestBrowser.signedIn(sessions);
    const { sid } = browser.live;
    await opened.spoil(sid, (text) => JSON.stringify({ ...JSON.parse(text), v: 2, fromLater: { a: [1] } }));
    clock.advance(MINUTE);
    await browser.ask();
    expect((await browser.beat(clock.now())).status).toBe(200);
    expect((await opened.store.find(sid))?.record).toMatchObject({ v: 2, fromLater: { a: [1] } });
    await sessions.end(sid);
    expect((await browser.ask()).body.reason).toBe("revoked");
  });
});

function without(text: string, member: string): string {
  return JSON.stringify({ ...JSON.parse(text), [member]: undefined });
}
