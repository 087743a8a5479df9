/** What an end tells the browser to forget: in each engine what works there, and nothing that would make it slow. */
import { expect, test } from "vitest";
import { TestBrowser } from "./support/test-browser.js";
import { createTestVerifier, MINUTE } from "./support/test-verifier.js";

const LINUX = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)";
const IPHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";
const MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)";

const BROWSERS: readonly (readonly [string, string | null, boolean])[] = [
  ["Chrome", `${LINUX} Chrome/156.0.0.0 Safari/537.36`, false],
  ["Edge", `${LINUX} Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0`, false],
  ["headless Chromium", `${LINUX} HeadlessChrome/156.0.0.0 Safari/537.36`, false],
  [
    "Chrome on Android",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36",
    false,
  ],
  ["Firefox", "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0", false],
  ["Safari", `${MAC} Version/26.1 Safari/605.1.15`, true],
  ["Safari on iOS", `${IPHONE} Version/26.1 Mobile/15E148 Safari/604.1`, true],
  ["Chrome on iOS", `${IPHONE} CriOS/156.0.6912.4 Mobile/15E148 Safari/604.1`, true],
  ["Firefox on iOS", `${IPHONE} FxiOS/153.0 Mobile/15E148 Safari/605.1.15`, true],
  ["Edge on iOS", `${IPHONE} EdgiOS/156.0 Version/26.0 Mobile/15E148 Safari/604.1`, true],
  [
    "WebKitGTK",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
    true,
  ],
  ["a browser that does not say what it is", null, true],
];

test.each(BROWSERS)(
  "%s is told to clear its cache only where nothing else helps",
  async (_name, agent, clears) => {
    const { sessions, clock } = createTestVerifier();
    const headers = agent === null ? {} : { "user-agent": agent };
    const [browser, other, third] = [
      await TestBrowser.signedIn(sessions),
      await TestBrowser.signedIn(sessions),
      await TestBrowser.signedIn(sessions),
    ];
    const signedOut = await browser.post("/curfew/end", { sid: browser.live.sid }, headers);
    const byApp = await sessions.signOut(third.request("/sign-out", { headers }));
    clock.advance(15 * MINUTE);
    const idled = await sessions.handle(other.request("/curfew/session", { headers }));
    for (const told of [signedOut.headers, byApp, idled.headers]) {
      expect(told.get("clear-site-data")).toBe(clears ? '"cache"' : null);
      expect(told.getSetCookie().filter((cookie) => cookie.startsWith("__Host-curfew.end="))).toHaveLength(1);
    }
  },
);

test("nobody is told to where clearCache is false", async () => {
  const { sessions } = createTestVerifier({ clearCache: false });
  const browser = await TestBrowser.signedIn(sessions);
  const { headers } = await browser.post("/curfew/end", { sid: browser.live.sid });
  expect(headers.get("clear-site-data")).toBeNull();
});

test("the end of one app leaves another one's session alone, whatever the two are called", async () => {
  const [app, other] = [createTestVerifier(), createTestVerifier({ name: "curfew-end" })];
  const browser = await TestBrowser.signedIn(app.sessions, { bind: false });
  const signedIn = await other.sessions.start(new Request("https://app.test/"), { subject: "ann" });
  const own = signedIn.headers.getSetCookie().map((cookie) => cookie.split("=")[0]);
  const ended = await browser.post("/curfew/end", { sid: browser.live.sid });
  const changed = ended.headers.getSetCookie().map((cookie) => cookie.split("=")[0]);
  expect([own, changed]).toEqual([["__Host-curfew-end"], ["__Host-curfew", "__Host-curfew.end"]]);
});
