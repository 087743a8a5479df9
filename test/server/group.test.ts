import { expect, test, vi } from "vitest";
import { sha256 } from "../../src/server/platform/secrets.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import { redisStore } from "../../src/server/stores/redis/store.js";
import { atEnd, describeEveryStore, type EveryStore } from "../stores/support/every-store.js";
import { startRedis } from "../stores/support/redis-server.js";
import { createTestClock } from "./support/test-clock.js";
import { asked, type GroupApp, groupApp, IDLE, SIGN_IN } from "./support/test-group.js";
import { MINUTE } from "./support/test-verifier.js";

type AppOptions = Partial<Parameters<typeof groupApp>[2]>;

function groupOver(open: () => EveryStore) {
  const kept = open();
  const { clock } = kept;
  const app = async (
    name: string,
    trusts: readonly string[],
    options: AppOptions = {},
  ): Promise<GroupApp> => {
    const made = groupApp(name, trusts, { store: kept.open(), ...options });
    atEnd(() => made.sessions.close());
    await made.sessions.ready();
    return made;
  };
  return { clock, app };
}

const carriedIn = ({ audit }: GroupApp) => audit.filter(({ type }) => type === "session_carried");

describeEveryStore(60_000, (open) => {
  test("an app lives on while a person works in another one that it trusts, and ends by its own idle time to the millisecond", async () => {
    const { clock, app } = groupOver(open);
    const mail = await app("mail", []);
    const crm = await app("crm", ["mail"]);
    const [a, b] = [await mail.tab(), await crm.tab()];
    const { sid } = b.live;
    for (let beat = 0; beat < 6; beat++) {
      clock.advance(10 * MINUTE);
      expect((await a.beat(clock.now() - 5)).status).toBe(200);
    }
    const lastActiveAt = clock.now() - 5;
    expect(await asked(b)).toBe("active");
    expect(b.live).toMatchObject({
      sid,
      lastActiveAt,
      idleExpiresAt: lastActiveAt + IDLE,
      policy: { activity: "group" },
    });
    // mail trusts nobody, and goes by its own activity, which is the same.
    expect(await asked(a)).toBe("active");
    expect(a.live.policy).not.toHaveProperty("activity");
    clock.advance(lastActiveAt + IDLE - 1 - clock.now());
    expect(await asked(b)).toBe("active");
    clock.advance(1);
    expect(await asked(b)).toBe("idle");
    expect(crm.audit.at(-1)).toMatchObject({
      type: "session_expired",
      reason: "idle",
      endedAt: new Date(lastActiveAt + IDLE).toISOString(),
      lastActiveAt: new Date(lastActiveAt).toISOString(),
    });
  });

  test("the trail names the app, the heartbeat and when it was accepted", async () => {
    const { clock, app } = groupOver(open);
    const mail = await app("mail", []);
    const crm = await app("crm", ["mail"]);
    const [a, b] = [await mail.tab(), await crm.tab()];
    clock.advance(10 * MINUTE);
    await a.beat(clock.now() - 1_000);
    const at = clock.now();
    clock.advance(MINUTE);
    await b.ask();
    const { heartbeat = "" } = mail.audit.find(({ type }) => type === "session_renewed") ?? {};
    expect(carriedIn(crm)).toEqual([
      expect.objectContaining({
        sid: b.live.sid,
        carriedBy: "mail",
        heartbeatHash: sha256(heartbeat),
        acceptedAt: new Date(at).toISOString(),
        lastActiveAt: new Date(at - 1_000).toISOString(),
        expiresAt: new Date(at - 1_000 + IDLE).toISOString(),
        change: 3,
      }),
    ]);
  });

  test("the sweeper ends at its own time what nobody looks at, and leaves what the group keeps", async () => {
    const { clock, app } = groupOver(open);
    const mail = await app("mail", []);
    const crm = await app("crm", ["mail"]);
    const [a, b] = [await mail.tab(), await crm.tab()];
    clock.advance(10 * MINUTE);
    await a.beat(clock.now());
    const end = clock.now() + IDLE;
    clock.advance(6 * MINUTE);
    await expect.poll(() => carriedIn(crm).length, { timeout: 20_000 }).toBe(1);
    clock.advance(end - clock.now());
    const ended = () => crm.audit.find(({ type }) => type === "session_expired");
    await expect.poll(ended, { timeout: 20_000 }).toMatchObject({ endedAt: new Date(end).toISOString() });
    expect(await asked(b)).toBe("idle");
  });

  test("an end of the group is a 401 in each of its apps at the next request, and a sign-in from before it starts none", async () => {
    const { clock, app } = groupOver(open);
    const mail = await app("mail", []);
    const crm = await app("crm", ["mail"]);
    const authenticatedAt = clock.now() - 1_000;
    const [a, b] = [await mail.tab({ authenticatedAt }), await crm.tab({ authenticatedAt })];
    const other = await crm.tab({ group: "another sign-in of hers", subject: "ann" });
    clock.advance(MINUTE);
    await mail.sessions.end(a.live.sid, "revoked", { scope: "group" });
    expect([await asked(a), await asked(b), await asked(other)]).toEqual(["revoked", "revoked", "active"]);
    expect(crm.audit.at(-1)).toMatchObject({ type: "session_revoked", sid: b.live.sid });
    await expect(b.signIn("ann", { group: SIGN_IN, authenticatedAt })).rejects.toMatchObject({
      code: "revoked",
    });
    clock.advance(MINUTE);
    expect(await asked(await crm.tab({ authenticatedAt: clock.now() - 1 }))).toBe("active");
  });
});

test("the Redis that keeps the group is killed: each app answers, lives by its own clock, and finds the group again", async () => {
  const redis = await startRedis();
  const clock = createTestClock();
  const log: string[] = [];
  const app = async (name: string, trusts: readonly string[]) => {
    const made = groupApp(name, trusts, {
      store: memoryStore({ clock }),
      groupStore: redisStore(redis.url, { clock, prefix: "group" }),
      logger: { info: () => {}, warn: () => {}, error: (line) => log.push(line) },
    });
    await made.sessions.ready();
    return made;
  };
  const [mail, crm] = [await app("mail", []), await app("crm", ["mail"])];
  try {
    const [a, b] = [await mail.tab(), await crm.tab()];
    // Redis may be late on a busy machine: then the next heartbeat counts.
    const isShared = () =>
      vi.waitFor(
        async () => {
          expect((await a.beat(clock.now())).status).toBe(200);
          await asked(b);
          expect(b.live.lastActiveAt).toBe(clock.now());
        },
        { timeout: 30_000, interval: 500 },
      );
    clock.advance(10 * MINUTE);
    await isShared();
    const { lastActiveAt } = b.live;
    clock.advance(10 * MINUTE);
    await redis.kill();
    expect((await a.beat(clock.now())).status).toBe(200);
    expect([await asked(a), await asked(b)]).toEqual(["active", "active"]);
    expect(b.live.lastActiveAt).toBe(lastActiveAt);
    expect(log.join("\n")).toMatch(/store of the group bank is away/);
    await redis.restart();
    await isShared();
  } finally {
    await Promise.all([mail, crm].map(({ sessions }) => sessions.close().catch(() => {})));
    await redis.stop();
  }
});
