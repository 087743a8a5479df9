/** What keeps people from being heard is told to the developer, once, with its cause and the cure. */
import { describe, expect, test } from "vitest";
import { memoryStore } from "../../src/server/stores/memory.js";
import { sqliteStore } from "../../src/server/stores/sqlite/store.js";
import type { SessionVerifierOptions } from "../../src/server/verifier/options.js";
import { createTestKey, ORIGIN, TestBrowser } from "./support/test-browser.js";
import { createTestClock } from "./support/test-clock.js";
import { createTestVerifier, MINUTE, SILENT } from "./support/test-verifier.js";

function heard(options: Partial<SessionVerifierOptions> = {}) {
  const warnings: string[] = [];
  const logger = { ...SILENT, warn: (line: string) => warnings.push(line) };
  return { ...createTestVerifier({ logger, ...options }), warnings };
}

describe("a session that ends for lack of activity, and never had a key", () => {
  const PAGE = { accept: "text/html,*/*" };
  const FETCH = { "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors" };

  async function used(
    headers: Record<string, string>,
    options: Partial<SessionVerifierOptions> = {},
    bind = false,
  ) {
    const made = heard(options);
    const browser = await TestBrowser.signedIn(made.sessions, { bind });
    const ask = () => made.sessions.check(browser.request("/page", { headers }));
    await ask();
    made.clock.advance(15 * MINUTE);
    await ask();
    return { ...made, browser };
  }

  test.each([
    ["a page was navigated to", PAGE],
    ["a page's script asked", FETCH],
  ])("is told of where %s, with what to look at", async (_name, headers) => {
    const { warnings } = await used(headers);
    expect(warnings).toEqual([
      expect.stringMatching(
        /^curfew: of 1 session that browsers used.*1 never bound a key.*is the script on the pages\? is POST \/curfew\/key reached\?.*withoutScript: "navigation"/,
      ),
    ]);
  });

  test.each<[string, Record<string, string>, Partial<SessionVerifierOptions>, boolean]>([
    ["no browser used it", { authorization: "Bearer x", accept: "application/json" }, {}, false],
    ["it had a key", PAGE, {}, true],
    [
      "the policy says that there may be no script",
      PAGE,
      { policy: { idle: "15m", absolute: "12h", withoutScript: "navigation" } },
      false,
    ],
  ])("is not told of where %s", async (_name, headers, options, bind) => {
    const { warnings } = await used(headers, options, bind);
    expect(warnings).toEqual([]);
  });

  test("is not told of where it ended otherwise", async () => {
    const { sessions, warnings } = heard();
    const browser = await TestBrowser.signedIn(sessions, { bind: false });
    await sessions.check(browser.request("/page", { headers: PAGE }));
    await sessions.end(browser.live.sid);
    expect(warnings).toEqual([]);
  });

  test("is told of at once, then once an hour with how many there were", async () => {
    const { sessions, clock, warnings } = heard();
    const round = async (bound: number, unbound: number) => {
      const browsers: TestBrowser[] = [];
      for (let at = 0; at < bound + unbound; at++)
        browsers.push(await TestBrowser.signedIn(sessions, { subject: `p ${at}`, bind: at < bound }));
      for (const browser of browsers) await sessions.check(browser.request("/page", { headers: PAGE }));
      clock.advance(15 * MINUTE);
      for (const browser of browsers) await sessions.check(browser.request("/page"));
    };
    await round(0, 1);
    await round(3, 2);
    expect(warnings).toHaveLength(1);
    clock.advance(60 * MINUTE);
    await round(1, 1);
    expect(warnings).toHaveLength(2);
    // Those of the quiet hour, and the first that came after it.
    expect(warnings[1]).toMatch(/of [67] sessions that browsers used.*, 3 never bound a key/);
  });

  test("is told of by the sign-in alone, where the browser never comes back", async () => {
    const { sessions, clock, warnings } = heard();
    const signIn = new Request(`${ORIGIN}/sign-in`, { method: "POST", headers: FETCH });
    const { session } = await sessions.start(signIn, { subject: "ann" });
    clock.advance(15 * MINUTE);
    expect(await sessions.find(session.sid)).toBeNull();
    expect(warnings).toHaveLength(1);
  });
});

describe("a sign-in over plain http", () => {
  async function signIn(
    url: string,
    headers: Record<string, string> = {},
    options: Partial<SessionVerifierOptions> = {},
  ) {
    const made = heard(options);
    const id = options.identify === undefined ? {} : { id: "own-session-id-0001" };
    for (let at = 0; at < 2; at++)
      await made.sessions
        .start(new Request(url, { method: "POST", headers }), { subject: "ann", ...id })
        .catch(() => {});
    return made.warnings;
  }

  test.each([
    ["http://dev.bank.test/login", {}, "dev.bank.test"],
    ["http://dev.bank.test:8080/login", { origin: "http://dev.bank.test:8080" }, "dev.bank.test:8080"],
    ["http://192.168.1.5/login", {}, "192.168.1.5"],
    ["http://app/login", {}, "app"],
    ["http://localhost.evil.test/login", {}, "localhost.evil.test"],
    ["http://localhost:3000/login", { origin: "http://192.168.1.5:5173" }, "192.168.1.5:5173"],
    ["http://[2001:db8::1]/login", {}, "[2001:db8::1]"],
  ])("to %s with %j is told of once, with the cure", async (url, headers, host) => {
    const warnings = await signIn(url, headers);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(`plain http to ${host}, where browsers keep no Secure cookie`);
    expect(warnings[0]).toMatch(/over TLS.*`trustProxy`.*cookie: "plain".*unsafeForTesting/);
  });

  test.each<[string, Record<string, string>, Partial<SessionVerifierOptions>]>([
    ["http://localhost:3000/login", {}, {}],
    ["http://LOCALHOST/login", { origin: "http://localhost:5173" }, {}],
    ["http://app.localhost/login", {}, {}],
    ["http://127.0.0.1:3000/login", {}, {}],
    ["http://127.9.9.9/login", {}, {}],
    ["http://[::1]:3000/login", {}, {}],
    ["https://app.test/login", {}, {}],
    // Behind a proxy that ends TLS and is not listed, the browser's own word tells.
    ["http://app.test/login", { "sec-fetch-site": "same-origin" }, {}],
    ["http://app.test/login", { origin: "https://app.test" }, {}],
    ["http://app.test/login", { referer: "https://app.test/login" }, {}],
    ["http://app.test/login", { "x-forwarded-proto": "https" }, {}],
    ["http://app.test/login", { forwarded: "for=203.0.113.9;proto=https" }, {}],
    ["http://dev.bank.test/login", {}, { identify: () => null }],
    [
      "http://dev.bank.test/login",
      {},
      { cookie: "plain", policy: { idle: "15m", absolute: "12h", unsafeForTesting: true } },
    ],
  ])("to %s with %j %j is not told of, as the cookie is kept", async (url, headers, options) => {
    expect((await signIn(url, headers, options)).filter((line) => line.includes("plain http"))).toEqual([]);
  });

  test.each<Record<string, string>>([
    { "sec-fetch-dest": "iframe", "sec-fetch-site": "cross-site" },
    { "sec-fetch-dest": "object", "sec-fetch-site": "cross-site" },
    { "sec-fetch-dest": "iframe", "sec-fetch-site": "same-origin", "sec-fetch-storage-access": "none" },
    { "sec-fetch-dest": "empty", "sec-fetch-site": "same-origin", "sec-fetch-storage-access": "inactive" },
  ])("in a frame of another site, marked %j, is told of once, though it may be refused", async (headers) => {
    const warnings = await signIn(`${ORIGIN}/login`, headers);
    expect(warnings).toEqual([
      expect.stringMatching(/from a frame in a page of another site.*SameSite=Lax.*window of its own/),
    ]);
  });

  test.each<Record<string, string>>([
    { "sec-fetch-dest": "iframe", "sec-fetch-site": "same-origin" },
    { "sec-fetch-dest": "iframe", "sec-fetch-site": "same-site" },
    { "sec-fetch-dest": "document", "sec-fetch-site": "cross-site" },
    { "sec-fetch-dest": "empty", "sec-fetch-site": "same-origin", "sec-fetch-storage-access": "active" },
    {},
  ])("marked %j is from no such frame", async (headers) => {
    expect(await signIn(`${ORIGIN}/login`, headers)).toEqual([]);
  });
});

describe("a post from an origin that is not listed", () => {
  async function posted(origin: string, headers: Record<string, string> = {}, made = heard()) {
    const request = new Request(`${ORIGIN}/curfew/heartbeat`, {
      method: "POST",
      headers: { origin, "content-type": "application/json", ...headers },
      body: "{}",
    });
    const { status } = await made.sessions.handle(request);
    return { status, ...made };
  }

  test("is told of once, with the option to write", async () => {
    const made = heard();
    for (let at = 0; at < 3; at++)
      await posted("https://www.app.test", { "sec-fetch-site": "same-site" }, made);
    expect(made.warnings).toEqual([
      `curfew: a call from https://www.app.test was refused, as this server takes itself for ${ORIGIN}: if the page is yours, write origins: ["https://www.app.test"] in the options, else nothing is to be done`,
    ]);
  });

  test("is told of by its preflight too, after which no post comes", async () => {
    const made = heard({ origins: ["https://other.app.test"] });
    const headers = { origin: "https://www.app.test", "access-control-request-method": "POST" };
    for (let at = 0; at < 2; at++)
      await made.sessions.handle(new Request(`${ORIGIN}/curfew/key`, { method: "OPTIONS", headers }));
    expect(made.warnings).toEqual([expect.stringContaining('write origins: ["https://www.app.test"]')]);
  });

  test("is told of for ten origins, and then that no more are named", async () => {
    const made = heard();
    for (let at = 0; at < 40; at++) await posted(`https://p${at}.test`, {}, made);
    expect(made.warnings).toHaveLength(10);
    expect(made.warnings.at(-1)).toMatch(/https:\/\/p9\.test.*no more origins are named/);
  });

  test.each(["null", "https://evil.test/path", "javascript:alert(1)", "https://user@evil.test", "\u00e9vil"])(
    "that is none (%s) is told of without advice to list it, on one short line",
    async (origin) => {
      const { warnings } = await posted(origin);
      expect(warnings).toEqual([
        expect.stringMatching(/^curfew: a call from [\x21-\x7e]+ was refused.*cannot be listed$/),
      ]);
    },
  );

  test("that is as long as a header may be takes a short line", async () => {
    const { warnings } = await posted(`https://${"a".repeat(5_000)}.test`);
    expect(warnings[0]?.length).toBeLessThan(400);
  });

  test("is not told of where nothing was refused, or nobody says from where", async () => {
    const made = heard({ origins: ["https://www.app.test"] });
    await posted("https://www.app.test", { "sec-fetch-site": "same-site" }, made);
    await posted(ORIGIN, { "sec-fetch-site": "same-origin" }, made);
    await made.sessions.handle(
      new Request(`${ORIGIN}/curfew/end`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: "{}",
      }),
    );
    expect(made.warnings).toEqual([]);
  });
});

describe("two stores behind one address", () => {
  /** A browser that signed in by one server and is answered by another. */
  async function between(options: Partial<SessionVerifierOptions> = {}) {
    const clock = createTestClock();
    const one = createTestVerifier({ store: memoryStore({ clock }) });
    const two = heard(options);
    const browser = await TestBrowser.signedIn(one.sessions, { bind: false });
    const lost = Object.assign(new TestBrowser(two.sessions, browser.key), {
      cookie: browser.cookie,
      status: browser.status,
    });
    return { one, two, browser, lost, clock };
  }

  test("are told of by the binding that reaches the wrong one, with what is likely", async () => {
    const { two, lost } = await between();
    for (let at = 0; at < 3; at++) expect((await lost.bind()).status).toBe(401);
    expect(two.warnings).toEqual([
      expect.stringMatching(
        /^curfew: a page speaks of a session that the memory store does not know.*kept in memory.*started anew, or several processes.*one store, such as redisStore/,
      ),
    ]);
  });

  test("are told of by a heartbeat, and for a store that is kept with another cause", async () => {
    const { two, lost, browser, clock } = await between({ store: sqliteStore(":memory:") });
    await browser.bind();
    Object.assign(lost, { status: browser.status });
    expect((await lost.beat(clock.now())).status).toBe(401);
    expect(two.warnings).toEqual([
      expect.stringMatching(
        /the sqlite store does not know.*different stores \(another database, file or prefix\), or this one was emptied/,
      ),
    ]);
  });

  test("are not told of by an old cookie, by one without a message, or by a cookie that was renewed meanwhile", async () => {
    const { two, lost } = await between();
    await lost.ask();
    await two.sessions.check(lost.request("/page"));
    await lost.post("/curfew/end", { sid: lost.live.sid });
    await lost.post("/curfew/heartbeat", { heartbeat: "a.b.c" });
    const own = await TestBrowser.signedIn(two.sessions);
    const { cookie, status } = own;
    await own.reauthenticate("ann");
    const late = Object.assign(new TestBrowser(two.sessions, own.key), { cookie, status });
    expect((await late.beat(two.clock.now())).status).toBe(401);
    const none = Object.assign(new TestBrowser(two.sessions, await createTestKey()), {
      cookie: null,
      status: lost.status,
    });
    expect((await none.bind()).status).toBe(401);
    expect(two.warnings).toEqual([]);
  });
});
