/** Attacks on the signed messages. The numbers are those of docs/threat-model.md. */
import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { encodeBase64url } from "../../src/protocol/base64url.js";
import { KEY_TYP } from "../../src/protocol/key-binding.js";
import { createTestKey, createTestVerifier, MINUTE, ORIGIN, scene, TestBrowser, typesOf } from "./support.js";

const post = (browser: TestBrowser, heartbeat: string) => browser.post("/curfew/heartbeat", { heartbeat });
const encoded = (value: unknown) => encodeBase64url(new TextEncoder().encode(JSON.stringify(value)));

test.each([-1, 1.5, 2 ** 53, Number.NaN, 1e99, "0", "1", null, true, [], {}, "９", [1], 2 ** 63])(
  "5: the instant %s is no integer, and a good heartbeat follows",
  async (activeAt) => {
    const { browser, clock, lastActiveAt } = await scene();
    const before = await lastActiveAt();
    clock.advance(MINUTE);
    expect((await browser.beat(activeAt)).status).toBe(400);
    expect(await lastActiveAt()).toBe(before);
    expect((await browser.beat(clock.now())).status).toBe(200);
  },
);

test("6: an instant far in the past, or a little ahead, is clamped to what can be true; one far ahead is refused", async () => {
  const { browser, clock, lastActiveAt } = await scene();
  const before = await lastActiveAt();
  clock.advance(MINUTE);
  await browser.beat(0);
  expect(await lastActiveAt()).toBe(before);
  for (const lead of [5 * MINUTE + 1, 60 * MINUTE, Number.MAX_SAFE_INTEGER - clock.now()]) {
    const { status, body } = await browser.beat(clock.now() + lead);
    expect([status, body.code]).toEqual([400, "ahead"]);
  }
  expect(await lastActiveAt()).toBe(before);
  await browser.beat(clock.now() + 5 * MINUTE);
  expect(await lastActiveAt()).toBe(clock.now());
});

test("7: a script that claims activity for ever ends at the absolute deadline, and its rhythm is noticed", async () => {
  const scripted = await scene({ watch: {} });
  const { browser, clock, guarded, sessions } = scripted;
  const deadline = browser.live.absoluteExpiresAt;
  while (clock.now() + MINUTE < deadline) {
    clock.advance(MINUTE);
    expect((await browser.beat(clock.now())).status).toBe(200);
  }
  clock.advance(deadline - clock.now());
  expect((await browser.beat(clock.now())).body).toMatchObject({ reason: "absolute", endedAt: deadline });
  expect(await guarded()).toBe("ended");
  await sessions.close();
  const [alert] = scripted.audit.filter(({ type }) => type === "alert_raised");
  expect(alert).toMatchObject({ rule: "machine-like", sid: browser.live.sid });
});

test("11: people's irregular activity is not taken for a script's", async () => {
  const person = await scene({ watch: {} });
  for (let turn = 0; turn < 60; turn++) {
    person.clock.advance(MINUTE + ((turn * 37) % 60) * 1_000);
    await person.browser.beat(person.clock.now());
  }
  await person.sessions.close();
  expect(typesOf(person)).not.toContain("alert_raised");
});

test("31: no algorithm but the key's own is taken, in any spelling", async () => {
  const { browser, clock, lastActiveAt } = await scene();
  const before = await lastActiveAt();
  clock.advance(MINUTE);
  for (const alg of [
    "none",
    "None",
    "NONE",
    "HS256",
    "es256",
    "ES384",
    "RS256",
    "EdDSA",
    "ES256K",
    "",
    null,
    0,
  ])
    expect((await browser.beat(clock.now(), { header: { alg } })).status, String(alg)).toBe(400);
  const bare = `${encoded({ alg: "none", typ: "curfew-heartbeat+jwt", kid: browser.key.thumbprint })}.${encoded({})}.`;
  expect((await post(browser, bare)).status).toBe(400);
  expect(await lastActiveAt()).toBe(before);
});

test("32: a key, an address of one, or a hostile kid in the header is refused", async () => {
  const { browser, clock, lastActiveAt } = await scene({ limits: { failures: 1_000 } });
  const stranger = await createTestKey();
  const before = await lastActiveAt();
  clock.advance(MINUTE);
  const headers: readonly Record<string, unknown>[] = [
    { jwk: stranger.jwk },
    { jku: "https://evil.test/keys" },
    { x5u: "https://evil.test/cert" },
    { crit: ["exp"] },
    { b64: false },
    ...["__proto__", "constructor", "../../etc/passwd", "' OR 1=1 --", "\u0000", stranger.thumbprint].map(
      (kid) => ({ kid }),
    ),
  ];
  for (const header of headers)
    expect([400, 403], JSON.stringify(header)).toContain(
      (await browser.beat(clock.now(), { header, key: stranger })).status,
    );
  expect(await lastActiveAt()).toBe(before);
});

test("33: a second key is never bound, not even by who holds the cookie", async () => {
  const { browser, ...rest } = await scene();
  const stranger = await createTestKey();
  const { status, body } = await browser.bind(stranger);
  expect([status, body.type]).toEqual([409, "urn:curfew:already-bound"]);
  expect((await browser.ask()).body.key).toBe(browser.key.thumbprint);
  expect(typesOf({ ...rest })).toContain("key_refused");
});

test("33: a key comes too late a minute after the authentication", async () => {
  const { sessions, clock } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions, { bind: false });
  clock.advance(MINUTE);
  expect((await browser.bind()).body.type).toBe("urn:curfew:bind-closed");
});

test("35: no JWS that was made for something else is a heartbeat, nor the other way round", async () => {
  const { browser, clock, lastActiveAt, sessions } = await scene();
  const before = await lastActiveAt();
  clock.advance(MINUTE);
  for (const typ of ["JWT", "jwt", "dbsc+jwt", "dpop+jwt", "logout+jwt", "curfew-proof+jwt", KEY_TYP])
    expect((await browser.beat(clock.now(), { header: { typ } })).status, typ).toBe(400);
  expect((await post(browser, await browser.binding())).status).toBe(400);
  const heartbeat = await browser.heartbeat(clock.now());
  expect((await browser.post("/curfew/key", { binding: heartbeat })).status).toBe(400);
  const guarded = browser.request("/pay", {
    method: "POST",
    headers: { "curfew-proof": heartbeat, origin: ORIGIN },
  });
  expect(await sessions.check(guarded, { proof: true })).toMatchObject({ problem: { status: 403 } });
  expect(await lastActiveAt()).toBe(before);
});

test("36: there is one accepted form of a message", async () => {
  const { browser, clock, lastActiveAt } = await scene();
  const before = await lastActiveAt();
  clock.advance(MINUTE);
  const heartbeat = await browser.heartbeat(clock.now());
  const json = JSON.stringify({ heartbeat });
  const bodies = [
    `\uFEFF${json}`,
    `${json}x`,
    `{"heartbeat":"${heartbeat}","heartbeat":"${heartbeat}"}`,
    `{"heartbeat":"${heartbeat}","more":1}`,
    `{"heartbeat":"${heartbeat}="}`,
    `{"heartbeat":"${heartbeat}\\n"}`,
    `{"heartbe\\u0061t":"${heartbeat}"}`,
    `[${json}]`,
    `{"heartbeat":["${heartbeat}"]}`,
    "null",
    "",
  ];
  for (const body of bodies) expect((await browser.post("/curfew/heartbeat", body)).status, body).toBe(400);
  expect(await lastActiveAt()).toBe(before);
  expect((await browser.post("/curfew/heartbeat", json)).status).toBe(200);
});

test("39: of two machines with one cloned profile, neither goes on without the other being seen", async () => {
  const here = await scene();
  const { browser, clock, sessions, audit } = here;
  const clone = new TestBrowser(sessions, browser.key);
  clone.cookie = browser.cookie;
  clone.status = browser.status;
  clock.advance(MINUTE);
  expect((await browser.beat(clock.now())).status).toBe(200);
  clock.advance(MINUTE);
  expect((await clone.beat(clock.now())).status).toBe(409);
  expect(audit.at(-1)).toMatchObject({ type: "heartbeat_refused", code: "stale-nonce" });
});

test("76: keys that change prototypes change nothing", async () => {
  const { browser, clock } = await scene();
  clock.advance(MINUTE);
  const heartbeat = await browser.heartbeat(clock.now());
  for (const key of ["__proto__", "constructor", "prototype", "toString"])
    expect(
      (await browser.post("/curfew/heartbeat", `{"heartbeat":"${heartbeat}","${key}":{"isAdmin":true}}`))
        .status,
    ).toBe(400);
  expect((await browser.beat(clock.now(), { payload: { counts: { __proto__: null } } })).status).toBe(400);
  expect(Object.hasOwn(Object.prototype, "isAdmin")).toBe(false);
});

test("31: a public key is no HMAC secret", async () => {
  const { publicKey: secret } = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const { browser, clock } = await scene();
  const { createHmac } = await import("node:crypto");
  const input = `${encoded({ alg: "HS256", typ: "curfew-heartbeat+jwt", kid: browser.key.thumbprint })}.${encoded({ v: 1 })}`;
  const mac = createHmac("sha256", secret).update(input).digest("base64url");
  clock.advance(MINUTE);
  expect((await post(browser, `${input}.${mac}`)).status).toBe(400);
});
