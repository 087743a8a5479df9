import { describe, expect, test } from "vitest";
import { createTestKey, TestBrowser } from "./support/test-browser.js";
import { createTestVerifier, MINUTE } from "./support/test-verifier.js";

describe("questions for the status", () => {
  test("are answered with 429 and Retry-After beyond the limit, and extend nothing", async () => {
    const { sessions, audit } = createTestVerifier({ limits: { status: 10 } });
    const browser = await TestBrowser.signedIn(sessions);
    const { lastActiveAt } = browser.live;
    const statuses: number[] = [];
    for (let at = 0; at < 20; at++) statuses.push((await browser.ask()).status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(9);
    const { status, headers, body } = await browser.ask();
    expect([status, body.type]).toEqual([429, "urn:curfew:too-many"]);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    expect(browser.live.lastActiveAt).toBe(lastActiveAt);
    expect(audit.filter(({ type }) => type === "rate_limited")).toMatchObject([{ code: "status" }]);
  });

  test("from another address have a budget of their own", async () => {
    const { sessions } = createTestVerifier({ limits: { status: 5 } });
    const browser = await TestBrowser.signedIn(sessions);
    const ask = (address: string) => sessions.handle(browser.request("/curfew/session"), { address });
    for (let at = 0; at < 20; at++) await ask("203.0.113.9");
    expect((await ask("203.0.113.9")).status).toBe(429);
    expect((await ask("198.51.100.1")).status).toBe(200);
  });
});

test("another port, and another address of the same household, bring no budget of their own", async () => {
  const { sessions } = createTestVerifier({ limits: { status: 5 } });
  const browser = await TestBrowser.signedIn(sessions);
  const ask = async (address: string) =>
    (await sessions.handle(browser.request("/curfew/session"), { address })).status;
  const four = await Promise.all([...Array(20).keys()].map((port) => ask(`203.0.113.9:${port + 1}`)));
  expect(four.filter((status) => status === 200)).toHaveLength(5);
  const six = await Promise.all([...Array(20).keys()].map((host) => ask(`[2001:db8:1:2::${host + 1}]:443`)));
  expect(six.filter((status) => status === 200)).toHaveLength(5);
  expect(await ask("2001:db8:1:3::1")).toBe(200);
  expect(await ask("::ffff:203.0.113.9")).toBe(429);
});

describe("signatures that fail", () => {
  test("are not looked at any more beyond the limit, while the honest browser elsewhere is", async () => {
    const { sessions, clock, audit } = createTestVerifier({ limits: { failures: 5 } });
    const browser = await TestBrowser.signedIn(sessions);
    clock.advance(MINUTE);
    const stranger = await createTestKey();
    const send = (heartbeat: string, address: string) =>
      sessions.handle(
        new Request("https://app.test/curfew/heartbeat", {
          method: "POST",
          headers: {
            cookie: browser.cookie ?? "",
            origin: "https://app.test",
            "content-type": "application/json",
            "sec-fetch-site": "same-origin",
          },
          body: JSON.stringify({ heartbeat }),
        }),
        { address },
      );
    const forged = await browser.heartbeat(clock.now(), { key: stranger });
    const statuses: number[] = [];
    for (let at = 0; at < 8; at++) statuses.push((await send(forged, "203.0.113.9")).status);
    expect(statuses).toEqual([400, 400, 400, 400, 400, 429, 429, 429]);
    const honest = await browser.heartbeat(clock.now());
    expect((await send(honest, "198.51.100.1")).status).toBe(200);
    expect(audit.filter(({ type }) => type === "rate_limited")).toMatchObject([{ code: "failures" }]);
  });
});

describe("accepted heartbeats", () => {
  test("are at most four an interval, and an explicit extension is never refused for that", async () => {
    const { sessions, clock } = createTestVerifier();
    const browser = await TestBrowser.signedIn(sessions);
    const { heartbeatInterval } = browser.live;
    const statuses: number[] = [];
    for (let at = 0; at < 6; at++) {
      clock.advance(10);
      statuses.push((await browser.beat(clock.now())).status);
    }
    expect(statuses).toEqual([200, 200, 200, 200, 429, 429]);
    const extend = await browser.beat(clock.now(), { payload: { intent: "extend" } });
    expect(extend.status).toBe(200);
    clock.advance(heartbeatInterval);
    expect((await browser.beat(clock.now())).status).toBe(200);
  });
});

test("unknown cookies and stale nonces cost no signature", async () => {
  const { sessions, clock } = createTestVerifier({ limits: { failures: 1 } });
  const browser = await TestBrowser.signedIn(sessions);
  clock.advance(MINUTE);
  const old = await browser.heartbeat(clock.now());
  await browser.beat(clock.now());
  // With a budget of one failure a single verification would show: what never reaches the key never counts.
  for (let at = 0; at < 10; at++)
    expect((await browser.post("/curfew/heartbeat", { heartbeat: old })).status).toBe(409);
  const { cookie } = browser;
  browser.cookie = "__Host-curfew=unknown";
  for (let at = 0; at < 10; at++)
    expect((await browser.post("/curfew/heartbeat", { heartbeat: old })).status).toBe(401);
  browser.cookie = cookie;
  clock.advance(MINUTE);
  expect((await browser.beat(clock.now())).status).toBe(200);
});

test.each([
  [{ status: 0 }, /options\.limits\.status must be at least 1/],
  [{ failures: 1.5 }, /options\.limits\.failures must be a whole number/],
  [{ heartbeats: 3 }, /unknown key "limits\.heartbeats"/],
])("refuses the limits %j at start", (limits, message) => {
  expect(() => createTestVerifier({ limits: limits as never })).toThrow(message);
});
