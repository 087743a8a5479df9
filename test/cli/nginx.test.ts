/** What a browser sees of the sidecar behind a real nginx, in front of an app that is not Node. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HttpBrowser, type Message, send } from "../adapters/support/http-browser.js";
import { createTestKey } from "../server/support/test-browser.js";
import { type RedisServer, startRedis, until } from "../stores/support/redis-server.js";
import { type NginxApp, startNginxApp } from "./support/nginx-app.js";
import { temporaryFolder } from "./support/program.js";
import { cookieFrom } from "./support/sidecar.js";

const NAVIGATION = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document", accept: "text/html" };
const API = { "sec-fetch-mode": "cors", "sec-fetch-site": "same-origin", accept: "application/json" };
const FORM = { "content-type": "application/x-www-form-urlencoded" };

let redis: RedisServer;
let site: NginxApp;

beforeAll(async () => {
  redis = await startRedis();
  site = await startNginxApp({ store: redis.url, name: "shop", cookie: "host" });
}, 60_000);

afterAll(async () => {
  await site.stop();
  await redis.stop();
});

/** A browser that has signed in by the app's own form. */
async function signedIn(username = "ann", more = ""): Promise<HttpBrowser> {
  const browser = new ShopBrowser(site.url, await createTestKey());
  const body = `username=${encodeURIComponent(username)}&password=demo${more}`;
  const answer = await browser.send("POST", "/login", { headers: FORM, body });
  expect(answer.status, answer.text).toBe(303);
  await browser.ask();
  expect((await browser.bind()).status).toBe(200);
  return browser;
}

const ABSENT = "absent";

/** The app is called `shop`, and so is its cookie. A header may be left out. */
class ShopBrowser extends HttpBrowser {
  override async send(method: string, path: string, { headers = {}, ...message }: Message = {}) {
    const sent = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ABSENT));
    const answer = await super.send(method, path, { ...message, headers: sent });
    const set = answer.headers["set-cookie"]?.find((line) => line.startsWith("__Host-shop="));
    if (set !== undefined) this.cookie = set.split(";")[0] ?? null;
    return answer;
  }
}

describe("without a session", () => {
  test("a navigation goes to sign in, and comes back after it", async () => {
    const answer = await send(site.url, "GET", "/notes?page=2", { headers: NAVIGATION });
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe("/login?return=%2Fnotes%3Fpage%3D2");
    expect(answer.headers["cache-control"]).toBe("no-store");
  });

  test("a call gets the problem", async () => {
    const answer = await send(site.url, "GET", "/api/me", { headers: API });
    expect(answer.status).toBe(401);
    expect(answer.headers["content-type"]).toBe("application/problem+json");
    expect(answer.body).toMatchObject({ type: "urn:curfew:no-session", status: 401, signInUrl: "/login" });
  });

  test("a call that posts gets the problem, whatever its body", async () => {
    const body = "x".repeat(100_000);
    const answer = await send(site.url, "POST", "/notes", { headers: { ...API, ...FORM }, body });
    expect(answer.status).toBe(401);
    expect(answer.body.type).toBe("urn:curfew:no-session");
  });

  test("a form goes to the sign-in, and from there back to the page that it was on", async () => {
    const headers = { ...NAVIGATION, ...FORM, referer: `${site.url}/notes?page=2` };
    const answer = await send(site.url, "POST", "/notes/7/delete", { headers, body: "x".repeat(100_000) });
    expect([answer.status, answer.headers.location]).toEqual([303, "/login?return=%2Fnotes%3Fpage%3D2"]);
  });

  test("the way back is a path of the app's own, whatever the address bar says", async () => {
    for (const path of ["//evil.example/x", "/\\evil.example", "/%2F%2Fevil.example"]) {
      const { location } = (await send(site.url, "GET", path, { headers: NAVIGATION })).headers;
      const back = new URL(String(location), site.url);
      expect(back.origin).toBe(site.url);
      expect(back.pathname).toBe("/login");
    }
  });

  test("a HEAD request is refused without a body", async () => {
    const answer = await send(site.url, "HEAD", "/api/me", { headers: API });
    expect([answer.status, answer.text]).toEqual([401, ""]);
  });

  test("the sidecar's own paths are nobody's", async () => {
    for (const path of ["/_curfew/check", "/check", "/explain", "/sessions", "/curfew/../check"]) {
      const { status } = await send(site.url, "GET", path, { headers: API });
      expect([401, 404]).toContain(status);
    }
    expect((await send(site.url, "GET", "/curfew/check")).status).toBe(404);
  });

  test("a cookie that was made up, or sent twice, lets nobody pass", async () => {
    const made = await send(site.url, "GET", "/api/me", {
      headers: { ...API, cookie: "__Host-shop=made-up" },
    });
    expect([made.status, made.body.type]).toEqual([401, "urn:curfew:no-session"]);
    const { cookie } = await signedIn();
    const twice = await send(site.url, "GET", "/api/me", {
      headers: { ...API, cookie: `${cookie}; ${cookie}` },
    });
    expect([twice.status, twice.body.code]).toEqual([400, "duplicate-cookie"]);
  });
});

describe("signed in through the app", () => {
  test("the app sees who it is, from the sidecar alone", async () => {
    const browser = await signedIn("root");
    const { status, body, headers } = await browser.get("/api/me", API);
    expect(status).toBe(200);
    expect(body.subject).toBe("root");
    expect(body.headers).toMatchObject({
      "curfew-subject": "root",
      "curfew-sid": browser.live.sid,
      "curfew-roles": "admin",
      "curfew-expires-at": String(browser.live.expiresAt),
    });
    expect(headers["cache-control"]).toBe("no-store");
  });

  test("the form leads back to where the person was going, and to no other site", async () => {
    const body = "username=ann&password=demo&return=";
    const back = await send(site.url, "POST", "/login", { headers: FORM, body: `${body}%2Fnotes` });
    expect(back.headers.location).toBe("/notes");
    const query = await send(site.url, "POST", "/login", {
      headers: FORM,
      body: `${body}%2Fa%2520b%2F%3Fc%3D%2F%2Fd`,
    });
    expect(query.headers.location).toBe("/a%20b/?c=//d");
  });

  test.each([
    ["another host", "//evil.example"],
    ["another address", "https://evil.example/"],
    ["a script", "javascript:alert(1)"],
    ["a backslash", "/\\evil.example"],
    ["a later backslash", "/.\\\\evil.example"],
    ["a tab that URLs leave out", "/\t/evil.example/"],
    ["a line's end that URLs leave out", "/\n/evil.example/"],
    ["another header", "/\r\nSet-Cookie: evil=1"],
    ["a second answer", "/\r\n\r\n<script>"],
    ["a line's end at the end", "/notes\n"],
    ["a line's end alone", "/\nX-Injected: yes"],
    ["a space", "/ /evil.example"],
    ["an empty segment", "/.//evil.example"],
    ["no ASCII", "/\u2215/evil.example"],
    ["a next-line control", "/\u0085X-Injected: yes"],
    ["no slash", "evil.example"],
    ["nothing", ""],
  ])("the form leads home where the way back is %s", async (_what, back) => {
    const body = new URLSearchParams({ username: "ann", password: "demo", return: back }).toString();
    const answer = await send(site.url, "POST", "/login", { headers: FORM, body });
    expect([answer.status, answer.headers.location]).toEqual([303, "/"]);
    expect(answer.headers["x-injected"]).toBeUndefined();
    expect(answer.headers["set-cookie"]).toEqual([expect.stringMatching(/^__Host-shop=/)]);
    const page = await send(site.url, "GET", `/login?return=${encodeURIComponent(back)}`);
    expect(page.text).toContain('<input name="return" type="hidden" value="/">');
  });

  test("a subject that is no plain ASCII reaches the app whole", async () => {
    const browser = await signedIn("Zoë Ünal, 100% 漢字");
    const { body } = await browser.get("/api/me", API);
    expect(body.subject).toBe("Zoë Ünal, 100% 漢字");
  });

  test("a spoofed Curfew-Subject is not seen by the app, in any spelling", async () => {
    const browser = await signedIn();
    const spoofed = {
      "Curfew-Session": "none",
      "Curfew-Subject": "root",
      "curfew-roles": "admin",
      "CURFEW-SID": "x",
      "Curfew-Expires-At": "99999999999999",
      "Curfew-Status": "204",
      Curfew_Subject: "root",
    };
    const { body } = await browser.get("/api/me", { ...API, ...spoofed });
    expect(body.headers).toMatchObject({
      "curfew-session": "active",
      "curfew-subject": "ann",
      "curfew-sid": browser.live.sid,
    });
    const names = Object.keys(Object(body.headers)).filter((name) => /^curfew/.test(name));
    expect(new Set(names)).toEqual(
      new Set(["curfew-expires-at", "curfew-session", "curfew-sid", "curfew-subject"]),
    );
    expect(await browser.get("/admin", { ...API, ...spoofed })).toMatchObject({ status: 403 });
  });

  test("where nobody has to be signed in, a spoofed header does not reach the app either", async () => {
    const body = "password=demo&username=";
    const answer = await send(site.url, "POST", "/login", {
      headers: { ...FORM, "curfew-subject": "root" },
      body,
    });
    expect(answer.status).toBe(403);
    const refused = await send(site.url, "POST", "/reauthenticate", {
      headers: { ...FORM, ...API, "curfew-subject": "root" },
      body: "password=demo",
    });
    expect(refused.status).toBe(401);
  });

  test("a browser that says which path it asks for is not believed", async () => {
    const browser = await signedIn();
    for (const name of ["x-original-uri", "x-forwarded-uri", "x-original-method", "x-forwarded-method"])
      expect((await browser.get("/api/me", { ...API, [name]: "/elsewhere" })).status).toBe(200);
    const signedOut = await send(site.url, "GET", "/a", {
      headers: { ...NAVIGATION, "x-original-uri": "/b" },
    });
    expect(signedOut.headers.location).toBe("/login?return=%2Fa");
  });

  test("signing in again ends what the browser had", async () => {
    const browser = await signedIn();
    const before = browser.cookie;
    await browser.send("POST", "/login", { headers: FORM, body: "username=bob&password=demo" });
    expect((await browser.get("/api/me", API)).body.subject).toBe("bob");
    const old = await send(site.url, "GET", "/api/me", { headers: { ...API, cookie: before ?? "" } });
    expect([old.status, old.body.reason]).toEqual([401, "replaced"]);
  });

  test("the script include is served, and may be kept", async () => {
    const answer = await send(site.url, "GET", "/curfew/curfew.js");
    expect(answer.status).toBe(200);
    expect(answer.headers["cache-control"]).toBe("public, max-age=300");
    expect((await send(site.url, "GET", "/curfew/nothing")).status).toBe(404);
  });
});

describe("what a route asks for", () => {
  test("a role that the person does not have: 403, however the path is spelled", async () => {
    const browser = await signedIn();
    for (const path of ["/admin", "/Admin/users", "/ADMIN", "/%41dmin", "//admin/users", "/x/../aDMIN"]) {
      const refused = await browser.get(path, API);
      expect([refused.status, refused.body.type], path).toEqual([403, "urn:curfew:forbidden"]);
    }
    expect((await (await signedIn("root")).get("/admin", API)).status).toBe(200);
  });

  test("a recent authentication: 401 with the challenge as the browser sees it, until the password is given", async () => {
    const browser = await signedIn();
    const fiveMinutes = 5 * 60_000;
    const old = { subject: "ann", authenticatedAt: Date.now() - fiveMinutes };
    browser.cookie = cookieFrom(await site.sidecar.call("POST", "/sessions", old));
    expect((await browser.get("/api/me", API)).status).toBe(200);

    for (const method of ["GET", "POST"]) {
      const refused = await browser.send(method, "/transfer", { headers: { ...API, ...FORM } });
      expect(refused.status).toBe(401);
      expect(refused.headers["www-authenticate"]).toBe(
        'Curfew error="insufficient_user_authentication", max_age="300"',
      );
      expect(refused.body).toMatchObject({ type: "urn:curfew:step-up", maxAge: 300 });
    }
    const proven = await browser.send("POST", "/reauthenticate", { headers: FORM, body: "password=demo" });
    expect(proven.status).toBe(204);
    expect((await browser.send("POST", "/transfer", { headers: FORM })).status).toBe(200);
  });
});

describe("the protocol through the proxy", () => {
  test("a heartbeat extends", async () => {
    const browser = await signedIn();
    const before = browser.live;
    const beat = await browser.beat(Date.now());
    expect(beat.status, beat.text).toBe(200);
    expect(browser.live.idleExpiresAt).toBeGreaterThan(before.idleExpiresAt);
  });

  test("a post is accepted from the page's own origin as the proxy tells it, and from no other", async () => {
    const browser = await signedIn();
    const old = await browser.beat(Date.now(), { "sec-fetch-site": ABSENT });
    expect(old.status, old.text).toBe(200);
    for (const origin of ["http://evil.example", site.sidecar.publicUrl, "null"])
      expect((await browser.beat(Date.now(), { "sec-fetch-site": ABSENT, origin })).status).toBe(403);
    const { body } = await browser.beat(Date.now(), { "sec-fetch-site": "cross-site" });
    expect(body.type).toBe("urn:curfew:cross-site");
  });

  test("a session that has ended is 401 session-ended, and its cookies reach the browser", async () => {
    const browser = await signedIn();
    const { sid } = browser.live;
    expect((await site.sidecar.call("DELETE", `/sessions/${sid}`)).status).toBe(204);
    const answer = await browser.get("/api/me", API);
    expect(answer.status).toBe(401);
    expect(answer.body).toMatchObject({ type: "urn:curfew:session-ended", reason: "revoked", sid });
    expect(answer.headers["set-cookie"]?.[0]).toMatch(new RegExp(`^__Host-shop\\.end=${sid};`));
    expect(answer.headers["clear-site-data"]).toBe('"cache"');
    const page = await browser.get("/notes", NAVIGATION);
    expect([page.status, page.headers.location]).toEqual([303, "/login?return=%2Fnotes"]);
    await site.app.line(new RegExp(`^session ended: \\S+ ${sid} revoked$`));
  });
});

describe("when the store is down", () => {
  test("every browser gets 503, never 500 and never 200, and afterwards the session goes on", async () => {
    const browser = await signedIn();
    await redis.kill();
    for (const [path, headers] of [
      ["/api/me", API],
      ["/notes", NAVIGATION],
      ["/admin", API],
      ["/transfer", API],
      ["/curfew/session", API],
    ] as const) {
      const answer = await browser.get(path, headers);
      expect(answer.status, path).toBe(503);
      expect(answer.body.type).toBe("urn:curfew:unavailable");
      expect(answer.headers["retry-after"]).toBe("1");
    }
    const login = await browser.send("POST", "/login", { headers: FORM, body: "username=ann&password=demo" });
    expect(login.status).toBe(503);
    await redis.restart();
    await until(
      async () => (await site.sidecar.ask("GET", "/readyz")).status === 200,
      "the store is not back",
    );
    const { cookie } = await signedIn();
    expect(
      (await send(site.url, "GET", "/api/me", { headers: { ...API, cookie: cookie ?? "" } })).status,
    ).toBe(200);
  });
});

describe("when the sidecar is gone", () => {
  test("every browser gets 503", async () => {
    const browser = await signedIn();
    expect(await site.sidecar.program.stop()).toBe(0);
    for (const headers of [API, NAVIGATION]) {
      const answer = await browser.get("/api/me", headers);
      expect([answer.status, answer.body.type]).toEqual([503, "urn:curfew:unavailable"]);
      expect(answer.headers["cache-control"]).toBe("no-store");
    }
    expect(readFileSync(site.folder.file("nginx.log"), "utf8")).not.toMatch(/uninitialized/);
  });
});

describe("over a Unix socket", () => {
  test("the proxy asks, and the browser's address and origin are known by the headers", async () => {
    const folder = temporaryFolder();
    const listen = { public: "127.0.0.1:0", private: `unix:${folder.file("private.sock")}` };
    const rules = [{ networks: ["203.0.113.0/24"], idle: "5m" }];
    const other = await startNginxApp({ listen, policy: { idle: "15m", absolute: "12h", rules } });
    try {
      expect((await send(other.url, "GET", "/api/me", { headers: API })).status).toBe(401);
      const from = { "x-forwarded-for": "203.0.113.7" };
      const started = await other.sidecar.call("POST", "/sessions", { subject: "ann" }, from);
      expect(started.status).toBe(201);
      const answer = await send(other.url, "GET", "/api/me", {
        headers: { ...API, cookie: cookieFrom(started) },
      });
      expect([answer.status, answer.body.subject]).toEqual([200, "ann"]);
      const { body } = await other.sidecar.call("GET", "/sessions?subject=ann");
      const [session] = body.sessions as { idleExpiresAt: number; lastActiveAt: number }[];
      expect(Number(session?.idleExpiresAt) - Number(session?.lastActiveAt)).toBe(5 * 60_000);
    } finally {
      await other.stop();
      folder.remove();
    }
  });
});
