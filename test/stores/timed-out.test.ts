/** Ends by time are remembered in every store, across two nodes, crashes, sweeps and purges. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { memoryStore } from "../../src/server/stores/memory.js";
import { redisStore } from "../../src/server/stores/redis/store.js";
import { sqliteStore } from "../../src/server/stores/sqlite/store.js";
import type { SessionStore } from "../../src/server/stores/store.js";
import type { SignInOptions } from "../../src/server/verifier/sign-in.js";
import { ORIGIN } from "../server/support/test-browser.js";
import { createTestClock, type TestClock } from "../server/support/test-clock.js";
import { createTestVerifier, MINUTE } from "../server/support/test-verifier.js";
import { type RedisServer, startRedis, until } from "./support/redis-server.js";

const IDLE = 15 * MINUTE;
const DAY = 24 * 60 * MINUTE;
const IDP = { iss: "https://id.test", sid: "provider-session-1" };
const RULES = [{ roles: ["ops"], absolute: "20d", relax: true, justification: "on call" }];
const POLICY = { idle: "15m", absolute: "12h", warning: "2m", rules: RULES };

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
}, 60_000);
afterAll(() => redis.stop());

let opened = 0;
const STORES: readonly { readonly name: string; open(clock: TestClock): () => SessionStore }[] = [
  {
    name: "in memory",
    open(clock) {
      const store = memoryStore({ clock });
      return () => store;
    },
  },
  {
    name: "in SQLite",
    open(clock) {
      const folder = mkdtempSync(join(tmpdir(), "curfew-"));
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
      return () => sqliteStore(join(folder, "sessions.db"), { clock, durability: "relaxed" });
    },
  },
  {
    name: "in Redis",
    open(clock) {
      const prefix = `timed-out-${++opened}`;
      return () => redisStore(redis.url, { clock, prefix });
    },
  },
];

describe.each(STORES)("$name", ({ open }) => {
  async function scene() {
    const clock = createTestClock();
    const openStore = open(clock);
    const add = (wrap: (store: SessionStore) => SessionStore = (store) => store) => {
      const store = wrap(openStore());
      const node = createTestVerifier({ policy: POLICY, store });
      onTestFinished(() => node.sessions.close());
      return {
        ...node,
        store,
        async start(cookie: string | null, options: Partial<SignInOptions>) {
          const headers: Record<string, string> = cookie === null ? {} : { cookie };
          return node.sessions.start(new Request(ORIGIN, { headers }), { subject: "ann", ...options }).then(
            ({ headers: answered }) => answered.getSetCookie()[0]?.split(";")[0] ?? "",
            (error: unknown) => String(Object(error).code),
          );
        },
        status: async (cookie: string) =>
          (await node.sessions.check(new Request(ORIGIN, { headers: { cookie } }))).status,
      };
    };
    const [here, there] = [add(), add()];
    await Promise.all([here, there].map(({ sessions }) => sessions.ready()));
    const authenticatedAt = clock.now();
    const cookie = await here.start(null, { authenticatedAt, idp: IDP });
    return { clock, add, here, there, authenticatedAt, cookie };
  }

  test("an end that one node has written holds sign-ins on the other back, and a later purge forgets nothing", async () => {
    const { clock, here, there, authenticatedAt, cookie } = await scene();
    clock.advance(14 * MINUTE);
    const between = clock.now();
    clock.advance(MINUTE);
    // The sweeper of one of the two is the first to see it.
    await until(
      () => [...here.audit, ...there.audit].some(({ type }) => type === "session_expired"),
      "nobody has swept",
    );
    for (const days of [0, 1, 5]) {
      clock.advance(days * DAY);
      for (const node of [here, there]) {
        await node.store.purge();
        for (const at of [authenticatedAt, between])
          for (const [presented, idp] of [
            [cookie],
            [null],
            [null, IDP],
            [null, { ...IDP, sid: "2" }],
          ] as const)
            expect(
              await node.start(presented, { authenticatedAt: at, roles: ["ops"], ...(idp && { idp }) }),
              `after ${days} days`,
            ).toBe("stale-authentication");
      }
    }
    expect(await there.start(cookie, { authenticatedAt: clock.now(), idp: IDP })).toMatch(/^__Host-curfew=/);
  });

  test("a node that is killed before the tombstone is written has remembered the end", async () => {
    const { clock, add, there, authenticatedAt, cookie } = await scene();
    clock.advance(IDLE);
    const killed = add((store) => ({
      ...store,
      replace: () => Promise.reject(new Error("this node was killed")),
    }));
    expect(await killed.status(cookie)).toBe("unavailable");
    expect(await there.start(null, { authenticatedAt })).toBe("stale-authentication");
    expect(await there.status(cookie)).toBe("ended");
  });

  test("where an end cannot be remembered no tombstone is written, and nobody passes", async () => {
    const { clock, add, there, authenticatedAt, cookie } = await scene();
    clock.advance(IDLE);
    const failing = add((store) => ({
      ...store,
      due: async () => [],
      replaceSubject: () => Promise.reject(new Error("the disk is full")),
    }));
    expect(await failing.status(cookie)).toBe("unavailable");
    expect(await there.start(cookie, { authenticatedAt })).toBe("stale-authentication");
  });

  test("of 50 silent sign-ins that race the deadline on two nodes none has a session", async () => {
    const { clock, here, there, authenticatedAt, cookie } = await scene();
    clock.advance(IDLE);
    const outcomes = await Promise.all(
      [...Array(50)].map((_, at) =>
        (at % 2 ? here : there).start(at % 3 ? null : cookie, {
          authenticatedAt,
          ...(at % 5 ? {} : { idp: IDP }),
        }),
      ),
    );
    expect(new Set(outcomes)).toEqual(new Set(["stale-authentication"]));
    expect(await here.sessions.list("ann")).toEqual([]);
  });

  test("many sessions that end at once are remembered by their newest", async () => {
    const { clock, here, there } = await scene();
    const last = clock.now() + 30_000;
    for (let count = 0; count < 30; count++) {
      clock.advance(1_000);
      await here.start(null, { authenticatedAt: clock.now() });
    }
    clock.advance(IDLE);
    await Promise.all([here, there].map(({ sessions }) => sessions.list("ann")));
    const end = last + IDLE;
    expect(await there.start(null, { authenticatedAt: end - 6_000 })).toBe("stale-authentication");
    expect(await there.start(null, { authenticatedAt: end })).toMatch(/^__Host-curfew=/);
  });
});
