import { createServer, type RequestListener } from "node:http";
import { createRequire } from "node:module";
import { chromium } from "@playwright/test";
import { expect, onTestFinished, test } from "vitest";
import { chromiumLaunch } from "../../e2e/browsers.js";
import type { SessionVerifier, SessionVerifierOptions } from "../../src/server/index.js";
import { send } from "../adapters/support/http-browser.js";
import { cookieOf, curfewServer, curfewTesting, listen, load, MINUTE, POLICY, said } from "./installed.js";

const { memoryStore } = await curfewServer();
const { createTestClock } = await curfewTesting();
const { createApp } = await load<{
  createApp(given: Partial<SessionVerifierOptions>): { app: RequestListener; sessions: SessionVerifier };
}>("htmx-turbo", "src/app.ts");

async function serve() {
  const clock = createTestClock();
  const { app, sessions } = createApp({ policy: POLICY, store: memoryStore({ clock }) });
  onTestFinished(() => sessions.close());
  const url = await listen(createServer(app));
  const ask = (path: string, headers: Record<string, string>, fields?: Record<string, string>) =>
    fetch(url + path, {
      redirect: "manual",
      headers: { origin: url, ...headers },
      ...(fields ? { method: "POST", body: new URLSearchParams(fields) } : {}),
    });
  const signIn = (fields: Record<string, string> = {}) =>
    ask("/login", {}, { name: "ann", password: "demo", ...fields });
  return { clock, url, ask, signIn };
}

const FRAGMENTS = { htmx: { "hx-request": "true" }, Turbo: { "turbo-frame": "panel", accept: "text/html" } };

test.each(Object.entries(FRAGMENTS))(
  "after the end %s is answered 401, and led nowhere",
  async (_name, marks) => {
    const { clock, ask, signIn } = await serve();
    const cookie = cookieOf(await signIn());
    const before = await ask("/notes", { cookie, ...marks });
    expect([before.status, before.headers.get("cache-control")]).toEqual([200, "no-store"]);
    clock.advance(15 * MINUTE);
    for (const fields of [undefined, { note: "late" }]) {
      const answer = await ask("/notes", { cookie, ...marks }, fields);
      expect([answer.headers.get("location"), answer.headers.get("hx-redirect")]).toEqual([null, null]);
      expect(await said(answer)).toMatchObject({
        httpStatus: 401,
        type: "urn:curfew:session-ended",
        reason: "idle",
      });
    }
  },
);

test("after the end a page leads to the sign-in form, and from there back to it", async () => {
  const { url, ask, signIn } = await serve();
  const headers = { accept: "text/html", "sec-fetch-mode": "navigate" };
  const away = await send(url, "GET", "/turbo", { headers });
  expect([away.status, away.headers.location]).toEqual([303, "/login?return=%2Fturbo"]);
  expect(await (await ask("/login?return=%2Fturbo", {})).text()).toContain('name="return" value="/turbo"');
  expect((await signIn({ return: "/turbo" })).headers.get("location")).toBe("/turbo");
  expect((await signIn({ return: "//evil.example" })).headers.get("location")).toBe("/htmx");
});

test("a form without the session's CSRF token is refused", async () => {
  const { ask, signIn } = await serve();
  const cookie = cookieOf(await signIn());
  expect((await ask("/notes", { cookie, ...FRAGMENTS.htmx }, { note: "forged" })).status).toBe(403);
});

const require = createRequire(import.meta.url);
const LIBRARIES = [
  { name: "htmx 4", path: "/htmx" },
  { name: "htmx 2", path: "/htmx", script: require.resolve("htmx.org/dist/htmx.js") },
  { name: "Turbo", path: "/turbo" },
];

test("in a browser the panel stays, the page says what has happened, and its form goes on after a sign-in", async () => {
  const { args, ...program } = chromiumLaunch();
  const browser = await chromium.launch({ ...program, args: [...args] });
  onTestFinished(() => browser.close());
  for (const { name, path, script } of LIBRARIES) {
    const { clock, url } = await serve();
    const context = await browser.newContext();
    const page = await context.newPage();
    if (script) await page.route("**/htmx.js", (route) => route.fulfill({ path: script }));
    const signIn = async (tab = page) => {
      await tab.getByLabel("Name").fill("ann");
      await tab.getByLabel("Password").fill("demo");
      await tab.getByRole("button", { name: "Sign in" }).click();
    };
    const panel = page.locator("#panel");
    await page.goto(url + path);
    await signIn();
    await page.waitForURL(url + path);
    await panel.getByText("0 notes").waitFor();
    await page.getByLabel("Note").fill("first");
    await page.getByRole("button", { name: "Save" }).click();
    await panel.getByText("1 notes").waitFor();
    await page.getByLabel("Note").fill("second");

    clock.advance(15 * MINUTE);
    const refused = page.waitForResponse(
      (answer) => answer.status() === 401 && answer.url() === `${url}/notes`,
    );
    await page.evaluate(`document.querySelector('[href="/notes"], [hx-get][hx-target]').click()`);
    await refused;
    await page.getByRole("alertdialog").waitFor();
    expect(await panel.textContent(), name).toContain("1 notes");
    expect(page.url(), name).toBe(url + path);

    const other = await context.newPage();
    await other.goto(`${url}/login`);
    await signIn(other);
    await page.bringToFront();
    await page.getByRole("alertdialog").waitFor({ state: "hidden" });
    expect(await page.getByLabel("Note").inputValue(), name).toBe("second");
    await page.getByRole("button", { name: "Save" }).click();
    await panel.getByText("2 notes").waitFor();
    await context.close();
  }
});
