/** The page on one origin and the API on another, and a development server's proxy in between. */

import type { Page } from "@playwright/test";
import { freePort } from "../test/free-port.js";
import { test as base, dialog, expect } from "./fixtures.js";
import { press } from "./support/behind.js";
import { move, truthOf } from "./support/network.js";
import { type Api, openApi, openPages, openVite, type Running } from "./support/origins-app.js";

const test = base.extend<{ keep: <Kind extends Running>(opened: Promise<Kind>) => Promise<Kind> }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from this pattern
  keep: async ({}, use) => {
    const kept: Running[] = [];
    await use(async (opening) => {
      const opened = await opening;
      kept.push(opened);
      return opened;
    });
    for (const opened of kept.reverse()) await opened.close();
  },
});

async function signIn(page: Page, { api, to }: { readonly api: string; readonly to: string }): Promise<void> {
  await page.goto(`${api}/in?to=${encodeURIComponent(to)}`);
  await expect(page.getByRole("heading", { name: "A page" })).toBeVisible();
}

/** `count` times: input, and the server hears of it. */
async function beActive(page: Page, api: string, count = 1): Promise<void> {
  await expect.poll(async () => (await truthOf(page, api)).key).not.toBeNull();
  await move(page);
  for (let round = 0; round < count; round++) {
    const before = await truthOf(page, api);
    await move(page);
    await expect
      .poll(async () => (await truthOf(page, api)).lastActiveAt)
      .toBeGreaterThan(before.lastActiveAt);
  }
}

const errorsIn = (page: Page) => page.evaluate(() => Reflect.get(globalThis, "errors"));
const stateIn = (page: Page) => page.evaluate(() => Reflect.get(globalThis, "Curfew").session.state.status);
const countOf = ({ calls }: Api, method: string, path: string) =>
  calls.filter((call) => call.method === method && call.path === path).length;

for (const [what, host] of [
  ["two ports of one host", { page: "127.0.0.1", api: "127.0.0.1" }],
  ["two hosts of one site", { page: "app.curfew.localhost", api: "api.curfew.localhost" }],
] as const)
  test(`${what}: heartbeats go out with the cookie, after one preflight, and the warning is answered`, async ({
    page,
    browserName,
    keep,
  }) => {
    let script = "";
    const pages = await keep(openPages(() => script));
    const origin = `http://${host.page}:${pages.port}`;
    const server = await keep(openApi([origin]));
    const api = `http://${host.api}:${server.port}`;
    // Node resolves no names below localhost; the browser does.
    const truth = `http://127.0.0.1:${server.port}`;
    script = `${api}/curfew/curfew.js`;
    await signIn(page, { api, to: origin });
    const cookies = await page.context().cookies(api);
    if (host.api !== "127.0.0.1")
      await page.context().addCookies(cookies.map((cookie) => ({ ...cookie, domain: "127.0.0.1" })));
    await beActive(page, truth, 3);
    expect(countOf(server, "POST", "/curfew/heartbeat")).toBeGreaterThanOrEqual(3);
    // Firefox keeps a preflight not always; that costs a request, nothing more.
    if (browserName === "chromium") expect(countOf(server, "OPTIONS", "/curfew/heartbeat")).toBe(1);
    expect(
      server.calls.filter(({ path, answered }) => path.startsWith("/curfew/") && answered >= 400),
    ).toEqual([]);
    await expect(dialog(page)).toBeVisible();
    const before = await truthOf(page, truth);
    await press(page, "Stay signed in");
    await expect.poll(async () => (await truthOf(page, truth)).expiresAt).toBeGreaterThan(before.expiresAt);
    await expect(dialog(page)).toContainText(/we signed you out/i);
    expect(await errorsIn(page)).toEqual([]);
  });

test("an origin that is not listed can neither extend nor read, and nobody is told of a sign-out", async ({
  page,
  keep,
}) => {
  let script = "";
  const pages = await keep(openPages(() => script));
  const server = await keep(openApi(["https://app.example.com"]));
  const api = `http://127.0.0.1:${server.port}`;
  script = `${api}/curfew/curfew.js`;
  await signIn(page, { api, to: `http://127.0.0.1:${pages.port}` });
  await move(page);
  await move(page);
  await expect
    .poll(() => server.calls.filter(({ path }) => path.startsWith("/curfew/session")).length)
    .toBeGreaterThan(2);
  expect(await stateIn(page)).toBe("connecting");
  expect(await truthOf(page, api)).toMatchObject({ status: "active", key: null });
  await expect(dialog(page)).toBeHidden();
});

test("a Vite proxy with changeOrigin: nothing is to be configured, for the browser says that the page is ours", async ({
  page,
  keep,
}) => {
  const server = await keep(openApi([]));
  const vite = await keep(openVite(`http://localhost:${server.port}`));
  const origin = `http://127.0.0.1:${vite.port}`;
  await signIn(page, { api: origin, to: "/" });
  await beActive(page, origin, 2);
  const beats = server.calls.filter(({ path }) => path === "/curfew/heartbeat");
  expect(beats.map(({ answered }) => answered)).not.toContain(403);
  expect(beats[0]?.host).toBe(`localhost:${server.port}`);
  expect(await errorsIn(page)).toEqual([]);
});

test("a Vite proxy behind which the server hears no Sec-Fetch-Site: the app is told which option names the page's origin", async ({
  page,
  keep,
}) => {
  const server = await keep(openApi([]));
  const vite = await keep(openVite(`http://localhost:${server.port}`, ["sec-fetch-site"]));
  const origin = `http://127.0.0.1:${vite.port}`;
  await signIn(page, { api: origin, to: "/" });
  await expect.poll(async () => (await errorsIn(page))[0]).toMatchObject({ code: "cross-site" });
  const [{ message }] = await errorsIn(page);
  expect(message).toContain("`origins`");
  expect(message).toContain(origin);
  expect(message).toContain(`http://localhost:${server.port}`);
  expect(await stateIn(page)).not.toBe("ended");
});

test("the same with the page's origin listed: heartbeats are accepted", async ({ page, keep }) => {
  // The page's port must be known before the API starts.
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const server = await keep(openApi([origin]));
  await keep(openVite(`http://localhost:${server.port}`, ["sec-fetch-site"], port));
  await signIn(page, { api: origin, to: "/" });
  await beActive(page, origin, 2);
  expect(await errorsIn(page)).toEqual([]);
});
