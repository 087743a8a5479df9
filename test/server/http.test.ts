import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { ORIGIN, TestBrowser } from "./support/test-browser.js";
import { createTestVerifier, MINUTE } from "./support/test-verifier.js";

const PROBLEM = "application/problem+json";

async function signedIn(options = {}) {
  const verifier = createTestVerifier(options);
  return { ...verifier, browser: await TestBrowser.signedIn(verifier.sessions) };
}

test("a browser without a session cookie is told that there is none", async () => {
  const { sessions } = createTestVerifier();
  const response = await sessions.handle(new Request(`${ORIGIN}/curfew/session`));
  expect(response.status).toBe(200);
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(response.headers.get("set-cookie")).toBeNull();
  expect(await response.json()).toEqual({ v: 1, status: "none" });
});

test("an answer says to which question it belongs, so that none that a cache has kept passes for one", async () => {
  const { browser, sessions } = await signedIn();
  expect((await browser.ask("?ask=a-1_b")).body).toMatchObject({ status: "active", asked: "a-1_b" });
  expect((await browser.ask("?was=x&ask=2")).body).toMatchObject({ sameSubject: false, asked: "2" });
  const nobody = await sessions.handle(new Request(`${ORIGIN}/curfew/session?ask=3`));
  expect(await nobody.json()).toEqual({ v: 1, status: "none", asked: "3" });
  for (const query of ["", "?ask=", "?ask=<b>", `?ask=${"a".repeat(65)}`])
    expect((await browser.ask(query)).body).not.toHaveProperty("asked");
});

test("a cookie that names nothing gets 401 no-session and keeps its cookie", async () => {
  const { browser } = await signedIn();
  browser.cookie = "__Host-curfew=unknown";
  const { status, headers, body } = await browser.ask();
  expect([status, body.type, headers.get("set-cookie")]).toEqual([401, "urn:curfew:no-session", null]);
});

test.each([
  ["a long value", `__Host-curfew=${"a".repeat(4_000)}`, 401, "urn:curfew:no-session"],
  ["a value with commas", "__Host-curfew=a, __Host-curfew=b", 401, "urn:curfew:no-session"],
  ["an empty value", "__Host-curfew=", 200, undefined],
  ["another case", "__host-curfew=a; __HOST-CURFEW=b; __Host-Curfew=c", 200, undefined],
  ["no prefix", "curfew=a; __Secure-curfew=b", 200, undefined],
  ["the mark of an end", "__Host-curfew.end=a", 200, undefined],
  ["one value twice", "__Host-curfew=a; __Host-curfew=a", 400, "urn:curfew:bad-request"],
  ["two values", "__Host-curfew=a;__Host-curfew=b", 400, "urn:curfew:bad-request"],
  ["an empty one and another", "__Host-curfew=; __Host-curfew=b", 400, "urn:curfew:bad-request"],
])("a cookie header with %s is read in one way", async (_name, cookie, status, type) => {
  const { sessions } = createTestVerifier();
  const request = new Request(`${ORIGIN}/curfew/session`, { headers: { cookie } });
  const response = await sessions.handle(request);
  expect([response.status, ((await response.json()) as { type?: string }).type]).toEqual([status, type]);
});

test("only the first answer that tells of an end takes kept pages from the browser, and none clears the cookie", async () => {
  const { browser, clock } = await signedIn();
  clock.advance(15 * MINUTE);
  const first = await browser.ask();
  expect(first.headers.getSetCookie()).toEqual([expect.stringMatching(/^__Host-curfew\.end=.*Max-Age=60/)]);
  expect(first.headers.get("clear-site-data")).toBe('"cache"');
  browser.cookie = `${browser.cookie}; ${first.headers.getSetCookie()[0]?.split(";")[0]}`;
  const second = await browser.ask();
  expect([second.status, second.headers.get("set-cookie"), second.headers.get("clear-site-data")]).toEqual([
    401,
    null,
    null,
  ]);
});

test.each([
  ["text", "this is no JSON"],
  ["a number", "1"],
  ["a list", "[]"],
  ["null", "null"],
  ["an empty body", ""],
  ["an empty object", "{}"],
  ["a member too many", '{"heartbeat":"a.b.c","more":1}'],
  ["duplicate members", '{"heartbeat":"a.b.c","heartbeat":"a.b.c"}'],
  ["a byte-order mark", '\uFEFF{"heartbeat":"a.b.c"}'],
  ["a number for the JWS", '{"heartbeat":1}'],
  ["__proto__", '{"__proto__":{"heartbeat":"a.b.c"}}'],
  ["deep nesting", `{"heartbeat":${"[".repeat(900)}${"]".repeat(900)}}`],
  ["no JWS", '{"heartbeat":"abc"}'],
  ["a JWS of nothing", '{"heartbeat":".."}'],
])("a body that is %s gets a problem and loses nothing", async (_name, body) => {
  const { browser } = await signedIn();
  const before = browser.live;
  const answer = await browser.post("/curfew/heartbeat", body);
  expect(answer.status).toBe(400);
  expect(answer.headers.get("content-type")).toBe(PROBLEM);
  expect(answer.body.detail).toEqual(expect.any(String));
  expect((await browser.ask()).body).toMatchObject({ nonce: before.nonce, expiresAt: before.expiresAt });
});

test("a body of one megabyte gets 413", async () => {
  const { browser } = await signedIn();
  const { status, body } = await browser.post(
    "/curfew/heartbeat",
    JSON.stringify({ heartbeat: "a".repeat(1_000_000) }),
  );
  expect([status, body.type]).toEqual([413, "urn:curfew:too-large"]);
});

test.each([
  "text/plain",
  "application/x-www-form-urlencoded",
  "multipart/form-data",
  "application/jsonp",
  "",
])("the media type %j is refused", async (type) => {
  const { browser } = await signedIn();
  const { status, body } = await browser.post(
    "/curfew/end",
    { sid: browser.live.sid },
    { "content-type": type },
  );
  expect([status, body.code]).toEqual([400, "media-type"]);
  expect((await browser.ask()).status).toBe(200);
});

test.each(["/curfew/heartbeat", "/curfew/key", "/curfew/end"])(
  "%s answers other methods with 405",
  async (path) => {
    const { browser } = await signedIn();
    for (const method of ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"]) {
      const answer = await browser.send(browser.request(path, { method }));
      expect([answer.status, answer.headers.get("allow")]).toEqual([405, "POST"]);
    }
    expect((await browser.send(browser.request("/curfew/session", { method: "POST" }))).status).toBe(405);
    expect((await browser.ask()).status).toBe(200);
  },
);

test.each([
  ["the page itself", { "sec-fetch-site": "same-origin", origin: ORIGIN }, 204],
  [
    "the page itself behind a proxy that changes the host",
    { "sec-fetch-site": "same-origin", origin: "http://localhost:5173" },
    204,
  ],
  ["an old browser on our origin", { origin: ORIGIN }, 204],
  ["another site", { "sec-fetch-site": "cross-site", origin: "https://evil.test" }, 403],
  ["another site that an old browser names", { origin: "https://evil.test" }, 403],
  ["a sibling", { "sec-fetch-site": "same-site", origin: "https://other.app.test" }, 403],
  ["a sibling that claims our origin", { "sec-fetch-site": "same-site", origin: ORIGIN }, 403],
  ["nobody", {}, 403],
  ["a sandboxed frame", { origin: "null" }, 403],
  ["a navigation", { "sec-fetch-site": "none" }, 403],
])("a post from %s: %j is answered with %i", async (_name, headers, expected) => {
  const { browser } = await signedIn();
  const request = browser.request("/curfew/end", {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ sid: browser.live.sid }),
  });
  const answer = await browser.send(request);
  expect(answer.status).toBe(expected);
  if (expected === 403) expect(answer.body.type).toBe("urn:curfew:cross-site");
  expect((await browser.ask()).status).toBe(expected === 403 ? 200 : 401);
});

test("a listed origin may call with credentials and read every answer; others may not", async () => {
  const page = "https://www.app.test";
  const { browser, sessions, clock } = await signedIn({ origins: [page] });
  const headers = { origin: page, "sec-fetch-site": "same-site" };
  const preflight = await sessions.handle(
    new Request(`${ORIGIN}/curfew/heartbeat`, {
      method: "OPTIONS",
      headers: { ...headers, "access-control-request-method": "POST" },
    }),
  );
  expect(preflight.status).toBe(204);
  expect(Object.fromEntries(preflight.headers)).toMatchObject({
    "access-control-allow-origin": page,
    "access-control-allow-credentials": "true",
    "access-control-allow-headers": "Content-Type",
    vary: "Origin",
  });
  const heartbeat = await browser.heartbeat(clock.now(), { payload: { aud: page } });
  const beat = await browser.post("/curfew/heartbeat", { heartbeat }, headers);
  expect(beat.status).toBe(200);
  expect(beat.headers.get("access-control-allow-origin")).toBe(page);
  const refused = await browser.post("/curfew/heartbeat", "no JSON", headers);
  expect([refused.status, refused.headers.get("access-control-allow-origin")]).toEqual([400, page]);
  expect(refused.headers.get("access-control-expose-headers")).toBe("Retry-After, WWW-Authenticate");
  const evil = await sessions.handle(
    new Request(`${ORIGIN}/curfew/heartbeat`, {
      method: "OPTIONS",
      headers: { origin: "https://evil.test" },
    }),
  );
  expect([evil.status, evil.headers.get("access-control-allow-origin")]).toEqual([405, null]);
});

test.each([
  ["twice", (cookie: string) => `${cookie}; __Host-curfew=other`],
  ["twice the same", (cookie: string) => `${cookie}; ${cookie}`],
])("a session cookie that comes %s is refused everywhere", async (_name, twist) => {
  const { browser, sessions } = await signedIn();
  browser.cookie = twist(browser.cookie ?? "");
  const { status, body } = await browser.ask();
  expect([status, body.code]).toEqual([400, "duplicate-cookie"]);
  expect((await sessions.check(browser.request("/api"))).status).toBe("refused");
});

test.each([
  ["a Unicode space before the name", (cookie: string) => `\u00a0${cookie}`],
  ["$Version", (cookie: string) => `$Version=1; $Path=/; x${cookie}`],
  ["another case", (cookie: string) => cookie.replace("__Host-", "__HOST-")],
  ["no prefix", (cookie: string) => cookie.replace("__Host-", "")],
])("a cookie with %s is none of ours", async (_name, twist) => {
  const { browser } = await signedIn();
  browser.cookie = twist(browser.cookie ?? "");
  expect((await browser.ask()).body).toEqual({ v: 1, status: "none" });
});

test("the secret is taken from the cookie and from nowhere else", async () => {
  const { browser, sessions } = await signedIn();
  const secret = browser.cookie?.split("=")[1] ?? "";
  const tries = [
    new Request(`${ORIGIN}/api?__Host-curfew=${secret}`),
    new Request(`${ORIGIN}/api`, { headers: { authorization: `Bearer ${secret}` } }),
    new Request(`${ORIGIN}/api`, { headers: { "x-curfew": secret } }),
  ];
  for (const request of tries) expect((await sessions.check(request)).status).toBe("none");
});

test("the script include is served with an ETag under its plain and its hashed name", async () => {
  const { sessions } = createTestVerifier();
  const plain = await sessions.handle(new Request(`${ORIGIN}/curfew/curfew.js`));
  expect([plain.status, plain.headers.get("content-type")]).toEqual([200, "text/javascript; charset=utf-8"]);
  const etag = plain.headers.get("etag") ?? "";
  const again = await sessions.handle(
    new Request(`${ORIGIN}/curfew/curfew.js`, { headers: { "if-none-match": etag } }),
  );
  expect(again.status).toBe(304);
  const hashed = await sessions.handle(new Request(`${ORIGIN}/curfew/curfew-${etag.slice(1, -1)}.js`));
  expect([hashed.status, hashed.headers.get("cache-control")]).toEqual([
    200,
    "public, max-age=31536000, immutable",
  ]);
  expect((await sessions.handle(new Request(`${ORIGIN}/curfew/curfew-AAAAAAAAAAAAAAAA.js`))).status).toBe(
    404,
  );
  for (const name of ["curfew-drafts", "curfew-frame"])
    expect((await sessions.handle(new Request(`${ORIGIN}/curfew/${name}.js`))).status).toBe(200);
  expect((await sessions.handle(new Request(`${ORIGIN}/curfew/locales/en.json`))).status).toBe(200);
  expect((await sessions.handle(new Request(`${ORIGIN}/curfew/locales/../../package.json`))).status).toBe(
    404,
  );
});

test("an unknown path below the base is a problem, not a page", async () => {
  const { sessions } = createTestVerifier();
  const response = await sessions.handle(new Request(`${ORIGIN}/curfew/other`));
  expect([response.status, response.headers.get("content-type")]).toEqual([404, PROBLEM]);
});

test("a store that fails or hangs gets 503 with Retry-After, no access and no extension", async () => {
  const { memoryStore } = await import("../../src/server/stores/memory.js");
  const store = memoryStore();
  const { sessions, audit } = createTestVerifier({ store });
  const browser = await TestBrowser.signedIn(sessions);
  const failures = [() => Promise.reject(new Error("the disk is gone")), () => new Promise<never>(() => {})];
  for (const fail of failures) {
    const { findBySecret } = store;
    Object.assign(store, { findBySecret: fail });
    for (const answer of [await browser.ask(), await browser.beat(Date.now())]) {
      expect([answer.status, answer.body.type]).toEqual([503, "urn:curfew:unavailable"]);
      expect(answer.headers.get("retry-after")).toBe("1");
    }
    expect((await sessions.check(browser.request("/api"))).status).toBe("unavailable");
    Object.assign(store, { findBySecret });
  }
  expect((await browser.ask()).status).toBe(200);
  expect(audit.map(({ type }) => type)).not.toContain("session_renewed");
});

test("an answer that cannot be sent ends the connection, lets nobody pass and stops nothing", async () => {
  const lines: string[] = [];
  const logger = { info: () => {}, warn: () => {}, error: (line: string) => lines.push(line) };
  const { sessions } = createTestVerifier({ logger });
  const guard = sessions.guard();
  let passed = 0;
  const server = createServer((request, response) => {
    response.writeHead(200); // too early: the guard can set no header any more
    guard(request, response, () => {
      passed++;
      response.end();
    });
  }).listen(0);
  const { port } = server.address() as AddressInfo;
  await expect(fetch(`http://127.0.0.1:${port}/`).then((answer) => answer.text())).rejects.toThrow();
  expect(passed).toBe(0);
  expect(lines.join()).toContain("an answer could not be sent");
  server.close();
});
