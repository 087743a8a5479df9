import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { afterEach, describe, expect, test } from "vitest";
import { PROOF_TYP } from "../../src/protocol/operation-proof.js";
import { sha256 } from "../../src/server/platform/secrets.js";
import { createTestKey, ORIGIN, TestBrowser } from "./support/test-browser.js";
import { createTestVerifier, MINUTE } from "./support/test-verifier.js";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function signedIn(options: Record<string, unknown> = {}) {
  const verifier = createTestVerifier();
  const browser = new TestBrowser(verifier.sessions, await createTestKey());
  await browser.signIn("ann", options);
  await browser.bind();
  return { ...verifier, browser };
}

describe("roles and scopes", () => {
  test("a guard lets pass who has one of its roles, and answers 403 to others", async () => {
    const { sessions, browser } = await signedIn({ roles: ["nurse"] });
    const request = browser.request("/api");
    expect((await sessions.check(request, { roles: ["admin", "nurse"] })).status).toBe("active");
    expect((await sessions.check(request, { roles: "nurse" })).status).toBe("active");
    expect(await sessions.check(request, { roles: "admin" })).toMatchObject({
      status: "forbidden",
      problem: { type: "urn:curfew:forbidden", status: 403 },
    });
  });

  test("a guard wants every scope", async () => {
    const { sessions, browser } = await signedIn({ attributes: { scope: "read pay" } });
    const request = browser.request("/api");
    expect((await sessions.check(request, { scope: "pay read" })).status).toBe("active");
    expect((await sessions.check(request, { scope: "pay admin" })).status).toBe("forbidden");
  });

  test("a guard that names a scope or a role of nothing but spaces, or none, is refused at start", async () => {
    const { sessions } = await signedIn();
    for (const scope of ["", " ", "   "])
      expect(() => sessions.guard({ scope })).toThrow(/^guard\.scope must/);
    expect(() => sessions.guard({ roles: [] })).toThrow(/^guard\.roles must name at least one role/);
  });

  test("new roles count at once, and the audit tells of them", async () => {
    const { sessions, browser, audit } = await signedIn({ roles: ["nurse"] });
    const updated = await sessions.update(browser.request("/admin"), { roles: ["admin"] });
    expect(updated.roles).toEqual(["admin"]);
    expect((await sessions.check(browser.request("/api"), { roles: "nurse" })).status).toBe("forbidden");
    expect((await sessions.check(browser.request("/api"), { roles: "admin" })).status).toBe("active");
    expect(audit.map(({ type }) => type)).toContain("session_updated");
  });

  test("an ended session is not updated", async () => {
    const { sessions, browser, clock } = await signedIn();
    clock.advance(15 * MINUTE);
    await expect(sessions.update(browser.request("/"), { roles: ["admin"] })).rejects.toMatchObject({
      code: "ended",
    });
  });
});

describe("a pause that is too long for the route", () => {
  test("needs a step-up, although activity has come again", async () => {
    const { sessions, browser, clock } = await signedIn();
    const check = () => sessions.check(browser.request("/vault"), { idle: "5m" });
    clock.advance(5 * MINUTE - 1);
    expect((await check()).status).toBe("active");
    clock.advance(1);
    expect(await check()).toMatchObject({ status: "stale", problem: { maxAge: 300 } });
    await browser.beat(clock.now());
    expect((await check()).status).toBe("stale");
    await browser.reauthenticate("ann");
    expect((await check()).status).toBe("active");
  });

  test("leaves the rest of the app alone", async () => {
    const { sessions, browser, clock } = await signedIn();
    clock.advance(6 * MINUTE);
    expect((await sessions.check(browser.request("/notes"))).status).toBe("active");
  });
});

describe("a question that is not the browser's own request", () => {
  const policy = {
    idle: "15m",
    absolute: "12h",
    rules: [{ routes: ["/admin/**"], fresh: "5m" }, { routes: ["/**"] }],
  } as const;

  test.each([
    ["/", "active"],
    ["/notes", "active"],
    ["/admin", "stale"],
    ["/admin/users?page=2", "stale"],
    ["/x/%2e%2e/ADMIN", "stale"],
    [null, "stale"],
    ["", "stale"],
    ["admin", "stale"],
    ["/%00", "stale"],
    [undefined, "active"],
  ])(
    "is asked for the path %j, and a path that nobody can read is held to the strictest rule",
    async (path, status) => {
      const { sessions, clock } = createTestVerifier({ policy });
      const browser = await TestBrowser.signedIn(sessions);
      clock.advance(6 * MINUTE);
      const options = path === undefined ? {} : { path };
      expect((await sessions.check(browser.request("/"), options)).status).toBe(status);
    },
  );
});

/** The proof that the bound key makes of one operation. */
async function proofOf(browser: TestBrowser, challenge: string, changes: Record<string, unknown> = {}) {
  const {
    header = {},
    key = browser.key,
    ...payload
  } = changes as {
    header?: Record<string, unknown>;
    key?: typeof browser.key;
  };
  return key.sign(
    { alg: "ES256", typ: PROOF_TYP, kid: browser.key.thumbprint, ...header },
    {
      v: 1,
      aud: ORIGIN,
      sid: browser.live.sid,
      challenge,
      method: "POST",
      path: "/transfer?to=7",
      bodyHash: sha256('{"amount":5}'),
      ...payload,
    },
  );
}

describe("the proof of an operation", () => {
  const operation = (browser: TestBrowser, proof?: string, changes: { path?: string; body?: string } = {}) =>
    browser.request(changes.path ?? "/transfer?to=7", {
      method: "POST",
      headers: { origin: ORIGIN, ...(proof === undefined ? {} : { "curfew-proof": proof }) },
      body: changes.body ?? '{"amount":5}',
    });

  async function challenged() {
    const known = await signedIn();
    const asked = await known.sessions.check(operation(known.browser), { proof: true });
    if (asked.status !== "stale") throw new Error(`expected a challenge, got ${asked.status}`);
    const { challenge = "" } = asked.problem;
    const check = (request: Request) => known.sessions.check(request, { proof: true });
    return { ...known, asked, challenge, check };
  }

  test("is asked for with a challenge, as RFC 9470 asks", async () => {
    const { asked, challenge } = await challenged();
    expect(asked.problem).toMatchObject({ type: "urn:curfew:step-up", status: 401, code: "proof" });
    expect(challenge).toMatch(/^[\w-]{43}$/);
  });

  test("lets the operation pass, once, and leaves its body to the app", async () => {
    const { browser, challenge, check, audit } = await challenged();
    const proof = await proofOf(browser, challenge);
    const request = operation(browser, proof);
    expect((await check(request)).status).toBe("active");
    expect(await request.text()).toBe('{"amount":5}');
    expect(await check(operation(browser, proof))).toMatchObject({
      status: "refused",
      problem: { type: "urn:curfew:bad-proof", status: 403, code: "challenge" },
    });
    expect(audit.filter(({ type }) => type === "step_up_proven")).toHaveLength(1);
    expect(audit.find(({ type }) => type === "proof_refused")).toMatchObject({ code: "challenge" });
  });

  test("is good once when it is sent twice at the same moment", async () => {
    const { browser, challenge, check } = await challenged();
    const proof = await proofOf(browser, challenge);
    const results = await Promise.all([...Array(20)].map(() => check(operation(browser, proof))));
    expect(results.filter(({ status }) => status === "active")).toHaveLength(1);
  });

  test.each([
    ["another path", "operation", {}, { path: "/transfer?to=8" }],
    ["another body", "body", {}, { body: '{"amount":500}' }],
    ["another method", "operation", { method: "PUT" }, {}],
    ["another session", "sid", { sid: "other" }, {}],
    ["another origin", "aud", { aud: "https://evil.test" }, {}],
    ["another type of JWS", "typ", { header: { typ: "curfew-heartbeat+jwt" } }, {}],
    ["another algorithm", "alg", { header: { alg: "none" } }, {}],
    ["another key's name", "key", { header: { kid: "other" } }, {}],
    ["a member too many", "shape", { more: 1 }, {}],
  ])("is refused for %s", async (_name, code, changes, request) => {
    const { browser, challenge, check } = await challenged();
    const proof = await proofOf(browser, challenge, changes);
    expect(await check(operation(browser, proof, request))).toMatchObject({
      status: "refused",
      problem: { code },
    });
    const right = await proofOf(browser, challenge);
    expect((await check(operation(browser, right))).status).toBe("active");
  });

  test("is refused with another key, and two minutes later", async () => {
    const { browser, challenge, check, clock } = await challenged();
    const other = await proofOf(browser, challenge, { key: await createTestKey() });
    expect(await check(operation(browser, other))).toMatchObject({ problem: { code: "signature" } });
    clock.advance(2 * MINUTE);
    const late = await proofOf(browser, challenge);
    expect(await check(operation(browser, late))).toMatchObject({ problem: { code: "challenge" } });
  });

  test.each([{ "content-length": "12" }, { "transfer-encoding": "chunked" }])(
    "does not pass for an empty body by a request that was made without its body (%j)",
    async (said) => {
      const { browser, challenge, check } = await challenged();
      const proof = await proofOf(browser, challenge, { bodyHash: sha256("") });
      const headOnly = new Request(`${ORIGIN}/transfer?to=7`, {
        method: "POST",
        headers: { ...said, origin: ORIGIN, cookie: browser.cookie ?? "", "curfew-proof": proof },
      });
      expect(await check(headOnly)).toMatchObject({ status: "refused", problem: { code: "body-consumed" } });
    },
  );

  test("is out of reach for a session without a key", async () => {
    const { sessions } = createTestVerifier();
    const browser = await TestBrowser.signedIn(sessions, { bind: false });
    const asked = await sessions.check(operation(browser), { proof: true });
    const challenge = asked.status === "stale" ? (asked.problem.challenge ?? "") : "";
    const proof = await proofOf(browser, challenge);
    expect(await sessions.check(operation(browser, proof), { proof: true })).toMatchObject({
      problem: { type: "urn:curfew:key-mismatch" },
    });
  });

  test("passes through Express before a body parser, which then reads the body", async () => {
    const { sessions, browser } = await signedIn();
    const app = express();
    app.post("/transfer", sessions.guard({ proof: true }), express.json(), (request, response) => {
      response.json(request.body);
    });
    const server = createServer(app).listen(0);
    servers.push(server);
    const { port } = server.address() as AddressInfo;
    const post = (headers: Record<string, string>) =>
      fetch(`http://127.0.0.1:${port}/transfer?to=7`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          origin: ORIGIN,
          cookie: browser.cookie ?? "",
          ...headers,
        },
        body: '{"amount":5}',
      });
    const asked = await post({});
    expect(asked.headers.get("www-authenticate")).toMatch(
      /error="insufficient_user_authentication", challenge="/,
    );
    const { challenge } = (await asked.json()) as { challenge: string };
    const answer = await post({ "curfew-proof": await proofOf(browser, challenge) });
    expect([answer.status, await answer.json()]).toEqual([200, { amount: 5 }]);
  });
});
