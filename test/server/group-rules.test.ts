import { describe, expect, test } from "vitest";
import { createSessionVerifier } from "../../src/server/adapters/node.js";
import { StoreUnavailableError } from "../../src/server/platform/errors.js";
import { explainPolicy } from "../../src/server/policy/explain.js";
import { readPolicy } from "../../src/server/policy/policy.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import type { SessionStore } from "../../src/server/stores/store.js";
import { createTestClock } from "./support/test-clock.js";
import { asked, groupApp, IDLE, SHARED, SIGN_IN } from "./support/test-group.js";
import { MINUTE, SILENT } from "./support/test-verifier.js";

type AppOptions = Partial<Parameters<typeof groupApp>[2]>;

function oneStore() {
  const clock = createTestClock();
  const store = memoryStore({ clock });
  const app = (name: string, trusts: readonly string[], options: AppOptions = {}) =>
    groupApp(name, trusts, { store, ...options });
  return { clock, app };
}

const NOTHING = { pointer: 0, key: 0, touch: 0, wheel: 0, media: 0, other: 0 };
const MEDIA = { payload: { counts: { ...NOTHING, media: 5 } } };

describe("nothing carries a session but an accepted heartbeat of an app that is trusted:", () => {
  test("requests to the other app do not", async () => {
    const { clock, app } = oneStore();
    const [mail, crm] = [app("mail", []), app("crm", ["mail"])];
    const [a, b] = [await mail.tab(), await crm.tab()];
    for (let asks = 0; asks < 14; asks++) {
      clock.advance(MINUTE);
      expect([await asked(a), await asked(b)]).toEqual(["active", "active"]);
    }
    clock.advance(MINUTE);
    expect([await asked(a), await asked(b)]).toEqual(["idle", "idle"]);
  });

  test("an app of the group that is not named does not, though it calls itself a member", async () => {
    const { clock, app } = oneStore();
    const [games, crm] = [app("games", []), app("crm", ["mail"])];
    const [a, b] = [await games.tab(), await crm.tab()];
    clock.advance(10 * MINUTE);
    expect((await a.beat(clock.now())).status).toBe(200);
    clock.advance(5 * MINUTE);
    expect([await asked(a), await asked(b)]).toEqual(["active", "idle"]);
  });

  test("what another app was told by a third does not", async () => {
    const { clock, app } = oneStore();
    const [games, mail, crm] = [app("games", []), app("mail", ["games"]), app("crm", ["mail"])];
    const [a, b, c] = [await games.tab(), await mail.tab(), await crm.tab()];
    clock.advance(10 * MINUTE);
    await a.beat(clock.now());
    clock.advance(4 * MINUTE);
    // games has carried mail; the heartbeat of mail tells of an input before that.
    expect(await asked(b)).toBe("active");
    expect((await b.beat(clock.now() - 13 * MINUTE)).status).toBe(200);
    clock.advance(MINUTE);
    expect([await asked(b), await asked(c)]).toEqual(["active", "active"]);
    expect(c.live.idleExpiresAt).toBe(clock.now() - 14 * MINUTE + IDLE);
  });

  test("a refused one does not, nor one of media alone", async () => {
    const { clock, app } = oneStore();
    const mail = app("mail", [], { policy: { idle: "15m", absolute: "12h", warning: "2m", media: "1h" } });
    const crm = app("crm", ["mail"]);
    const [a, b] = [await mail.tab(), await crm.tab()];
    clock.advance(10 * MINUTE);
    expect((await a.beat(clock.now(), { payload: { nonce: a.live.sid } })).status).toBe(409);
    expect((await a.beat(clock.now(), MEDIA)).status).toBe(200);
    clock.advance(5 * MINUTE);
    expect([await asked(a), await asked(b)]).toEqual(["active", "idle"]);
  });

  test("a reauthentication there does not", async () => {
    const { clock, app } = oneStore();
    const [mail, crm] = [app("mail", []), app("crm", ["mail"])];
    const [a, b] = [await mail.tab(), await crm.tab()];
    clock.advance(10 * MINUTE);
    await a.reauthenticate("ann");
    clock.advance(5 * MINUTE);
    expect([await asked(a), await asked(b)]).toEqual(["active", "idle"]);
  });

  test("an automated one does not where the policy refuses automated browsers", async () => {
    const { clock, app } = oneStore();
    const mail = app("mail", []);
    const lax = app("lax", ["mail"]);
    const strict = app("strict", ["mail"], { policy: { ...SHARED, automated: "refuse" } });
    const [a, b, c] = [await mail.tab(), await lax.tab(), await strict.tab()];
    clock.advance(10 * MINUTE);
    expect((await a.beat(clock.now(), { payload: { automated: true } })).status).toBe(200);
    clock.advance(5 * MINUTE);
    expect([await asked(b), await asked(c)]).toEqual(["active", "idle"]);
  });

  test("that of another sign-in does not, though it is the same person's", async () => {
    const { clock, app } = oneStore();
    const [mail, crm] = [app("mail", []), app("crm", ["mail"])];
    const [a, b] = [await mail.tab({ group: "at another desk today" }), await crm.tab()];
    clock.advance(10 * MINUTE);
    await a.beat(clock.now());
    clock.advance(5 * MINUTE);
    expect([await asked(a), await asked(b)]).toEqual(["active", "idle"]);
  });

  test("nor of another group with the same apps", async () => {
    const { clock, app } = oneStore();
    const mail = app("mail", [], { group: { name: "clinic" } });
    const crm = app("crm", ["mail"]);
    const [a, b] = [await mail.tab(), await crm.tab()];
    clock.advance(10 * MINUTE);
    await a.beat(clock.now());
    clock.advance(5 * MINUTE);
    expect([await asked(a), await asked(b)]).toEqual(["active", "idle"]);
  });
});

test("an app whose policy says own hears of the group's end, and lives by its own activity", async () => {
  const { clock, app } = oneStore();
  const [mail, till] = [app("mail", []), app("till", [])];
  const [a, b] = [await mail.tab(), await till.tab()];
  clock.advance(10 * MINUTE);
  await a.beat(clock.now());
  clock.advance(5 * MINUTE);
  expect([await asked(a), await asked(b)]).toEqual(["active", "idle"]);
  expect(till.audit.some(({ type }) => type === "session_carried")).toBe(false);
});

test("a session that has ended stays ended, and one that nobody asked after ended at its own time", async () => {
  const { clock, app } = oneStore();
  const [mail, crm] = [app("mail", []), app("crm", ["mail"], { policy: { ...SHARED, idle: "10m" } })];
  const [a, b, unasked] = [await mail.tab(), await crm.tab(), await crm.tab({ subject: "ann" })];
  const startedAt = clock.now();
  clock.advance(10 * MINUTE);
  expect(await asked(b)).toBe("idle");
  clock.advance(2 * MINUTE);
  await a.beat(clock.now());
  expect([await asked(b), await asked(unasked)]).toEqual(["idle", "idle"]);
  expect(crm.audit.filter(({ type }) => type === "session_expired").map(({ endedAt }) => endedAt)).toEqual([
    new Date(startedAt + 10 * MINUTE).toISOString(),
    new Date(startedAt + 10 * MINUTE).toISOString(),
  ]);
  expect((await b.beat(clock.now())).status).toBe(401);
  // Nor does its end take the other app along.
  expect(await asked(a)).toBe("active");
});

test("a page that has begun to warn is told that there is news, and one that has not is left in peace", async () => {
  const { clock, app } = oneStore();
  const [mail, crm] = [app("mail", []), app("crm", ["mail"])];
  const [a, b] = [await mail.tab(), await crm.tab()];
  const { body } = await crm.sessions.handle(b.request("/curfew/events"));
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  let heard = "";
  const listening = (async () => {
    for (;;) {
      const { value, done } = (await reader?.read()) ?? { value: "", done: true };
      if (done) return;
      heard += value;
    }
  })();
  clock.advance(10 * MINUTE);
  await a.beat(clock.now());
  expect(await asked(b)).toBe("active");
  clock.advance(13 * MINUTE);
  expect(await asked(b)).toBe("active");
  expect(heard).not.toContain("changed");
  await a.beat(clock.now());
  // Nobody asks: the verifier looks at what is watched by itself.
  await expect.poll(() => heard, { timeout: 20_000 }).toContain("event: changed");
  expect(heard.split("event:")).toHaveLength(2);
  await crm.sessions.close();
  await listening;
});

test("the absolute timeout is each app's own, and no activity moves it", async () => {
  const { clock, app } = oneStore();
  const [mail, crm] = [app("mail", []), app("crm", ["mail"], { policy: { ...SHARED, absolute: "1h" } })];
  const [a, b] = [await mail.tab(), await crm.tab()];
  const { absoluteExpiresAt } = b.live;
  for (let beat = 0; beat < 11; beat++) {
    clock.advance(5 * MINUTE);
    await a.beat(clock.now());
    expect(await asked(b)).toBe("active");
    expect(b.live.absoluteExpiresAt).toBe(absoluteExpiresAt);
  }
  clock.advance(absoluteExpiresAt - clock.now());
  expect([await asked(a), await asked(b)]).toEqual(["active", "absolute"]);
});

test("media of its own keeps a session by its own input, however active the others are", async () => {
  const { clock, app } = oneStore();
  const mail = app("mail", []);
  const crm = app("crm", ["mail"], { policy: { ...SHARED, media: "20m" } });
  const [a, b] = [await mail.tab(), await crm.tab()];
  const startedAt = clock.now();
  clock.advance(10 * MINUTE);
  await a.beat(clock.now());
  clock.advance(14 * MINUTE);
  await b.ask();
  await b.beat(clock.now(), MEDIA);
  expect(b.live.lastActiveAt).toBe(startedAt + 20 * MINUTE);
});

test("a session that never had a key is carried as the others are, and is told that it cannot extend itself", async () => {
  const { clock, app } = oneStore();
  const [mail, crm] = [app("mail", []), app("crm", ["mail"])];
  const [a, b] = [await mail.tab(), await crm.tab({ bind: false })];
  clock.advance(10 * MINUTE);
  await a.beat(clock.now());
  clock.advance(10 * MINUTE);
  expect(await asked(b)).toBe("active");
  expect(b.live).toMatchObject({ key: null, canExtend: false });
});

describe("end() of a group", () => {
  test("says in each app's trail who ended it, and why", async () => {
    const { app } = oneStore();
    const [mail, crm] = [app("mail", []), app("crm", ["mail"])];
    const [a, b] = [await mail.tab(), await crm.tab()];
    const by = { actor: "admin-7", note: "ticket 4711" };
    await mail.sessions.end(a.live.sid, "revoked", { scope: "group", ...by });
    expect(await asked(b)).toBe("revoked");
    for (const { audit } of [mail, crm])
      expect(audit.at(-1)).toMatchObject({ type: "session_revoked", ...by });
  });

  test("ends no other sign-in of the person, and plain end() no other app's session", async () => {
    const { app } = oneStore();
    const [mail, crm] = [app("mail", []), app("crm", ["mail"])];
    const [a, b] = [await mail.tab(), await crm.tab()];
    const elsewhere = await crm.tab({ group: "at another desk today" });
    await mail.sessions.end(a.live.sid, "signed-out");
    expect([await asked(a), await asked(b)]).toEqual(["signed-out", "active"]);
    // Its tombstone still knows the group.
    await mail.sessions.end(a.live.sid, "signed-out", { scope: "group" });
    expect([await asked(a), await asked(b), await asked(elsewhere)]).toEqual([
      "signed-out",
      "signed-out",
      "active",
    ]);
  });

  test("finds the deadline that had passed before, also one that the group had moved", async () => {
    const { clock, app } = oneStore();
    const [mail, crm] = [app("mail", []), app("crm", ["mail"])];
    const till = app("till", []);
    const [a, b, c] = [await mail.tab(), await crm.tab(), await till.tab()];
    clock.advance(10 * MINUTE);
    await a.beat(clock.now());
    clock.advance(6 * MINUTE);
    await mail.sessions.end(a.live.sid, "revoked", { scope: "group" });
    clock.advance(60 * MINUTE);
    expect([await asked(b), await asked(c)]).toEqual(["revoked", "idle"]);
  });

  test("of a session that ended with an earlier end of the group ends none of the new ones", async () => {
    const { clock, app } = oneStore();
    const [mail, crm] = [app("mail", []), app("crm", ["mail"])];
    const a = await mail.tab();
    await mail.sessions.end(a.live.sid, "signed-out", { scope: "group" });
    clock.advance(MINUTE);
    const b = await crm.tab();
    await mail.sessions.end(a.live.sid, "signed-out", { scope: "group" });
    expect(await asked(b)).toBe("active");
  });

  test("takes no scope that there is not", async () => {
    const { app } = oneStore();
    const mail = app("mail", []);
    const a = await mail.tab();
    const scope = "everything" as never;
    await expect(mail.sessions.end(a.live.sid, "revoked", { scope })).rejects.toMatchObject({
      code: "bad-scope",
    });
  });
});

describe("start() refuses as bad-group", () => {
  test("a group that another person of the app has", async () => {
    const { app } = oneStore();
    const mail = app("mail", []);
    await mail.tab();
    const error = await mail.sessions
      .start(new Request("https://app.test/"), { subject: "bob", group: SIGN_IN })
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "bad-group", message: expect.stringContaining("another person") });
  });

  test("a group that can be guessed, and one where the app is in none", async () => {
    const { app } = oneStore();
    const mail = app("mail", []);
    const request = new Request("https://app.test/");
    await expect(mail.sessions.start(request, { subject: "ann", group: "ann" })).rejects.toMatchObject({
      code: "bad-group",
      message: expect.stringContaining("16 characters"),
    });
    const alone = createSessionVerifier({
      policy: { idle: "15m", absolute: "12h" },
      signInUrl: "/login",
      store: memoryStore(),
      logger: SILENT,
    });
    await expect(alone.start(request, { subject: "ann", group: SIGN_IN })).rejects.toMatchObject({
      code: "bad-group",
      message: expect.stringContaining("{ name, trusts }"),
    });
  });
});

test("the provider's session is the group where the app gives no other", async () => {
  const { clock, app } = oneStore();
  const [mail, crm] = [app("mail", []), app("crm", ["mail"])];
  const idp = { iss: "https://id.test", sid: "s-1" };
  const by = (sid: string) => ({ group: undefined, idp: { ...idp, sid }, authenticatedAt: clock.now() });
  const [a, b, c] = [await mail.tab(by("s-1")), await crm.tab(by("s-1")), await crm.tab(by("s-2"))];
  clock.advance(10 * MINUTE);
  await a.beat(clock.now());
  clock.advance(5 * MINUTE);
  expect([await asked(b), await asked(c)]).toEqual(["active", "idle"]);
});

/** Two apps with a store each, and a third that keeps the group; every clock by itself. */
function threeStores() {
  const clock = createTestClock();
  const log: string[] = [];
  let isAway = false;
  const group = memoryStore({ clock });
  const flaky = new Proxy(group, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function" || !["findSubject", "replaceSubject"].includes(String(name)))
        return member;
      return async (...args: unknown[]) => {
        if (isAway) throw new Error("connection refused");
        return Reflect.apply(member, target, args);
      };
    },
  });
  const logger = {
    ...SILENT,
    warn: (line: string) => log.push(line),
    error: (line: string) => log.push(line),
  };
  const app = (name: string, trusts: readonly string[], own = clock, groupStore: SessionStore = flaky) =>
    groupApp(name, trusts, { store: memoryStore({ clock: own }), groupStore, logger });
  const setAway = (away: boolean) => {
    isAway = away;
  };
  return { clock, log, app, setAway };
}

describe("over two stores and one of the group", () => {
  test("activity and ends reach the other app", async () => {
    const { clock, app } = threeStores();
    const [mail, crm] = [app("mail", []), app("crm", ["mail"])];
    const [a, b] = [await mail.tab(), await crm.tab()];
    clock.advance(10 * MINUTE);
    await a.beat(clock.now());
    clock.advance(10 * MINUTE);
    expect(await asked(b)).toBe("active");
    await crm.sessions.end(b.live.sid, "revoked", { scope: "group" });
    expect(await asked(a)).toBe("revoked");
  });

  test("while the group's store is away each app lives by its own clock, and the log says so once", async () => {
    const { clock, app, log, setAway } = threeStores();
    const [mail, crm] = [app("mail", []), app("crm", ["mail"])];
    const [a, b] = [await mail.tab(), await crm.tab()];
    clock.advance(5 * MINUTE);
    await b.beat(clock.now());
    setAway(true);
    clock.advance(5 * MINUTE);
    expect((await a.beat(clock.now())).status).toBe(200);
    expect([await asked(a), await asked(b)]).toEqual(["active", "active"]);
    clock.advance(10 * MINUTE);
    expect([await asked(a), await asked(b)]).toEqual(["active", "idle"]);
    expect(log.filter((line) => line.includes("group bank is away"))).toHaveLength(2); // one in each app
  });

  test("an end of the group that its store cannot take is told as not done, and the session itself has ended", async () => {
    const { app, setAway } = threeStores();
    const [mail, crm] = [app("mail", []), app("crm", ["mail"])];
    const [a, b] = [await mail.tab(), await crm.tab()];
    setAway(true);
    await expect(mail.sessions.end(a.live.sid, "revoked", { scope: "group" })).rejects.toThrow(
      StoreUnavailableError,
    );
    expect([await asked(a), await asked(b)]).toEqual(["revoked", "active"]);
  });

  test("a session that began while it was away ends with the group once it is back, if its authentication is from before", async () => {
    const { clock, app, setAway } = threeStores();
    const [mail, crm] = [app("mail", []), app("crm", ["mail"])];
    const authenticatedAt = clock.now() - 1;
    const a = await mail.tab({ authenticatedAt });
    clock.advance(MINUTE);
    await mail.sessions.end(a.live.sid, "revoked", { scope: "group" });
    setAway(true);
    const [old, fresh] = [
      await crm.tab({ authenticatedAt }),
      await crm.tab({ authenticatedAt: clock.now() + 1 }),
    ];
    expect([await asked(old), await asked(fresh)]).toEqual(["active", "active"]);
    setAway(false);
    await expect.poll(() => asked(old), { timeout: 20_000 }).toBe("revoked");
    expect(await asked(fresh)).toBe("active");
  });

  test("an app whose clock differs shares no activity, and the log says so", async () => {
    const { clock, app, log } = threeStores();
    const ahead = createTestClock();
    ahead.advance(clock.now() + 60 * MINUTE - ahead.now());
    const [mail, crm] = [app("mail", [], ahead), app("crm", ["mail"])];
    const [a, b] = [await mail.tab(), await crm.tab()];
    for (const one of [clock, ahead]) one.advance(10 * MINUTE);
    expect((await a.beat(ahead.now())).status).toBe(200);
    for (const one of [clock, ahead]) one.advance(5 * MINUTE);
    expect([await asked(a), await asked(b)]).toEqual(["active", "idle"]);
    expect(log.join("\n")).toMatch(/clock of the store of the group bank differs by -3600000 ms/);
  });

  test("one that is away at start keeps nobody from starting, and the log says so", async () => {
    const { clock, app, log, setAway } = threeStores();
    setAway(true);
    const crm = app("crm", ["mail"]);
    await crm.sessions.ready();
    const b = await crm.tab();
    clock.advance(15 * MINUTE - 1);
    expect(await asked(b)).toBe("active");
    clock.advance(1);
    expect(await asked(b)).toBe("idle");
    expect(log.join("\n")).toContain("group bank is away at start");
  });

  test("a store that cannot keep a group is refused at start", async () => {
    const { app, clock } = threeStores();
    const broken = { ...memoryStore({ clock }), insert: async () => "done" as const };
    await expect(app("mail", [], clock, broken).sessions.ready()).rejects.toThrow(/cannot keep sessions/);
  });
});

describe("the configuration", () => {
  const verifier = (policy: object, more: object = {}) =>
    createSessionVerifier({
      policy: { idle: "15m", absolute: "12h", ...policy },
      signInUrl: "/login",
      store: memoryStore(),
      logger: SILENT,
      ...more,
    });

  test.each<[string, object, object, RegExp]>([
    [
      "no justification",
      { activity: "group" },
      { group: { name: "bank", trusts: ["mail"] } },
      /justification is missing/,
    ],
    ["no group", SHARED, {}, /options\.group is missing/],
    ["nobody to trust", SHARED, { group: { name: "bank" } }, /trusts is empty/],
    ["trust that counts for nothing", {}, { group: { name: "bank", trusts: ["mail"] } }, /does not count/],
    [
      "the app itself",
      SHARED,
      { name: "crm", group: { name: "bank", trusts: ["crm", "mail"] } },
      /is this app itself/,
    ],
    [
      "a name that is none",
      SHARED,
      { group: { name: "the bank", trusts: ["mail"] } },
      /group\.name must be 1 to 40/,
    ],
    ["an unknown key", SHARED, { group: { name: "bank", trust: ["mail"] } }, /unknown key "group.trust"/],
    ["an unknown activity", { activity: "all" }, {}, /policy\.activity must be "own" or "group"/],
  ])("with %s is refused", (_what, policy, more, message) => {
    expect(() => verifier(policy, more)).toThrow(message);
  });

  test("that shares activity is another policy, and says so; one that does not has the fingerprint that it had", () => {
    const own = readPolicy({ ...SHARED, activity: "own" });
    const { activity: _left, ...before } = SHARED;
    expect(own.fingerprint).toBe(readPolicy(before).fingerprint);
    const shared = readPolicy(SHARED);
    expect(shared.fingerprint).not.toBe(own.fingerprint);
    expect(explainPolicy(shared)).toContain("RELAXED: activity in the apps of the group");
    expect(explainPolicy(shared)).toContain(SHARED.justification);
  });
});
