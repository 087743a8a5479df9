/** Attacks around signing in, stepping up and signing out. The numbers are those of docs/threat-model.md. */
import { expect, test } from "vitest";
import { PROOF_TYP } from "../../src/protocol/operation-proof.js";
import { sha256 } from "../../src/server/platform/secrets.js";
import { createTestKey, createTestVerifier, IDLE, MINUTE, ORIGIN, scene, TestBrowser } from "./support.js";

const post = (headers: Record<string, string> = {}) =>
  new Request(`${ORIGIN}/sign-in`, { method: "POST", headers });

test("43: a cookie that was planted before the sign-in is worth nothing after it", async () => {
  const { sessions } = createTestVerifier();
  const planted = await sessions.start(post(), { subject: "eve" });
  const cookie = planted.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const { headers, session } = await sessions.start(post({ cookie }), { subject: "ann" });
  expect(session.sid).not.toBe(planted.session.sid);
  expect(headers.getSetCookie()[0]).not.toContain(cookie);
  expect((await sessions.check(new Request(ORIGIN, { headers: { cookie } }))).status).toBe("ended");
});

test("43: the cookie changes at reauthentication, and the old one is dead", async () => {
  const { browser, sessions } = await scene();
  const old = browser.cookie ?? "";
  await browser.reauthenticate("ann");
  expect(browser.cookie).not.toBe(old);
  expect((await sessions.check(new Request(ORIGIN, { headers: { cookie: old } }))).status).toBe("none");
});

test("46: a second device that is active does not keep the first one's session alive", async () => {
  const { browser, sessions, clock, guarded } = await scene();
  const other = await TestBrowser.signedIn(sessions);
  for (let turn = 0; turn < 3; turn++) {
    clock.advance(5 * MINUTE);
    await other.beat(clock.now());
  }
  expect(browser.live.expiresAt).toBe(clock.now());
  expect(await guarded()).toBe("ended");
  expect((await sessions.check(other.request("/api"))).status).toBe("active");
});

test("56: a proof is worth nothing twice, for another operation, after its time, by another key or in another session", async () => {
  const { browser, sessions, clock } = await scene();
  const stranger = await createTestKey();
  const other = await TestBrowser.signedIn(sessions, { subject: "bob" });
  const operation = (from: TestBrowser, proof?: string, path = "/pay") =>
    sessions.check(
      from.request(path, {
        method: "POST",
        body: "5",
        headers: { origin: ORIGIN, ...(proof === undefined ? {} : { "curfew-proof": proof }) },
      }),
      { proof: true },
    );
  const challenge = async () => {
    const asked = await operation(browser);
    return asked.status === "stale" ? (asked.problem.challenge ?? "") : "";
  };
  const proofOf = (value: string, key = browser.key) =>
    key.sign(
      { alg: "ES256", typ: PROOF_TYP, kid: browser.key.thumbprint },
      {
        v: 1,
        aud: ORIGIN,
        sid: browser.live.sid,
        challenge: value,
        method: "POST",
        path: "/pay",
        bodyHash: sha256("5"),
      },
    );
  const used = await proofOf(await challenge());
  expect((await operation(browser, used)).status).toBe("active");
  expect(await operation(browser, used)).toMatchObject({ problem: { code: "challenge" } });
  const good = await proofOf(await challenge());
  expect(await operation(browser, good, "/pay-more")).toMatchObject({ problem: { code: "operation" } });
  expect((await operation(other, good)).status).toBe("refused");
  expect(await operation(browser, await proofOf(await challenge(), stranger))).toMatchObject({
    problem: { code: "signature" },
  });
  const late = await proofOf(await challenge());
  clock.advance(2 * MINUTE);
  expect(await operation(browser, late)).toMatchObject({ problem: { code: "challenge" } });
});

test("57: staying signed in moves the idle deadline alone; only a reauthentication moves the absolute one", async () => {
  const { browser, clock, sessions } = await scene();
  const { absoluteExpiresAt } = browser.live;
  clock.advance(MINUTE);
  await browser.beat(clock.now(), { payload: { intent: "extend" } });
  expect(browser.live).toMatchObject({ absoluteExpiresAt, idleExpiresAt: clock.now() + IDLE });
  expect((await sessions.check(browser.request("/pay"), { fresh: "30s" })).status).toBe("stale");
  await browser.reauthenticate("ann");
  expect((await sessions.check(browser.request("/pay"), { fresh: "30s" })).status).toBe("active");
  expect(browser.live.absoluteExpiresAt).toBe(absoluteExpiresAt + MINUTE);
});

test("58: an extension obeys every rule of a heartbeat", async () => {
  const { browser, clock, lastActiveAt } = await scene();
  const extend = { payload: { intent: "extend" } };
  const before = await lastActiveAt();
  clock.advance(MINUTE);
  expect((await browser.beat(clock.now(), { ...extend, key: await createTestKey() })).status).toBe(400);
  const { status } = browser;
  await browser.ask();
  browser.status = status && { ...status, nonce: "stale" };
  expect((await browser.beat(clock.now(), extend)).status).toBe(409);
  expect(await lastActiveAt()).toBe(before);
  expect((await browser.post("/curfew/heartbeat", { intent: "extend" })).status).toBe(400);
});

test("64: a sign-in that races the end of all sessions dies with them", async () => {
  const { sessions } = createTestVerifier();
  for (let round = 0; round < 200; round++) {
    const subject = `person ${round}`;
    const [start] = await Promise.allSettled([sessions.start(post(), { subject }), sessions.endAll(subject)]);
    const live = await sessions.list(subject);
    if (start.status === "rejected") expect(live).toEqual([]);
    else expect(live.map(({ sid }) => sid)).toEqual(live.length === 0 ? [] : [start.value.session.sid]);
    await sessions.endAll(subject);
    expect(await sessions.list(subject)).toEqual([]);
  }
});

test("65: of 100 sign-ins at once no more succeed than the policy allows", async () => {
  const { sessions } = createTestVerifier({ policy: { idle: "15m", absolute: "12h", maxSessions: 2 } });
  await Promise.allSettled([...Array(100)].map(() => sessions.start(post(), { subject: "ann" })));
  expect(await sessions.list("ann")).toHaveLength(2);
});

test("80: a browser that cannot sign keeps its session to the deadline and is not let off more easily", async () => {
  const { sessions, clock } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions, { bind: false });
  clock.advance(MINUTE);
  expect((await browser.ask()).body.canExtend).toBe(false);
  expect((await browser.beat(clock.now())).status).toBe(403);
  expect((await browser.post("/curfew/heartbeat", { unsigned: true, activeAt: clock.now() })).status).toBe(
    400,
  );
  clock.advance(IDLE - MINUTE);
  expect((await sessions.check(browser.request("/"))).status).toBe("ended");
});
