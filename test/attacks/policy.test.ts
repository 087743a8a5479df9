/** Attacks on the policy: drift, mistakes, spellings of a path, spoofed addresses. */
import { once } from "node:events";
import { createServer, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import type { PolicyOptions } from "../../src/server/policy/policy.types.js";
import { createTestKey, TestBrowser } from "../server/support/test-browser.js";
import { createTestVerifier, MINUTE } from "../server/support/test-verifier.js";
import { atEnd, copyOf, STORES } from "./support/nodes.js";

const BASE = { idle: "15m", absolute: "12h", warning: "2m" } as const;

describe("66: a policy that is not what somebody meant", () => {
  test.each<[string, Record<string, unknown>]>([
    ["a number without a unit", { idle: 15 }],
    ["a text without a unit", { idle: "15" }],
    ["the text 0", { idle: "0" }],
    ["zero minutes", { idle: "0m" }],
    ["a negative time", { idle: "-15m" }],
    ["NaN", { idle: Number.NaN }],
    ["infinity", { absolute: Number.POSITIVE_INFINITY }],
    ["nothing", { idle: undefined }],
    ["null", { absolute: null }],
    ["an empty text", { idle: "" }],
    ["more than a timer holds", { absolute: "2147483648ms" }],
    ["a unit that is none", { idle: "15 mins of fame" }],
    ["an unknown key", { idleTimeout: "15m" }],
    ["a key in another case", { Idle: "15m" }],
    ["a warning as long as idle", { warning: "15m" }],
    ["a warning under 25 s", { warning: "24s" }],
    ["idle over absolute", { absolute: "14m" }],
    ["a heartbeat over a third of idle", { heartbeat: "6m" }],
    ["a route that loosens", { rules: [{ routes: ["/api/**"], idle: "30m" }] }],
    ["a rule that loosens and does not say so", { rules: [{ roles: ["admin"], idle: "30m" }] }],
    ["observing without an end", { enforce: false }],
    ["unsafeForTesting as a text", { unsafeForTesting: "false" }],
  ])("66: %s is refused at start", (_name, changes) => {
    const policy = { ...BASE, ...changes } as unknown as PolicyOptions;
    expect(() => createTestVerifier({ policy })).toThrow(/policy/);
  });
});

test("66: a policy object that is changed after the start changes nothing, and its fingerprint is in status and audit", async () => {
  const rules = [{ roles: ["admin"], idle: "5m" }];
  const policy = { ...BASE, rules };
  const { sessions, audit } = createTestVerifier({ policy });
  const browser = await TestBrowser.signedIn(sessions);
  const { fingerprint } = browser.live.policy;
  Object.assign(policy, { idle: "8h", warning: "1h" });
  Object.assign(rules[0] ?? {}, { idle: "8h" });
  rules[0]?.roles.pop();
  const admin = new TestBrowser(sessions, await createTestKey());
  await admin.signIn("bob", { roles: ["admin"] });
  expect((await browser.ask()).body).toMatchObject({ idleTimeout: 15 * MINUTE, policy: { fingerprint } });
  expect(admin.live.idleTimeout).toBe(5 * MINUTE);
  expect(new Set(audit.map((record) => record.policy))).toEqual(new Set([fingerprint]));
  // Another policy is another fingerprint: what the pipeline compares.
  const drifted = createTestVerifier({ policy: { ...BASE, idle: "16m" } });
  expect((await TestBrowser.signedIn(drifted.sessions)).live.policy.fingerprint).not.toBe(fingerprint);
});

test.each(STORES)(
  "67: a policy loosened mid-session loosens nobody before reauthentication ($name)",
  async ({ open }) => {
    const nodes = open();
    const strict = nodes.add({ policy: { ...BASE, idle: "10m", absolute: "8h" } });
    const loose = nodes.add({ policy: { ...BASE, idle: "30m", absolute: "24h" } });
    const browser = await TestBrowser.signedIn(strict.sessions);
    const after = copyOf(browser, loose.sessions);
    await after.ask();
    await after.beat(nodes.clock.now());
    expect(after.live).toMatchObject({ idleTimeout: 10 * MINUTE, absoluteTimeout: 8 * 60 * MINUTE });
    nodes.clock.advance(10 * MINUTE - 1);
    expect((await loose.sessions.check(after.request("/api"))).status).toBe("active");
    await after.reauthenticate("ann");
    expect(after.live).toMatchObject({ idleTimeout: 30 * MINUTE, absoluteTimeout: 24 * 60 * MINUTE });
    // And the other way round a stricter policy takes hold at the next look.
    nodes.clock.advance(10 * MINUTE);
    expect((await strict.sessions.check(after.request("/api"))).status).toBe("ended");
  },
);

/** What a router or a proxy in between may take for /admin/users. */
const SPELLINGS = [
  "/admin/users",
  "/ADMIN/Users",
  "//admin//users",
  "/./admin/users",
  "/notes/../admin/users",
  "/notes/%2e%2e/admin/users",
  "/%61dmin/users",
  "/%2561dmin/users",
  "/admin%2fusers",
  "/admin%252fusers",
  "/admin;jsessionid=1/users",
  "/admin/;/users",
  "/;x/admin/users",
  "/admin/users/",
  "/admin/users?x=/notes",
  "/admin\\users",
  "/admin%5cusers",
  "/%ef%bd%81dmin/users",
];

test("68: no spelling of a strict route is held to less than the route itself", async () => {
  const policy: PolicyOptions = {
    ...BASE,
    rules: [{ routes: ["/admin/**"], idle: "5m" }, { routes: ["/notes/**"] }],
  };
  const { sessions, clock } = createTestVerifier({ policy });
  const browser = await TestBrowser.signedIn(sessions);
  const guard = sessions.guard();
  const server = createServer((message, response) =>
    guard(message, response, () => response.end("in")),
  ).listen(0);
  atEnd(() => server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  // Not by fetch, which would tidy the path up.
  const statusOf = (path: string) =>
    new Promise<number>((resolve, reject) => {
      send({ port, path, headers: { cookie: browser.cookie ?? "" } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      })
        .on("error", reject)
        .end();
    });
  clock.advance(6 * MINUTE);
  for (const path of SPELLINGS) expect(await statusOf(path), path).toBe(401);
  for (const path of ["/unlisted", "/", "/%zz", "/notes%00/x"]) expect(await statusOf(path), path).toBe(401);
  expect(await statusOf("/notes/7")).toBe(200);
});

describe("69: an address that a caller says it has", () => {
  const policy: PolicyOptions = { ...BASE, rules: [{ networks: ["10.0.0.0/8"], idle: "30m", relax: true }] };

  async function askThrough(trustProxy: readonly string[]) {
    const { sessions } = createTestVerifier({ policy, trustProxy });
    const server = createServer((request, response) => {
      void sessions
        .start(request, response, { subject: "ann" })
        .then(({ idleExpiresAt, lastActiveAt }) => response.end(String(idleExpiresAt - lastActiveAt)));
    }).listen(0, "127.0.0.1");
    atEnd(() => server.close());
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    return async (headers: Record<string, string>) => {
      const answer = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", headers });
      return Number(await answer.text());
    };
  }

  test.each([
    { "x-forwarded-for": "10.0.0.9" },
    { "x-forwarded-for": "10.0.0.9, 10.0.0.8" },
    { forwarded: "for=10.0.0.9" },
    { "x-real-ip": "10.0.0.9" },
    { "x-client-ip": "10.0.0.9" },
    { "true-client-ip": "10.0.0.9" },
  ])("69: %j from no trusted proxy loosens nothing", async (headers) => {
    const ask = await askThrough([]);
    expect(await ask(headers)).toBe(15 * MINUTE);
  });

  test("69: of a trusted proxy's list only the address that it has added counts", async () => {
    const ask = await askThrough(["loopback"]);
    // The proxy appends the caller's real address; what stands before it is the caller's own word.
    expect(await ask({ "x-forwarded-for": "10.0.0.9, 203.0.113.7" })).toBe(15 * MINUTE);
    for (const nonsense of [
      "10.0.0.9.evil.test",
      "10.0.0.9/8",
      "[10.0.0.9]",
      "::ffff:203.0.113.7",
      "010.0.0.9",
    ])
      expect(await ask({ "x-forwarded-for": nonsense }), nonsense).toBe(15 * MINUTE);
    expect(await ask({ "x-forwarded-for": "10.0.0.9" })).toBe(30 * MINUTE);
    expect(await ask({ "x-forwarded-for": "::ffff:10.0.0.9" })).toBe(30 * MINUTE);
  });

  test("69: a session that leaves the trusted network is held to the stricter time by the request that shows it", async () => {
    const { sessions, clock, audit } = createTestVerifier({ policy, trustProxy: ["loopback"] });
    const [routes, listener] = [sessions.routes(), createServer()];
    listener.on("request", (request, response) => {
      if (request.url !== "/sign-in") return routes(request, response);
      void sessions.start(request, response, { subject: "ann" }).then(() => response.end());
    });
    listener.listen(0, "127.0.0.1");
    atEnd(() => listener.close());
    await once(listener, "listening");
    const { port } = listener.address() as AddressInfo;
    let cookie = "";
    const call = async (path: string, address: string, method = "GET") => {
      const headers = { "x-forwarded-for": address, cookie };
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers });
      cookie ||= answer.headers.getSetCookie()[0]?.split(";")[0] ?? "";
      return JSON.parse((await answer.text()) || "{}") as Record<string, unknown>;
    };
    await call("/sign-in", "10.0.0.9", "POST");
    clock.advance(20 * MINUTE);
    expect(await call("/curfew/session", "10.0.0.9")).toMatchObject({ idleTimeout: 30 * MINUTE });
    const ended = { type: "urn:curfew:session-ended", reason: "idle", endedAt: clock.now() - 5 * MINUTE };
    expect(await call("/curfew/session", "203.0.113.7")).toMatchObject(ended);
    expect(await call("/curfew/session", "10.0.0.9")).toMatchObject(ended);
    expect(audit.at(-1)?.type).toBe("session_expired");
  });
});
