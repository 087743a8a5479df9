import { describe, expect, test } from "vitest";
import type { PolicyOptions } from "../../src/server/policy/policy.types.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import { createTestKey, ORIGIN, TestBrowser } from "./support/test-browser.js";
import { createTestClock } from "./support/test-clock.js";
import { createTestVerifier, MINUTE } from "./support/test-verifier.js";

const BASE = { idle: "15m", absolute: "12h", warning: "2m" } as const;

async function signedIn(policy: PolicyOptions, start: Record<string, unknown> = {}) {
  const verifier = createTestVerifier({ policy });
  const browser = new TestBrowser(verifier.sessions, await createTestKey());
  await browser.signIn("ann", start);
  await browser.bind();
  return { ...verifier, browser };
}

describe("rules by role and attribute", () => {
  const policy: PolicyOptions = {
    ...BASE,
    rules: [
      { roles: ["admin"], idle: "5m" },
      { attributes: { station: "ward" }, idle: "10m", absolute: "8h" },
      { roles: ["display"], idle: "8h", relax: true, justification: "a display on the wall" },
    ],
  };

  test.each([
    [{}, 15 * MINUTE],
    [{ roles: ["admin"] }, 5 * MINUTE],
    [{ attributes: { station: "ward" } }, 10 * MINUTE],
    [{ roles: ["admin"], attributes: { station: "ward" } }, 5 * MINUTE],
    [{ roles: ["display"] }, 8 * 60 * MINUTE],
    [{ roles: ["display", "admin"] }, 5 * MINUTE],
  ])("a session of %j ends after its own idle timeout, to the millisecond", async (start, idleTimeout) => {
    const { browser, clock, sessions } = await signedIn(policy, start);
    expect(browser.live.idleTimeout).toBe(idleTimeout);
    expect(browser.live.warningPeriod).toBeLessThan(idleTimeout);
    clock.advance(idleTimeout - 1);
    expect((await sessions.check(browser.request("/api"))).status).toBe("active");
    clock.advance(1);
    expect((await sessions.check(browser.request("/api"))).status).toBe("ended");
  });

  test("a new role that tightens takes hold at once, one that relaxes at reauthentication", async () => {
    const { browser, sessions } = await signedIn(policy);
    await sessions.update(browser.request("/"), { roles: ["admin"] });
    expect((await browser.ask()).body.idleTimeout).toBe(5 * MINUTE);
    await sessions.update(browser.request("/"), { roles: ["display"] });
    expect((await browser.ask()).body.idleTimeout).toBe(5 * MINUTE);
    await browser.reauthenticate("ann");
    expect((await browser.ask()).body.idleTimeout).toBe(8 * 60 * MINUTE);
  });
});

describe("rules by network", () => {
  const policy: PolicyOptions = {
    ...BASE,
    rules: [{ networks: ["10.0.0.0/8"], idle: "30m", relax: true }],
  };
  async function inside() {
    const { sessions, clock, audit } = createTestVerifier({ policy });
    const start = new Request(`${ORIGIN}/sign-in`, { method: "POST" });
    // A fetch-style start has no address: the first request from inside cannot loosen it any more.
    const { headers } = await sessions.start(start, { subject: "ann" });
    return { sessions, clock, audit, cookie: headers.getSetCookie()[0]?.split(";")[0] ?? "" };
  }

  test("a session that moves into the trusted network is not loosened before reauthentication", async () => {
    const { sessions, cookie, audit } = await inside();
    const status = async (address: string) => {
      const request = new Request(`${ORIGIN}/curfew/session`, { headers: { cookie } });
      return (await (await sessions.handle(request, { address })).json()) as { idleTimeout: number };
    };
    expect((await status("203.0.113.7")).idleTimeout).toBe(15 * MINUTE);
    expect((await status("10.1.2.3")).idleTimeout).toBe(15 * MINUTE);
    expect(audit.map(({ type }) => type)).toContain("session_context_changed");
  });

  test("a session that began inside ends on time outside, by the very request that shows it", async () => {
    const { createServer } = await import("node:http");
    const { sessions, clock } = createTestVerifier({ policy, trustProxy: ["loopback"] });
    const guard = sessions.guard();
    const server = createServer((request, response) => {
      if (request.url === "/sign-in")
        void sessions.start(request, response, { subject: "ann" }).then(() => response.end());
      else guard(request, response, () => response.end("in"));
    }).listen(0);
    const url = `http://127.0.0.1:${(server.address() as import("node:net").AddressInfo).port}`;
    const call = (path: string, address: string, cookie = "") =>
      fetch(`${url}${path}`, {
        method: path === "/sign-in" ? "POST" : "GET",
        headers: { "x-forwarded-for": address, cookie },
      });
    const signIn = async () =>
      (await call("/sign-in", "10.0.0.9")).headers.getSetCookie()[0]?.split(";")[0] ?? "";
    const [stays, leaves] = [await signIn(), await signIn()];
    clock.advance(20 * MINUTE);
    expect((await call("/api", "10.0.0.9", stays)).status).toBe(200);
    expect((await call("/api", "203.0.113.7", leaves)).status).toBe(401);
    expect((await call("/api", "10.0.0.9", leaves)).status).toBe(401);
    server.close();
  });

  test("a forwarded address is believed from trusted proxies only", async () => {
    const { createServer } = await import("node:http");
    const { sessions } = createTestVerifier({ policy });
    const server = createServer((request, response) => {
      void sessions
        .start(request, response, { subject: "ann" })
        .then(({ idleExpiresAt, lastActiveAt }) => response.end(String(idleExpiresAt - lastActiveAt)));
    }).listen(0);
    const { port } = server.address() as import("node:net").AddressInfo;
    const answer = await fetch(`http://127.0.0.1:${port}/`, {
      method: "POST",
      headers: { "x-forwarded-for": "10.0.0.9" },
    });
    expect(await answer.text()).toBe(String(15 * MINUTE));
    server.close();
  });
});

describe("rules by route", () => {
  const policy: PolicyOptions = {
    ...BASE,
    rules: [{ routes: ["/admin/**"], idle: "5m", fresh: "10m" }, { routes: ["/**"] }],
  };

  test("ask for a step-up on every spelling of the route, and leave other paths alone", async () => {
    const { browser, clock, sessions } = await signedIn(policy);
    clock.advance(6 * MINUTE);
    await browser.beat(clock.now());
    const statusOf = async (path: string) => (await sessions.check(browser.request(path))).status;
    for (const path of ["/admin", "/admin/users", "/ADMIN/users", "/%61dmin/x", "//admin/x", "/admin;v=1/x"])
      expect(await statusOf(path), path).toBe("stale");
    expect(await statusOf("/notes")).toBe("active");
  });
});

test("a policy that was tightened takes hold at once, one that was loosened at reauthentication", async () => {
  const clock = createTestClock();
  const store = memoryStore({ clock });
  const [strict, loose] = ["10m", "30m"].map((idle) =>
    createTestVerifier({ store, policy: { ...BASE, idle } }),
  );
  if (strict === undefined || loose === undefined) throw new Error("two verifiers are needed");
  const { headers } = await loose.sessions.start(new Request(ORIGIN, { method: "POST" }), { subject: "ann" });
  const cookie = headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const idleOn = async (node: typeof strict) => {
    const result = await node.sessions.check(new Request(ORIGIN, { headers: { cookie } }));
    return result.status === "active" ? result.session.idleExpiresAt - result.session.lastActiveAt : null;
  };
  expect(await idleOn(loose)).toBe(30 * MINUTE);
  expect(await idleOn(strict)).toBe(10 * MINUTE);
  const other = await strict.sessions.start(new Request(ORIGIN, { method: "POST" }), { subject: "bob" });
  const theirs = other.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const result = await loose.sessions.check(new Request(ORIGIN, { headers: { cookie: theirs } }));
  expect(result).toMatchObject({ session: { idleExpiresAt: clock.now() + 10 * MINUTE } });
});

describe("a policy that only observes", () => {
  const policy: PolicyOptions = { ...BASE, enforce: false, enforceFrom: "2026-01-01T01:00:00Z" };

  test("ends nothing by time before its day, tells of it once, and says so everywhere", async () => {
    const { browser, clock, sessions, audit } = await signedIn(policy);
    const { expiresAt, policy: told } = browser.live;
    expect(told.enforceFromAt).toBe(Date.UTC(2026, 0, 1, 1));
    expect(expiresAt).toBe(told.enforceFromAt);
    clock.advance(20 * MINUTE);
    for (let at = 0; at < 3; at++)
      expect((await sessions.check(browser.request("/api"))).status).toBe("active");
    expect(audit.filter(({ type }) => type === "would_expire")).toMatchObject([
      { reason: "idle", endedAt: "2026-01-01T00:15:00.000Z", enforced: false },
    ]);
    expect(audit.every(({ enforced }) => enforced === false)).toBe(true);
    expect((await browser.beat(clock.now())).status).toBe(200);
  });

  test("lets pass what is not fresh, and audits that it would refuse", async () => {
    const { browser, clock, sessions, audit } = await signedIn(policy);
    clock.advance(10 * MINUTE);
    expect((await sessions.check(browser.request("/pay"), { fresh: "5m" })).status).toBe("active");
    expect((await sessions.check(browser.request("/pay"), { roles: "admin" })).status).toBe("forbidden");
    expect(audit.at(-1)).toMatchObject({ type: "would_refuse", code: "fresh" });
  });

  test("still ends a session that is signed out or revoked", async () => {
    const { browser, sessions } = await signedIn(policy);
    await browser.post("/curfew/end", { sid: browser.live.sid });
    expect((await sessions.check(browser.request("/api"))).status).toBe("ended");
  });

  test("is enforced from its day on, to the millisecond", async () => {
    const { browser, clock, sessions, audit } = await signedIn(policy);
    clock.advance(60 * MINUTE - 1);
    expect((await sessions.check(browser.request("/api"))).status).toBe("active");
    clock.advance(1);
    expect(await sessions.check(browser.request("/api"))).toMatchObject({
      status: "ended",
      problem: { reason: "idle", endedAt: Date.UTC(2026, 0, 1, 1) },
    });
    const fresh = new TestBrowser(sessions, await createTestKey());
    await fresh.signIn("bob");
    expect(fresh.live.policy.enforceFromAt).toBeUndefined();
    expect(fresh.live.expiresAt).toBe(clock.now() + 15 * MINUTE);
    expect(audit.at(-1)).not.toHaveProperty("enforced");
  });
});

describe("activity without a script", () => {
  const NAVIGATION = {
    "sec-fetch-mode": "navigate",
    "sec-fetch-user": "?1",
    "sec-fetch-dest": "document",
    "sec-fetch-site": "same-origin",
  };

  async function onPages(policy: PolicyOptions, bind: boolean) {
    const { createServer } = await import("node:http");
    const { sessions, clock, audit } = createTestVerifier({ policy });
    const browser = await TestBrowser.signedIn(sessions, { bind });
    const page = sessions.page();
    const server = createServer((request, response) =>
      page(request, response, () => response.end("page")),
    ).listen(0);
    const { port } = server.address() as import("node:net").AddressInfo;
    const { request } = await import("node:http");
    // Not by fetch, which sets these headers itself.
    const open = (headers: Record<string, string>) =>
      new Promise<number>((resolve, reject) => {
        request({ port, path: "/", headers: { cookie: browser.cookie ?? "", ...headers } }, (answer) => {
          answer.resume();
          resolve(answer.statusCode ?? 0);
        })
          .on("error", reject)
          .end();
      });
    return { sessions, clock, audit, browser, open, close: () => server.close() };
  }

  test("a person's navigation extends a session without a key, where the policy says so", async () => {
    const { clock, browser, open, audit, close } = await onPages(
      { ...BASE, withoutScript: "navigation" },
      false,
    );
    expect(browser.live.policy.withoutScript).toBe("navigation");
    clock.advance(10 * MINUTE);
    expect(await open(NAVIGATION)).toBe(200);
    expect((await browser.ask()).body.lastActiveAt).toBe(clock.now());
    expect(audit.at(-1)).toMatchObject({ type: "session_renewed", intent: "navigation" });
    close();
  });

  test.each([
    ["without the mark of a person", { "sec-fetch-user": "" }],
    ["from another site", { "sec-fetch-site": "cross-site" }],
    ["typed into the address bar", { "sec-fetch-site": "none" }],
    ["into a frame", { "sec-fetch-dest": "iframe" }],
    ["by fetch", { "sec-fetch-mode": "cors" }],
    ["by prefetch", { "sec-purpose": "prefetch" }],
    ["by prerender", { "sec-purpose": "prefetch;prerender" }],
  ])("a navigation %s extends nothing", async (_name, headers) => {
    const { clock, browser, open, close } = await onPages({ ...BASE, withoutScript: "navigation" }, false);
    const { lastActiveAt } = browser.live;
    clock.advance(10 * MINUTE);
    expect(await open({ ...NAVIGATION, ...headers })).toBe(200);
    expect((await browser.ask()).body.lastActiveAt).toBe(lastActiveAt);
    close();
  });

  test.each([
    ["once a key is bound", { ...BASE, withoutScript: "navigation" } as PolicyOptions, true],
    ["by default", BASE as PolicyOptions, false],
  ])("no navigation extends a session %s", async (_name, policy, bind) => {
    const { clock, browser, open, close } = await onPages(policy, bind);
    const { lastActiveAt } = browser.live;
    clock.advance(10 * MINUTE);
    expect(await open(NAVIGATION)).toBe(200);
    expect((await browser.ask()).body.lastActiveAt).toBe(lastActiveAt);
    close();
  });
});

describe("playing media", () => {
  const media = { counts: { pointer: 0, key: 0, touch: 0, wheel: 0, media: 3, other: 0 } };

  test("counts for as long as the policy says after the last input, and no longer", async () => {
    const { browser, clock } = await signedIn({ ...BASE, media: "30m" });
    const inputAt = browser.live.lastActiveAt;
    for (let at = 0; at < 4; at++) {
      clock.advance(10 * MINUTE);
      await browser.beat(clock.now(), { payload: media });
    }
    expect(browser.live.lastActiveAt).toBe(inputAt + 30 * MINUTE);
    await browser.beat(clock.now());
    expect(browser.live.lastActiveAt).toBe(clock.now());
  });

  test("does not count by default", async () => {
    const { browser, clock } = await signedIn(BASE);
    const { lastActiveAt } = browser.live;
    clock.advance(10 * MINUTE);
    await browser.beat(clock.now(), { payload: media });
    expect(browser.live.lastActiveAt).toBe(lastActiveAt);
  });
});
