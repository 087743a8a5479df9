import { afterEach, describe, expect, test } from "vitest";
import { createTestKey } from "../server/support/test-browser.js";
import { MINUTE } from "../server/support/test-verifier.js";
import { frameworks } from "./support/frameworks.js";
import { HttpBrowser } from "./support/http-browser.js";
import { serve, stopServers } from "./support/test-app.js";

afterEach(stopServers);

const LOGIN = { maxAge: 0, prompt: "login" };

describe.each(frameworks)("on $name", (framework) => {
  async function signedIn() {
    const app = await serve(framework);
    const at = app.clock.now();
    const browserWith = async (cookie: string | null) =>
      Object.assign(new HttpBrowser(app.url, await createTestKey()), { cookie });
    const browser = await browserWith(null);
    const answer = async (from: HttpBrowser, authenticatedAt = at, sid = "provider-session-1") =>
      (await from.send("POST", `/callback?at=${authenticatedAt}&sid=${sid}`)).body.code;
    expect(await answer(browser)).toBe("started");
    await browser.ask();
    return { ...app, browser, browserWith, answer };
  }

  test("a provider's silent answer is refused after an end: with the cookie, in another jar, and by the subject", async () => {
    const { browser, browserWith, answer, clock, audit, sessions } = await signedIn();
    const { cookie, live } = browser;
    clock.advance(16 * MINUTE);
    expect(await answer(await browserWith(cookie))).toBe("stale-authentication");
    expect(await answer(await browserWith(null))).toBe("stale-authentication");
    expect(await answer(await browserWith(null), undefined, "another")).toBe("stale-authentication");
    expect(await sessions.list("ann")).toEqual([]);
    const refused = audit.filter(({ type }) => type === "idp_silent_sign_in");
    expect(refused.map(({ code }) => code)).toEqual(["browser", "provider", "subject"]);
    expect(new Set(refused.map(({ sid }) => sid))).toEqual(new Set([live.sid]));
    expect(await answer(browser, clock.now())).toBe("started");
    expect((await browser.ask()).body.status).toBe("active");
  });

  test("a 401 leaves the cookie that remembers the end, whatever the browser asks", async () => {
    const { browser, answer, clock } = await signedIn();
    clock.advance(16 * MINUTE);
    for (const path of ["/curfew/session", "/api/me", "/report", "/nothing"]) await browser.get(path);
    expect(browser.cookie).not.toBeNull();
    expect((await browser.get("/authorization")).body).toEqual(LOGIN);
    expect(await answer(browser)).toBe("stale-authentication");
    expect((await browser.get("/authorization")).body).toEqual(LOGIN);
  });

  test("the provider is asked for an authentication within the absolute timeout, else for a new one", async () => {
    const { browser, browserWith, clock } = await signedIn();
    const demand = async (from: HttpBrowser) => (await from.get("/authorization")).body;
    expect(await demand(browser)).toEqual({ maxAge: 43_200 });
    expect(await demand(await browserWith(null))).toEqual({ maxAge: 43_200 });
    clock.advance(15 * MINUTE);
    expect(await demand(browser)).toEqual(LOGIN);
  });
});
