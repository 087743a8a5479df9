import { expect, test } from "vitest";
import { memoryStore } from "../../src/server/stores/memory.js";
import { createTestKey, TestBrowser } from "./support/test-browser.js";
import { createTestVerifier, MINUTE } from "./support/test-verifier.js";

test("a new session has the status that the protocol promises", async () => {
  const { clock, sessions } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions, { bind: false });
  const now = clock.now();
  expect(browser.live).toEqual({
    v: 1,
    accepts: [1],
    name: "curfew",
    sid: expect.stringMatching(/^[\w-]{22}$/),
    status: "active",
    now,
    startedAt: now,
    authenticatedAt: now,
    lastActiveAt: now,
    idleTimeout: 15 * MINUTE,
    absoluteTimeout: 720 * MINUTE,
    idleExpiresAt: now + 15 * MINUTE,
    absoluteExpiresAt: now + 720 * MINUTE,
    expiresAt: now + 15 * MINUTE,
    warningPeriod: 2 * MINUTE,
    heartbeatInterval: MINUTE,
    canExtend: true,
    nonce: expect.stringMatching(/^[\w-]{43}$/),
    key: null,
    signInUrl: "/login",
    policy: {
      name: "default",
      fingerprint: expect.stringMatching(/^[\w-]{43}$/),
      dismissWarning: "explicit",
      media: 0,
      automated: "flag",
      unsafeForTesting: false,
      reach: 10_000,
    },
  });
});

test("the session cookie is a host cookie with 256 random bits and no life of its own", async () => {
  const { sessions } = createTestVerifier();
  const { headers } = await sessions.start(new Request("https://app.test/login", { method: "POST" }), {
    subject: "ann",
  });
  const [cookie] = headers.getSetCookie();
  expect(cookie).toMatch(/^__Host-curfew=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
});

test("a new sign-in in the same browser replaces its session", async () => {
  const { sessions, audit } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions);
  const old = { cookie: browser.cookie, sid: browser.live.sid };
  await browser.signIn("ann");
  expect(browser.live.sid).not.toBe(old.sid);
  const before = new TestBrowser(sessions, browser.key);
  before.cookie = old.cookie;
  expect((await before.ask()).body).toMatchObject({ type: "urn:curfew:session-ended", reason: "replaced" });
  expect(audit.map(({ type }) => type)).toContain("session_replaced");
});

test("only the same subject is told so by ?was=", async () => {
  const { sessions } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions, { subject: "ann" });
  const was = browser.live.sid;
  await browser.signIn("ann");
  expect((await browser.ask(`?was=${was}`)).body.sameSubject).toBe(true);
  await browser.signIn("bob");
  expect((await browser.ask(`?was=${was}`)).body.sameSubject).toBe(false);
  expect((await browser.ask("?was=unknown")).body.sameSubject).toBe(false);
});

test("a sign-in posted from another site is refused unless the app accepts an orphan", async () => {
  const { sessions } = createTestVerifier();
  const request = new Request("https://app.test/callback", {
    method: "POST",
    headers: { "sec-fetch-site": "cross-site" },
  });
  await expect(sessions.start(request, { subject: "ann" })).rejects.toMatchObject({
    code: "cross-site",
    status: 403,
  });
  await expect(sessions.start(request, { subject: "ann", orphanPrevious: true })).resolves.toBeDefined();
});

test("the absolute clock starts at the authentication, not at the session", async () => {
  const { clock, sessions } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions, { bind: false });
  await browser.signIn("ann", { authenticatedAt: clock.now() - 60 * MINUTE });
  expect(browser.live.absoluteExpiresAt).toBe(clock.now() + 660 * MINUTE);
});

test.each([
  ["seconds", (now: number) => Math.floor(now / 1_000), "bad-authenticated-at"],
  ["the future", (now: number) => now + 60 * MINUTE, "bad-authenticated-at"],
  ["a fraction", (now: number) => now - 0.5, "bad-authenticated-at"],
  ["a whole absolute timeout ago", (now: number) => now - 720 * MINUTE, "authentication-too-old"],
])("an authenticatedAt in %s is refused with what to do", async (_name, at, code) => {
  const { clock, sessions } = createTestVerifier();
  const request = new Request("https://app.test/login", { method: "POST" });
  await expect(
    sessions.start(request, { subject: "ann", authenticatedAt: at(clock.now()) }),
  ).rejects.toMatchObject({ code });
});

test("a key is bound once: the same again is no error, another is refused", async () => {
  const { sessions, audit } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions, { bind: false });
  const binding = await browser.binding();
  expect((await browser.post("/curfew/key", { binding })).body.key).toBe(browser.key.thumbprint);
  expect((await browser.post("/curfew/key", { binding })).status).toBe(200);
  const other = await browser.bind(await createTestKey());
  expect([other.status, other.body.type]).toEqual([409, "urn:curfew:already-bound"]);
  expect(audit.at(-1)).toMatchObject({ type: "key_refused", code: "already-bound" });
});

test("a key is bound only within a minute of authentication", async () => {
  const { clock, sessions } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions, { bind: false });
  clock.advance(MINUTE);
  const late = await browser.bind();
  expect([late.status, late.body.type]).toEqual([403, "urn:curfew:bind-closed"]);
  expect((await browser.ask()).body.canExtend).toBe(false);
  await browser.reauthenticate("ann");
  expect((await browser.bind()).status).toBe(200);
});

test("a binding that does not prove possession is refused", async () => {
  const { sessions } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions, { bind: false });
  const thief = await createTestKey();
  const { sid, nonce } = browser.live;
  const header = { alg: "ES256", typ: "curfew-key+jwt", jwk: browser.key.jwk };
  const binding = await thief.sign(header, { v: 1, aud: "https://app.test", sid, nonce });
  const { status, body } = await browser.post("/curfew/key", { binding });
  expect([status, body.code]).toEqual([400, "signature"]);
  expect((await browser.ask()).body.key).toBeNull();
});

test("a point that is not on the curve is refused", async () => {
  const { sessions } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions, { bind: false });
  const { sid, nonce } = browser.live;
  const jwk = { ...browser.key.jwk, y: browser.key.jwk.x };
  const binding = await browser.key.sign(
    { alg: "ES256", typ: "curfew-key+jwt", jwk },
    { v: 1, aud: "https://app.test", sid, nonce },
  );
  expect((await browser.post("/curfew/key", { binding })).status).toBe(400);
});

test("reauthentication keeps sid and key, changes cookie and nonce, and moves both deadlines", async () => {
  const { clock, sessions } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions);
  const before = { ...browser.live, cookie: browser.cookie };
  clock.advance(10 * MINUTE);
  await browser.reauthenticate("ann");
  expect(browser.live).toMatchObject({
    sid: before.sid,
    key: before.key,
    expiresAt: clock.now() + 15 * MINUTE,
  });
  expect(browser.live.absoluteExpiresAt).toBe(clock.now() + 720 * MINUTE);
  expect(browser.live.nonce).not.toBe(before.nonce);
  expect(browser.cookie).not.toBe(before.cookie);
  expect((await browser.beat(clock.now())).status).toBe(200);
  const old = new TestBrowser(sessions, browser.key);
  old.cookie = before.cookie;
  expect((await old.ask()).body.type).toBe("urn:curfew:no-session");
});

test("reauthentication for another subject, or of an ended session, is refused", async () => {
  const { clock, sessions } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions);
  await expect(browser.reauthenticate("bob")).rejects.toMatchObject({ code: "other-subject" });
  clock.advance(15 * MINUTE);
  await expect(browser.reauthenticate("ann")).rejects.toMatchObject({ code: "ended" });
});

test("a stale authentication is asked for again by step-up, and not taken for an end", async () => {
  const { clock, sessions, audit } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions);
  const check = () => sessions.check(browser.request("/transfer", { method: "POST" }), { fresh: "5m" });
  expect((await check()).status).toBe("active");
  clock.advance(5 * MINUTE);
  expect(await check()).toMatchObject({
    status: "stale",
    problem: { type: "urn:curfew:step-up", maxAge: 300 },
  });
  expect(audit.at(-1)?.type).toBe("step_up_required");
  await browser.reauthenticate("ann");
  expect((await check()).status).toBe("active");
});

test("the person's own end is final, clears the cookie and is idempotent", async () => {
  const { clock, sessions, audit } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions);
  const { sid } = browser.live;
  const heartbeat = await browser.heartbeat(clock.now());
  const end = await browser.post("/curfew/end", { sid });
  expect(end.status).toBe(204);
  expect(end.headers.getSetCookie()).toEqual([
    expect.stringMatching(/^__Host-curfew=; Max-Age=0; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
    expect.stringMatching(/^__Host-curfew\.end=/),
  ]);
  expect(end.headers.get("clear-site-data")).toBe('"cache"');
  expect((await browser.post("/curfew/end", { sid })).status).toBe(204);
  const { status, body } = await browser.post("/curfew/heartbeat", { heartbeat });
  expect([status, body.reason]).toEqual([401, "signed-out"]);
  expect(audit.filter(({ type }) => type === "session_logout")).toHaveLength(1);
});

test("the app's own sign-out route ends the session and takes the cookie and kept pages", async () => {
  const { sessions } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions);
  const headers = await sessions.signOut(browser.request("/logout", { method: "POST" }));
  expect(headers.getSetCookie()).toEqual([
    expect.stringMatching(/^__Host-curfew=; Max-Age=0;/),
    expect.stringMatching(/^__Host-curfew\.end=/),
  ]);
  expect(headers.get("clear-site-data")).toBe('"cache"');
  expect((await browser.ask()).body.reason).toBe("signed-out");
  const nobody = new Request("https://app.test/logout", { method: "POST" });
  expect((await sessions.signOut(nobody)).getSetCookie()).toEqual([
    expect.stringMatching(/^__Host-curfew=; Max-Age=0;/),
  ]);
});

test("a sign-out after the deadline finds the end that was there", async () => {
  const { clock, sessions } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions);
  const { sid, expiresAt } = browser.live;
  clock.advance(20 * MINUTE);
  expect((await browser.post("/curfew/end", { sid })).status).toBe(204);
  expect((await browser.ask()).body).toMatchObject({ reason: "idle", endedAt: expiresAt });
});

test("a sign-out everywhere ends every session of the subject and of nobody else", async () => {
  const { sessions } = createTestVerifier();
  const [laptop, phone, bob] = await Promise.all([
    TestBrowser.signedIn(sessions),
    TestBrowser.signedIn(sessions),
    TestBrowser.signedIn(sessions, { subject: "bob" }),
  ]);
  await laptop.post("/curfew/end", { sid: laptop.live.sid, scope: "subject" });
  expect((await phone.ask()).body).toMatchObject({ reason: "signed-out" });
  expect((await bob.ask()).status).toBe(200);
});

test("the app ends sessions with a reason of its own", async () => {
  const { sessions } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions);
  expect(await sessions.list("ann")).toMatchObject([{ sid: browser.live.sid, subject: "ann" }]);
  await sessions.endAll("ann");
  expect((await browser.ask()).body).toMatchObject({ reason: "revoked" });
  expect(await sessions.list("ann")).toEqual([]);
});

test("an end that races a heartbeat always wins in the end", async () => {
  for (let round = 0; round < 50; round++) {
    const { clock, sessions } = createTestVerifier();
    const browser = await TestBrowser.signedIn(sessions);
    const heartbeat = await browser.heartbeat(clock.now());
    await Promise.all([browser.post("/curfew/heartbeat", { heartbeat }), sessions.end(browser.live.sid)]);
    expect((await browser.ask()).body).toMatchObject({ reason: "revoked" });
  }
});

test("a tie between the deadlines is the absolute one", async () => {
  const { clock, sessions } = createTestVerifier({ policy: { idle: "15m", absolute: "15m", warning: "2m" } });
  const browser = await TestBrowser.signedIn(sessions);
  clock.advance(15 * MINUTE);
  expect((await browser.ask()).body.reason).toBe("absolute");
});

test("a stricter policy takes hold at once, a looser one only at reauthentication", async () => {
  const first = createTestVerifier();
  const store = memoryStore({ clock: first.clock });
  const at = (idle: string) =>
    createTestVerifier({ store, policy: { idle, absolute: "12h", warning: "1m" } });
  const browser = await TestBrowser.signedIn(at("10m").sessions);
  const under = (idle: string) =>
    Object.assign(new TestBrowser(at(idle).sessions, browser.key), { cookie: browser.cookie });
  expect((await under("5m").ask()).body.idleTimeout).toBe(5 * MINUTE);
  expect((await under("1h").ask()).body.idleTimeout).toBe(10 * MINUTE);
  const loose = under("1h");
  await loose.reauthenticate("ann");
  expect(loose.live.idleTimeout).toBe(60 * MINUTE);
});

test("a clock that is set back gives no session more time, and the step is audited", async () => {
  const { clock, sessions, audit } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions);
  const { expiresAt } = browser.live;
  clock.step(-60 * MINUTE);
  clock.advance(15 * MINUTE);
  expect((await browser.ask()).body).toMatchObject({ reason: "idle", endedAt: expiresAt });
  await sessions.health();
  expect(audit).toContainEqual(expect.objectContaining({ type: "clock_stepped", step: -60 * MINUTE }));
});

test("the record of an ended session is kept until a day after the absolute deadline", async () => {
  const { clock, sessions } = createTestVerifier();
  const store = memoryStore({ clock });
  const verifier = createTestVerifier({ store });
  const browser = await TestBrowser.signedIn(verifier.sessions);
  clock.advance(36 * 60 * MINUTE - 1);
  await store.purge();
  expect((await browser.ask()).body.type).toBe("urn:curfew:session-ended");
  clock.advance(1);
  await store.purge();
  expect((await browser.ask()).body.type).toBe("urn:curfew:no-session");
  await sessions.close();
});

test("every audit record carries UTC time, app, policy and a subject that cannot be read", async () => {
  const { sessions, audit } = createTestVerifier({
    policy: { idle: "4s", absolute: "1m", warning: "2s", heartbeat: "400ms", unsafeForTesting: true },
  });
  const browser = await TestBrowser.signedIn(sessions, { subject: "ann@example.com" });
  await browser.post("/curfew/end", { sid: browser.live.sid });
  expect(audit.map(({ type }) => type)).toEqual(["session_created", "key_bound", "session_logout"]);
  for (const record of audit)
    expect(record).toMatchObject({
      v: 1,
      at: expect.stringMatching(/^2026-01-01T00:00:00\.000Z$/),
      app: "curfew",
      sid: browser.live.sid,
      subject: audit[0]?.subject,
      policy: browser.live.policy.fingerprint,
      unsafeForTesting: true,
    });
  expect(JSON.stringify(audit)).not.toContain("ann@example.com");
  expect(JSON.stringify(audit)).not.toContain(browser.cookie?.split("=")[1] ?? "-");
});
