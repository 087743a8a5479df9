import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createSessionVerifier, type SessionVerifier } from "../../src/server/adapters/node.js";
import type { AuditRecord } from "../../src/server/audit/audit-record.js";
import { redisStore } from "../../src/server/stores/redis/store.js";
import { sqliteStore } from "../../src/server/stores/sqlite/store.js";
import type { SessionStore } from "../../src/server/stores/store.js";
import { createTestKey, TestBrowser } from "../server/support/test-browser.js";
import { createTestClock, type TestClock } from "../server/support/test-clock.js";
import { MINUTE, SILENT } from "../server/support/test-verifier.js";
import { redisAndFolder } from "../stores/support/redis-and-folder.js";
import * as before from "./curfew-0.3.0/server.js";

/** Two nodes on one store in the middle of a rollout: one runs the release before, one runs this one. */
interface Rollout {
  readonly old: SessionVerifier;
  readonly current: SessionVerifier;
  readonly clock: TestClock;
  readonly audit: AuditRecord[];
}

type Stores = (clock: TestClock) => { readonly before: SessionStore; readonly current: SessionStore };

const { redis, folder } = redisAndFolder();
let prefixes = 0;
let rollout: Rollout;

const STORES: Readonly<Record<string, Stores>> = {
  "an SQLite file": (clock) => {
    const file = join(folder(), `sessions-${prefixes++}.db`);
    return { before: before.sqliteStore(file, { clock }), current: sqliteStore(file, { clock }) };
  },
  "a Redis": (clock) => {
    const options = { clock, prefix: `test-${prefixes++}` };
    const send = ([command = "", ...args]: readonly string[]) => redis().admin.call(command, ...args);
    return { before: before.redisStore({ send }, options), current: redisStore(redis().url, options) };
  },
};

/** How long 0.3.0 waits for a store: by a timer, so that it takes a busy machine for a store that is away. */
const BUDGET_BEFORE = 200;
const setTimer = globalThis.setTimeout;
function setPatientTimer(task: () => void, wait?: number): NodeJS.Timeout {
  return setTimer(task, wait === BUDGET_BEFORE ? 50 * wait : wait);
}

function beginRollout(stores: Stores): Rollout {
  const clock = createTestClock();
  const audit: AuditRecord[] = [];
  const options = {
    policy: { idle: "15m", absolute: "12h", warning: "2m" },
    signInUrl: "/login",
    logger: SILENT,
    onEvent: (record: AuditRecord) => void audit.push(record),
  };
  const opened = stores(clock);
  const old = before.createSessionVerifier({ ...options, store: opened.before });
  const current = createSessionVerifier({ ...options, store: opened.current });
  return { old, current, clock, audit };
}

/** The same browser, as the other node sees it. */
function onNode(node: SessionVerifier, browser: TestBrowser): TestBrowser {
  const same = new TestBrowser(node, browser.key);
  same.cookie = browser.cookie;
  same.status = browser.status;
  return same;
}

describe.each(Object.entries(STORES))("on %s", (_store, stores) => {
  beforeEach(async () => {
    vi.stubGlobal("setTimeout", setPatientTimer);
    rollout = beginRollout(stores);
    await Promise.all([rollout.old.ready(), rollout.current.ready()]);
  });

  afterEach(async () => {
    await rollout.old.close();
    await rollout.current.close();
    vi.unstubAllGlobals();
  });

  describe.each([
    ["the release before", "this release", "old", "current"],
    ["this release", "the release before", "current", "old"],
  ] as const)("a session that began on %s", (_from, _to, from, to) => {
    async function begun() {
      const { [from]: first, [to]: second, clock } = rollout;
      const browser = await TestBrowser.signedIn(first);
      return { first, second, clock, browser };
    }

    test("is kept alive by heartbeats to either node, in turn", async () => {
      const { first, second, clock, browser } = await begun();
      let { status } = browser;
      for (let turn = 0; turn < 6; turn++) {
        clock.advance(10 * MINUTE);
        const there = onNode(turn % 2 === 0 ? second : first, browser);
        there.status = status;
        expect((await there.beat(clock.now())).status, `turn ${turn}`).toBe(200);
        ({ status } = there);
        expect(status?.lastActiveAt).toBe(clock.now());
      }
    });

    test("ends on time on both nodes, with the same reason and time", async () => {
      const { first, second, clock, browser } = await begun();
      const deadline = browser.live.expiresAt;
      clock.advance(15 * MINUTE - 1);
      for (const node of [first, second])
        expect((await node.check(browser.request("/"))).status).toBe("active");
      clock.advance(1);
      for (const node of [second, first])
        expect(await node.check(browser.request("/"))).toMatchObject({
          status: "ended",
          problem: { reason: "idle", endedAt: deadline },
        });
    });

    test("is ended by either node for both", async () => {
      const { first, second, browser } = await begun();
      await second.end(browser.live.sid);
      expect((await first.check(browser.request("/"))).status).toBe("ended");
    });

    test("is in the list of both, and endAll ends it", async () => {
      const { first, second, browser } = await begun();
      expect((await second.list("ann")).map(({ sid }) => sid)).toEqual([browser.live.sid]);
      await second.endAll("ann");
      expect(await first.list("ann")).toEqual([]);
    });

    test("is reauthenticated by the other node, keeps its key and goes on", async () => {
      const { second, clock, browser } = await begun();
      const there = onNode(second, browser);
      clock.advance(5 * MINUTE);
      await there.reauthenticate("ann");
      expect(there.live).toMatchObject({ sid: browser.live.sid, key: browser.key.thumbprint });
      expect((await there.beat(clock.now())).status).toBe(200);
    });

    test("keeps what either node knows of it, through the other's writes", async () => {
      const { first, second, clock, browser } = await begun();
      clock.advance(MINUTE);
      const there = onNode(second, browser);
      await there.beat(clock.now());
      const back = onNode(first, there);
      clock.advance(MINUTE);
      expect((await back.beat(clock.now())).status).toBe(200);
      expect((await first.list("ann"))[0]?.lastActiveAt).toBe(clock.now());
    });
  });

  describe("the sessions of a person that began on both releases", () => {
    const others = async () => {
      const { old, current } = rollout;
      const browsers = [await TestBrowser.signedIn(old), await TestBrowser.signedIn(current)];
      rollout.clock.advance(1);
      return browsers;
    };
    const checks = async (node: SessionVerifier, browsers: readonly TestBrowser[]) =>
      Promise.all(browsers.map(async (browser) => (await node.check(browser.request("/"))).status));

    test("are ended by endOthers on either, which spares the one that asks", async () => {
      for (const [first, second] of [
        [rollout.current, rollout.old],
        [rollout.old, rollout.current],
      ] as const) {
        const ended = await others();
        const own = await TestBrowser.signedIn(second);
        await first.endOthers(own.live.sid);
        for (const node of [first, second])
          expect(await checks(node, [...ended, own])).toEqual(["ended", "ended", "active"]);
      }
    });

    test("are ended by endAll on the release before, also the one that endOthers has spared on this one", async () => {
      const { old, current, clock } = rollout;
      const browsers = [...(await others()), await TestBrowser.signedIn(current)];
      await current.endOthers(browsers[2]?.live.sid ?? "");
      clock.advance(1);
      await old.endAll("ann");
      expect(await checks(current, browsers)).toEqual(["ended", "ended", "ended"]);
      const again = await TestBrowser.signedIn(current);
      expect(await checks(old, [again])).toEqual(["active"]);
      expect(await checks(current, [again])).toEqual(["active"]);
    });

    test("lose where they had begun on the release before when this one ended the others", async () => {
      const { old, current } = rollout;
      for (let round = 0; round < 40; round++) {
        const own = await TestBrowser.signedIn(current);
        const began = new TestBrowser(old, own.key);
        await Promise.allSettled([began.signIn("ann"), current.endOthers(own.live.sid)]);
        expect((await current.list("ann")).map(({ sid }) => sid)).toEqual([own.live.sid]);
        await current.endAll("ann");
      }
    });
  });

  test("a session whose roles and attributes no rule can name goes on, and is ended with all others", async () => {
    const { old, current, clock } = rollout;
    const odd: readonly object[] = [
      { roles: ["nurse", 5, null] },
      { attributes: { ward: "north", floor: null, seen: { at: 1 } } },
    ];
    for (const told of odd) {
      const { session, headers } = await old.start(new Request("https://app.test/", { method: "POST" }), {
        subject: "ann",
        ...told,
      });
      const cookie = headers.getSetCookie()[0]?.split(";")[0] ?? "";
      const asked = () => current.check(new Request("https://app.test/", { headers: { cookie } }));
      const found = await asked();
      const named = "roles" in told ? { roles: ["nurse"] } : { attributes: { ward: "north" } };
      expect(found).toMatchObject({ status: "active", session: { sid: session.sid, ...named } });
      expect(await current.endEverything()).toBe(1);
      expect((await asked()).status).toBe("ended");
      clock.advance(1_000);
    }
  });

  test("a node of this release reads what only the release before has written", async () => {
    const { old, current, clock } = rollout;
    const browser = new TestBrowser(old, await createTestKey());
    await browser.signIn("ann", { roles: ["nurse"] });
    const result = await current.check(browser.request("/"), { roles: "nurse" });
    expect(result).toMatchObject({ status: "active", session: { roles: ["nurse"], attributes: {} } });
    clock.advance(15 * MINUTE);
    expect((await current.check(browser.request("/"))).status).toBe("ended");
  });
});
