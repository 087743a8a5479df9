import { expect, test } from "vitest";
import { createTestKey, ORIGIN, TestBrowser } from "./support/test-browser.js";
import { createTestVerifier, MINUTE } from "./support/test-verifier.js";

test("an accepted heartbeat moves the idle deadline to the input plus the idle timeout", async () => {
  const { clock, sessions } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions);
  clock.advance(5 * MINUTE);
  const activeAt = clock.now() - 7_000;
  const { status, body } = await browser.beat(activeAt);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    lastActiveAt: activeAt,
    idleExpiresAt: activeAt + 15 * MINUTE,
    now: clock.now(),
  });
});

test("the nonce changes with an accepted heartbeat and with nothing else", async () => {
  const { clock, sessions } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions);
  const { nonce } = browser.live;
  await browser.ask();
  expect(browser.live.nonce).toBe(nonce);
  await browser.beat(clock.now(), { payload: { intent: "wrong" } });
  expect((await browser.ask()).body.nonce).toBe(nonce);
  await browser.beat(clock.now());
  expect(browser.live.nonce).not.toBe(nonce);
});

test("a claim is clamped between the last activity and now", async () => {
  const { clock, sessions } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions);
  const { lastActiveAt } = browser.live;
  clock.advance(MINUTE);
  expect((await browser.beat(0)).body.lastActiveAt).toBe(lastActiveAt);
  expect((await browser.beat(clock.now() + 5 * MINUTE)).body.lastActiveAt).toBe(clock.now());
});

test.each([
  ["by a millisecond more than 5 minutes", 5 * MINUTE + 1],
  ["by a day", 24 * 60 * MINUTE],
  ["as far as a number can say", Number.MAX_SAFE_INTEGER],
])(
  "a claim that lies ahead of the store's time %s is refused with its code, and audited",
  async (_name, lead) => {
    const { clock, sessions, audit } = createTestVerifier();
    const browser = await TestBrowser.signedIn(sessions);
    const { lastActiveAt, nonce } = browser.live;
    clock.advance(MINUTE);
    const { status, body } = await browser.beat(Math.min(clock.now() + lead, Number.MAX_SAFE_INTEGER));
    expect([status, body.type, body.code]).toEqual([400, "urn:curfew:bad-heartbeat", "ahead"]);
    expect(audit.at(-1)).toMatchObject({ type: "heartbeat_refused", code: "ahead" });
    expect((await browser.ask()).body).toMatchObject({ lastActiveAt, nonce });
    expect((await browser.beat(clock.now())).status).toBe(200);
  },
);

test("a heartbeat that was signed for a later day is worth nothing on any day but that one", async () => {
  const { clock, sessions } = createTestVerifier({ policy: { idle: "15m", absolute: "12h" } });
  const browser = await TestBrowser.signedIn(sessions);
  const kept = await browser.heartbeat(clock.now() + 14 * MINUTE);
  const statuses: number[] = [];
  for (let minute = 0; minute < 14; minute++) {
    statuses.push((await browser.post("/curfew/heartbeat", { heartbeat: kept })).status);
    clock.advance(MINUTE);
  }
  // From 5 minutes before its instant on it is a claim like any other, and ages with the nonce.
  expect(statuses).toEqual([...Array(9).fill(400), 200, 409, 409, 409, 409]);
});

test.each([
  ["one millisecond before the deadline it is accepted", -1, 200],
  ["at the deadline it is refused", 0, 401],
  ["after the deadline it is refused", 1, 401],
])("a heartbeat: %s", async (_name, offset, expected) => {
  const { clock, sessions, audit } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions);
  const { expiresAt } = browser.live;
  clock.advance(expiresAt - clock.now() + offset);
  const { status, body } = await browser.beat(clock.now());
  expect(status).toBe(expected);
  if (expected === 200) return;
  expect(body).toMatchObject({ type: "urn:curfew:session-ended", reason: "idle", endedAt: expiresAt });
  expect(audit.map(({ type }) => type)).toContain("session_use_after_expire");
});

test("constant activity ends at the absolute timeout", async () => {
  const { clock, sessions } = createTestVerifier({ policy: { idle: "15m", absolute: "1h", warning: "2m" } });
  const browser = await TestBrowser.signedIn(sessions);
  const { absoluteExpiresAt } = browser.live;
  while (clock.now() + 10 * MINUTE < absoluteExpiresAt) {
    clock.advance(10 * MINUTE);
    expect((await browser.beat(clock.now())).status).toBe(200);
  }
  expect(browser.live).toMatchObject({ expiresAt: absoluteExpiresAt, canExtend: false });
  clock.advance(absoluteExpiresAt - clock.now());
  expect((await browser.beat(clock.now())).body).toMatchObject({
    reason: "absolute",
    endedAt: absoluteExpiresAt,
  });
});

test("polling the status and the guard extends nothing", async () => {
  const { clock, sessions } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions);
  const { expiresAt } = browser.live;
  for (let poll = 0; poll < 40; poll++) {
    clock.advance(20_000);
    await browser.ask();
    await sessions.check(browser.request("/api/notes", { headers: { "x-activity": "1" } }));
    expect(browser.live.expiresAt).toBe(expiresAt);
  }
  clock.advance(expiresAt - clock.now());
  expect((await browser.ask()).body).toMatchObject({ reason: "idle", endedAt: expiresAt });
  expect((await sessions.check(browser.request("/api/notes"))).status).toBe("ended");
});

test("the same heartbeat sent again is refused as a duplicate and extends nothing", async () => {
  const { clock, sessions, audit } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions);
  clock.advance(MINUTE);
  const heartbeat = await browser.heartbeat(clock.now());
  await browser.post("/curfew/heartbeat", { heartbeat });
  const { lastActiveAt } = browser.live;
  clock.advance(MINUTE);
  const { status, body } = await browser.post("/curfew/heartbeat", { heartbeat });
  expect(status).toBe(409);
  expect(body).toMatchObject({ type: "urn:curfew:stale-nonce", session: { lastActiveAt, status: "active" } });
  expect(audit.at(-1)).toMatchObject({ type: "heartbeat_duplicate" });
});

test("an older heartbeat than the last accepted one is refused and audited as an attack", async () => {
  const { clock, sessions, audit } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions);
  const old = await browser.heartbeat(clock.now());
  await browser.beat(clock.now());
  await browser.beat(clock.now());
  expect((await browser.post("/curfew/heartbeat", { heartbeat: old })).status).toBe(409);
  expect(audit.at(-1)).toMatchObject({ type: "heartbeat_refused", code: "stale-nonce" });
});

test("every changed byte of a heartbeat is refused", async () => {
  const { clock, sessions } = createTestVerifier({ limits: { failures: 10_000 } });
  const browser = await TestBrowser.signedIn(sessions);
  const heartbeat = await browser.heartbeat(clock.now() - 1);
  const { lastActiveAt } = browser.live;
  clock.advance(MINUTE);
  for (let at = 0; at < heartbeat.length; at++) {
    const other = heartbeat[at] === "A" ? "B" : "A";
    const changed = `${heartbeat.slice(0, at)}${other}${heartbeat.slice(at + 1)}`;
    const { status } = await browser.post("/curfew/heartbeat", { heartbeat: changed });
    expect([400, 403, 409], `byte ${at}`).toContain(status);
  }
  expect((await browser.ask()).body.lastActiveAt).toBe(lastActiveAt);
});

test("the mirrored signature (n − s) of an accepted heartbeat is refused", async () => {
  const { clock, sessions } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions);
  const heartbeat = await browser.heartbeat(clock.now());
  await browser.post("/curfew/heartbeat", { heartbeat });
  const [header, payload, signature = ""] = heartbeat.split(".");
  const bytes = Buffer.from(signature, "base64url");
  const order = BigInt("0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
  const mirrored = (order - BigInt(`0x${bytes.subarray(32).toString("hex")}`)).toString(16).padStart(64, "0");
  const copy = Buffer.concat([bytes.subarray(0, 32), Buffer.from(mirrored, "hex")]).toString("base64url");
  const { status } = await browser.post("/curfew/heartbeat", { heartbeat: `${header}.${payload}.${copy}` });
  expect(status).toBe(409);
});

test("another session's heartbeat is refused, and the answer shows nothing of either session", async () => {
  const { clock, sessions } = createTestVerifier();
  const ann = await TestBrowser.signedIn(sessions, { subject: "ann" });
  const bob = await TestBrowser.signedIn(sessions, { subject: "bob" });
  const { status, body } = await bob.post("/curfew/heartbeat", {
    heartbeat: await ann.heartbeat(clock.now()),
  });
  expect(status).toBe(409);
  expect(body.type).toBe("urn:curfew:other-session");
  expect(JSON.stringify(body)).not.toContain("nonce");
});

test("a heartbeat signed with another key is refused under either name", async () => {
  const { clock, sessions, audit } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions);
  const key = await createTestKey();
  const forged = await browser.beat(clock.now(), { key });
  expect([forged.status, forged.body.code]).toEqual([400, "signature"]);
  const named = await browser.beat(clock.now(), { key, header: { kid: key.thumbprint } });
  expect([named.status, named.body.type]).toEqual([403, "urn:curfew:key-mismatch"]);
  expect(audit.filter(({ type }) => type === "heartbeat_refused").map(({ code }) => code)).toEqual([
    "signature",
    "key-mismatch",
  ]);
});

test("a heartbeat where no key is bound is refused", async () => {
  const { clock, sessions } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions, { bind: false });
  expect((await browser.beat(clock.now())).body.type).toBe("urn:curfew:key-mismatch");
});

test.each([
  ["fractional", 1.5],
  ["negative", -1],
  ["huge", 2 ** 53],
  ["far beyond", 1e300],
  ["NaN", Number.NaN],
  ["a text", "1"],
  ["null", null],
  ["a list", [1]],
])("an activeAt that is %s is refused and costs nothing", async (_name, activeAt) => {
  const { sessions } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions);
  const before = browser.live;
  const { status, body } = await browser.beat(activeAt);
  expect([status, body.type, body.code]).toEqual([400, "urn:curfew:bad-heartbeat", "active-at"]);
  expect((await browser.ask()).body).toMatchObject({
    nonce: before.nonce,
    lastActiveAt: before.lastActiveAt,
  });
});

test.each([
  ["alg none without a signature", { alg: "none" }],
  ["HS256", { alg: "HS256" }],
  ["lower case", { alg: "es256" }],
  ["another typ", { typ: "JWT" }],
  ["a key binding's typ", { typ: "curfew-key+jwt" }],
  ["DPoP's typ", { typ: "dpop+jwt" }],
  ["an attacker's jwk", { jwk: { kty: "EC" } }],
  ["a jku", { jku: "https://evil.test/keys" }],
  ["a path as kid", { kid: "../../etc/passwd" }],
  ["__proto__ as kid", { kid: "__proto__" }],
])("a header with %s is refused", async (_name, header) => {
  const { clock, sessions } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions);
  const { status } = await browser.beat(clock.now(), { header });
  expect([400, 403]).toContain(status);
});

test("HS256 with the public key as secret is refused", async () => {
  const { clock, sessions } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions);
  const { createHmac } = await import("node:crypto");
  const heartbeat = await browser.heartbeat(clock.now(), { header: { alg: "HS256" } });
  const input = heartbeat.slice(0, heartbeat.lastIndexOf("."));
  for (const secret of [JSON.stringify(browser.key.jwk), browser.key.thumbprint, browser.key.jwk.x]) {
    const mac = createHmac("sha512", secret).update(input).digest("base64url");
    expect((await browser.post("/curfew/heartbeat", { heartbeat: `${input}.${mac}` })).status).toBe(400);
  }
});

test("another audience than the sending page is refused", async () => {
  const { clock, sessions } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions);
  const { status, body } = await browser.beat(clock.now(), { payload: { aud: "https://evil.test" } });
  expect([status, body.code]).toEqual([400, "aud"]);
  expect((await browser.beat(clock.now(), { payload: { aud: ORIGIN } })).status).toBe(200);
});

test("another protocol version is named as such", async () => {
  const { clock, sessions } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions);
  const { status, body } = await browser.beat(clock.now(), { payload: { v: 2 } });
  expect([status, body.type, body.accepts]).toEqual([400, "urn:curfew:unsupported-version", [1]]);
});

test("an automated browser is refused where the policy says so", async () => {
  const policy = { idle: "15m", absolute: "12h", automated: "refuse" } as const;
  const { clock, sessions } = createTestVerifier({ policy });
  const browser = await TestBrowser.signedIn(sessions);
  expect((await browser.beat(clock.now(), { payload: { automated: true } })).body.code).toBe("automated");
  expect((await browser.beat(clock.now())).status).toBe(200);
});

test("of many heartbeats with one nonce exactly one is accepted", async () => {
  const { clock, sessions } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions);
  clock.advance(MINUTE);
  const heartbeats = await Promise.all(
    [...Array(50).keys()].map((age) => browser.heartbeat(clock.now() - age)),
  );
  const answers = await Promise.all(
    heartbeats.map((heartbeat) => browser.post("/curfew/heartbeat", { heartbeat })),
  );
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 409)).toHaveLength(49);
});

test("the audit record lets anyone check that the next nonce follows from the heartbeat", async () => {
  const { clock, sessions, audit } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions);
  await browser.beat(clock.now());
  const record = audit.findLast(({ type }) => type === "session_renewed");
  const { createHash } = await import("node:crypto");
  const random = Buffer.from(record?.random ?? "", "base64url");
  expect(random).toHaveLength(32);
  const expected = createHash("sha256")
    .update(record?.heartbeat ?? "")
    .update(random)
    .digest("base64url");
  expect(browser.live.nonce).toBe(expected);
});
