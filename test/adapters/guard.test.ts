import { afterEach, describe, expect, test } from "vitest";
import { memoryStore } from "../../src/server/stores/memory.js";
import { MINUTE } from "../server/support/test-verifier.js";
import { frameworks } from "./support/frameworks.js";
import { HttpBrowser, send } from "./support/http-browser.js";
import { serve, stopServers } from "./support/test-app.js";

afterEach(stopServers);

const NAVIGATION = { "sec-fetch-mode": "navigate", accept: "text/html" };

describe.each(frameworks)("on $name", (framework) => {
  async function signedIn(options = {}) {
    const app = await serve(framework, options);
    return { ...app, browser: await HttpBrowser.signedIn(app.url) };
  }

  test("a guarded answer tells the app who it is, and nobody stores it", async () => {
    const { browser } = await signedIn();
    const { status, body, headers } = await browser.get("/api/me");
    expect([status, body, headers["cache-control"]]).toEqual([200, { subject: "ann" }, "no-store"]);
    const kept = await browser.get("/anything");
    expect([kept.text, kept.headers["cache-control"]]).toEqual(["kept", "no-store"]);
    expect(kept.headers["set-cookie"]).toBeUndefined();
  });

  test.each([
    ["a navigation", "/notes?open=1", NAVIGATION, 303, "/login?return=%2Fnotes%3Fopen%3D1"],
    ["an old browser's navigation", "/notes", { accept: "text/html,*/*" }, 303, "/login?return=%2Fnotes"],
    ["a navigation to the front page", "/", NAVIGATION, 303, "/login"],
    ["an API call", "/api/me", { "sec-fetch-mode": "cors", accept: "text/html" }, 401, undefined],
    ["an API call without marks", "/api/me", { accept: "application/json" }, 401, undefined],
    [
      "a request without marks for a page that is rendered here",
      "/report",
      {},
      303,
      "/login?return=%2Freport",
    ],
    [
      "a script's call of a page that is rendered here",
      "/report",
      { "sec-fetch-mode": "cors", "sec-fetch-site": "same-origin" },
      401,
      undefined,
    ],
  ])("signed out, %s of %s gets its answer", async (_name, path, headers, status, location) => {
    const { url } = await serve(framework);
    const answer = await send(url, "GET", path, { headers });
    expect([answer.status, answer.headers.location]).toEqual([status, location]);
    expect(answer.headers["cache-control"]).toBe("no-store");
    if (status === 401) {
      expect(answer.headers["content-type"]).toBe("application/problem+json");
      expect(answer.body).toMatchObject({ type: "urn:curfew:no-session", status: 401, signInUrl: "/login" });
    }
  });

  test.each([
    "//evil.test/x",
    "/\\evil.test/x",
    "/\\/evil.test",
    "///evil.test",
    "/%2F/evil.test",
    "/%2Fevil.test",
    "/%5Cevil.test",
    "/%09/evil.test",
    "/.//evil.test",
    "/x/..//evil.test",
    "/%2e%2e//evil.test",
    "/@evil.test",
    "/https://evil.test",
    "/x?return=https://evil.test",
  ])("a navigation to %s leads back to this site only", async (path) => {
    const { url } = await serve(framework);
    const { status, headers } = await send(url, "GET", path, { headers: NAVIGATION });
    // Some servers take no such path at all.
    if (path.includes("\\") && status === 400) return expect(headers.location).toBeUndefined();
    const location = new URL(headers.location ?? "", url);
    expect([status, location.origin, location.pathname]).toEqual([303, url, "/login"]);
    const back = location.searchParams.get("return") ?? "/";
    expect(back).toMatch(/^\/(?![/\\])/);
    expect(new URL(back, url).origin).toBe(url);
  });

  test.each([
    ["the page that it was on", "/drafts?id=7", "/login?return=%2Fdrafts%3Fid%3D7"],
    ["nowhere, without a referrer", null, "/login"],
    ["nowhere, from a page elsewhere", "https://evil.test/steal", "/login"],
    ["nowhere, from a path that is none", "//evil.test/x", "/login"],
  ])("signed out, a form that was sent by navigation leads back to %s", async (_name, from, location) => {
    const { url } = await serve(framework);
    const referer = from === null ? {} : { referer: new URL(from, url).href };
    const { status, headers } = await send(url, "POST", "/notes", {
      headers: { ...NAVIGATION, ...referer, "content-type": "application/x-www-form-urlencoded" },
      body: "text=half",
    });
    expect([status, headers.location]).toEqual([303, location]);
  });

  test("a route of the policy that requires a role is held in every spelling, by guard, page and check", async () => {
    const rules = [
      { routes: ["/api/me", "/report", "/status", "/admin/**"], requireRoles: ["admin", "auditor"] },
      { routes: ["/**"] },
    ];
    const { browser } = await signedIn({ policy: { idle: "15m", absolute: "12h", rules } });
    for (const path of [
      "/api/me",
      "/report",
      "/admin",
      "/ADMIN/users",
      "/%61dmin/x",
      "/%2561dmin/x",
      "/admin;v=1/x",
      "/x/../admin",
      "/admin/",
      "//admin/x",
      "/admin%2fx",
      "/admin%00",
    ]) {
      const { status, body } = await browser.get(path, { accept: "application/json" });
      // A framework may know no such path, or take it for another one before it asks the guard.
      if (status === 400 || status === 404) continue;
      expect([status, body.type], path).toEqual([403, "urn:curfew:forbidden"]);
    }
    for (const path of ["/api/me", "/report", "/admin"])
      expect((await browser.get(path, { accept: "application/json" })).status, path).toBe(403);
    expect((await browser.get("/status")).body.status).toBe("forbidden");
    expect((await browser.get("/anything")).text).toBe("kept");
    await browser.send("POST", "/promote");
    expect((await browser.get("/api/me")).body).toEqual({ subject: "ann" });
    expect((await browser.get("/report", NAVIGATION)).text).toBe("report");
    expect((await browser.get("/status")).body.status).toBe("active");
    expect((await browser.get("/admin/users")).text).toBe("kept");
  });

  test("a page is shown to who is signed in", async () => {
    const { browser } = await signedIn();
    const { text, headers } = await browser.get("/report", NAVIGATION);
    expect([text, headers["cache-control"]]).toEqual(["report", "no-store"]);
  });

  test("a page that counts navigations extends by a person's, and by nothing else", async () => {
    const policy = { idle: "15m", absolute: "12h", warning: "2m", withoutScript: "navigation" } as const;
    const { url, clock } = await serve(framework, { policy });
    const { headers } = await send(url, "POST", "/sign-in");
    const cookie = headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
    const marks = {
      "sec-fetch-mode": "navigate",
      "sec-fetch-user": "?1",
      "sec-fetch-dest": "document",
      "sec-fetch-site": "same-origin",
    };
    const expiry = async () =>
      (await send(url, "GET", "/curfew/session", { headers: { cookie } })).body.idleExpiresAt;
    clock.advance(MINUTE);
    const before = await expiry();
    await send(url, "GET", "/anything", { headers: { cookie, ...marks } });
    await send(url, "GET", "/report", { headers: { cookie, ...marks, "sec-purpose": "prefetch" } });
    await send(url, "GET", "/report", { headers: { cookie } });
    expect(await expiry()).toBe(before);
    await send(url, "GET", "/report", { headers: { cookie, ...marks } });
    expect(await expiry()).toBe(clock.now() + 15 * MINUTE);
  });

  test("a step-up says how recent the authentication must be, until it is", async () => {
    const { browser, clock } = await signedIn();
    expect((await browser.get("/api/fresh")).status).toBe(200);
    clock.advance(5 * MINUTE);
    const { status, headers, body } = await browser.get("/api/fresh");
    expect([status, body.type, headers["www-authenticate"]]).toEqual([
      401,
      "urn:curfew:step-up",
      'Curfew error="insufficient_user_authentication", max_age="300"',
    ]);
    await browser.send("POST", "/reauth");
    expect((await browser.get("/api/fresh")).status).toBe(200);
  });

  test("a proven operation is let pass once, and the app reads its body", async () => {
    const { browser } = await signedIn();
    const asked = await browser.post("/api/echo", { amount: 10 });
    expect([asked.status, asked.body.type]).toEqual([401, "urn:curfew:step-up"]);
    const { challenge } = asked.body;
    const passed = await browser.postProven("/api/echo", { amount: 10 }, challenge);
    expect([passed.status, passed.body]).toEqual([200, { amount: 10 }]);
    expect((await browser.postProven("/api/echo", { amount: 10 }, challenge)).status).not.toBe(200);
  });

  test("a mistake in the options is said at start", async () => {
    const options = { policy: { idle: "15m" } as never, store: memoryStore(), signInUrl: "/login" };
    const mount = async () => framework.mount(options, "nothing");
    await expect(mount()).rejects.toThrow(/absolute/);
  });

  test("a store that is down gives nobody access", async () => {
    const { browser, store, clock } = await signedIn();
    const { findBySecret } = store;
    Object.assign(store, { findBySecret: () => Promise.reject(new Error("the disk is gone")) });
    for (const answer of [
      await browser.ask(),
      await browser.get("/api/me"),
      await browser.beat(clock.now()),
    ]) {
      expect([answer.status, answer.body.type, answer.headers["retry-after"]]).toEqual([
        503,
        "urn:curfew:unavailable",
        "1",
      ]);
      expect(answer.text).not.toContain("disk");
    }
    Object.assign(store, { findBySecret });
    expect((await browser.get("/api/me")).status).toBe(200);
  });
});
