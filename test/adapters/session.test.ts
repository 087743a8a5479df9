import { afterEach, describe, expect, test } from "vitest";
import { MINUTE } from "../server/support/test-verifier.js";
import { frameworks } from "./support/frameworks.js";
import { HttpBrowser, send } from "./support/http-browser.js";
import { serve, stopServers } from "./support/test-app.js";

afterEach(stopServers);

describe.each(frameworks)("on $name", (framework) => {
  async function signedIn(options = {}) {
    const app = await serve(framework, options);
    return { ...app, browser: await HttpBrowser.signedIn(app.url) };
  }

  test("sign-in sets the cookie on the app's own answer", async () => {
    const { url } = await serve(framework);
    const { status, headers } = await send(url, "POST", "/sign-in");
    expect([status, headers.location]).toEqual([303, "/"]);
    expect(headers["set-cookie"]).toEqual([
      expect.stringMatching(/^__Host-curfew=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
    ]);
    expect(headers["cache-control"]).toBe("no-store");
  });

  test("a second sign-in ends the session that the browser had", async () => {
    const { browser, url } = await signedIn();
    const { cookie } = browser;
    await browser.send("POST", "/sign-in");
    const { status, body } = await send(url, "GET", "/curfew/session", { headers: { cookie: cookie ?? "" } });
    expect([status, body.reason]).toEqual([401, "replaced"]);
    expect((await browser.ask()).status).toBe(200);
  });

  test("a browser without a cookie is told that there is none", async () => {
    const { url } = await serve(framework);
    const { status, headers, body } = await send(url, "GET", "/curfew/session");
    expect([status, headers["cache-control"], headers["content-type"]]).toEqual([
      200,
      "no-store",
      "application/json",
    ]);
    expect(body).toEqual({ v: 1, status: "none" });
  });

  test("a heartbeat by the bound key moves the deadline, and another call does not", async () => {
    const { browser, clock } = await signedIn();
    const before = browser.live;
    expect(before.key).toBe(browser.key.thumbprint);
    clock.advance(5 * MINUTE);
    await browser.get("/api/me");
    expect((await browser.ask()).body.idleExpiresAt).toBe(before.idleExpiresAt);
    const { status, body } = await browser.beat(clock.now());
    expect([status, body.idleExpiresAt]).toEqual([200, clock.now() + 15 * MINUTE]);
  });

  test("polling a guarded route ends on time, to the millisecond", async () => {
    const { browser, clock } = await signedIn();
    const { expiresAt } = browser.live;
    for (let minute = 1; minute < 15; minute++) {
      clock.advance(MINUTE);
      expect((await browser.get("/api/me")).status).toBe(200);
    }
    clock.advance(MINUTE - 1);
    expect((await browser.get("/api/me")).status).toBe(200);
    clock.advance(1);
    const { status, body, headers } = await browser.get("/api/me");
    expect([status, body.type, body.reason, body.endedAt]).toEqual([
      401,
      "urn:curfew:session-ended",
      "idle",
      expiresAt,
    ]);
    expect(headers["content-type"]).toBe("application/problem+json");
    expect((await browser.beat(clock.now())).status).toBe(401);
    expect((await browser.get("/status")).body).toEqual({ status: "ended" });
  });

  test("reauthentication keeps the session and its key, and rotates the cookie", async () => {
    const { browser, clock, url } = await signedIn();
    const { cookie, live } = browser;
    clock.advance(10 * MINUTE);
    expect((await browser.send("POST", "/reauth")).status).toBe(204);
    expect(browser.cookie).not.toBe(cookie);
    await browser.ask();
    expect(browser.live).toMatchObject({
      sid: live.sid,
      key: live.key,
      idleExpiresAt: clock.now() + 15 * MINUTE,
    });
    const old = await send(url, "GET", "/api/me", { headers: { cookie: cookie ?? "" } });
    expect([old.status, old.body.type]).toEqual([401, "urn:curfew:no-session"]);
  });

  test("new roles count at the next request", async () => {
    const { browser } = await signedIn();
    const refused = await browser.get("/api/admin");
    expect([refused.status, refused.body.type]).toEqual([403, "urn:curfew:forbidden"]);
    expect((await browser.send("POST", "/promote")).text).toBe('["admin"]');
    expect((await browser.get("/api/admin")).status).toBe(200);
  });

  test("the app's own sign-out ends the session and takes the cookie", async () => {
    const { browser, url } = await signedIn();
    const { cookie } = browser;
    const answer = await browser.send("POST", "/sign-out");
    expect(answer.status).toBe(204);
    expect(answer.headers["set-cookie"]?.[0]).toMatch(/^__Host-curfew=; .*Max-Age=0/);
    expect(answer.headers["clear-site-data"]).toBe('"cache"');
    const { status, body } = await send(url, "GET", "/api/me", { headers: { cookie: cookie ?? "" } });
    expect([status, body.reason]).toEqual([401, "signed-out"]);
  });

  test("a sign-out by the protocol clears the cookie, and nothing else does", async () => {
    const { browser, clock } = await signedIn();
    const end = await browser.post("/curfew/end", { sid: browser.live.sid });
    expect([end.status, end.text]).toEqual([204, ""]);
    expect(end.headers["set-cookie"]?.[0]).toMatch(/^__Host-curfew=; .*Max-Age=0/);
    await browser.send("POST", "/sign-in");
    clock.advance(15 * MINUTE);
    const ended = await browser.get("/api/me");
    const names = ended.headers["set-cookie"]?.map((line) => line.split("=")[0]);
    expect([ended.status, names]).toEqual([401, ["__Host-curfew.end"]]);
  });

  test("what waits for the end of a session hears of it at once", async () => {
    const { browser, sessions } = await signedIn();
    const waiting = browser.get("/wait");
    await browser.ask();
    await sessions.end(browser.live.sid);
    expect((await waiting).text).toBe("over");
  });
});
