import { expect, type Locator, type Page } from "@playwright/test";
import { freePort } from "../test/free-port.js";
import { chromiumLaunch } from "./browsers.js";
import { type Example, installExample } from "./examples.js";
import { dialog, paced, type Status } from "./fixtures.js";
import { test as base, pacedEnd, pacedText } from "./pace.js";

const limits = () => ({
  CURFEW_IDLE: pacedText("8s"),
  CURFEW_ABSOLUTE: "10m",
  CURFEW_WARNING: pacedText("4s"),
  PORT: "0",
});

const test = base.extend<{ readonly install: (name: string) => Example }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from this pattern
  install: async ({}, use) => {
    const examples: Example[] = [];
    await use((name) => {
      const example = installExample(name);
      examples.push(example);
      return example;
    });
    for (const example of examples) await example.remove();
  },
});

// npm installs each of them.
test.setTimeout(pacedEnd(300_000));

test("the Express example ends its own session when Curfew ends the person's", async ({ page, install }) => {
  const example = install("express-mpa");
  example.run("typescript", ["--noEmit"]);
  const { url } = await example.start(["--import", "tsx", "src/start.ts"], limits());
  await page.goto(`${url}/appointments/new`);
  await signIn(page, "Sign in");
  await page.waitForURL(`${url}/appointments/new`);
  await expectBound(page, url);
  await bookAppointment(page, url);
  await expectDeadlineFollowsMouse(page, url);

  const ownCookie = await cookieNamed(page, "appointments");
  await page.evaluate(() => setInterval(() => void fetch("/", { redirect: "manual" }), 500));
  await expectWarningAndEnd(page, url, /\/$/);
  await page.goto(`${url}/`);
  await expect(page).toHaveURL(`${url}/sign-in`);
  await expect(notice(page)).toHaveText("You were signed out. Please sign in again.");
  expect(await cookieNamed(page, "appointments")).not.toBe(ownCookie);
});

test("the Express example takes no form from another site", async ({ install }) => {
  const { url } = await install("express-mpa").start(["--import", "tsx", "src/start.ts"], limits());
  const headers = { "Sec-Fetch-Site": "cross-site", Origin: "https://elsewhere.example" };
  const body = new URLSearchParams({ name: "ann", password: "demo" });
  const answer = await fetch(`${url}/sign-in`, { method: "POST", headers, body, redirect: "manual" });
  expect(answer.status).toBe(403);
  expect(answer.headers.getSetCookie()).toEqual([]);
});

test("the React example keeps to its session across two origins", async ({ page, install }) => {
  const example = install("vite-react");
  example.run("typescript", ["--noEmit"]);
  const PORT = String(await freePort());
  const PAGE_ORIGIN = `http://127.0.0.1:${PORT}`;
  const { url: api } = await example.start(["--import", "tsx", "api/start.ts"], { ...limits(), PAGE_ORIGIN });
  const environment = { PORT, VITE_API: api };
  example.run("vite", ["build"], environment);
  const { url } = await example.start(["node_modules/vite/bin/vite.js", "preview"], environment);
  expect(url).toBe(PAGE_ORIGIN);

  await page.goto(url);
  await signIn(page, "Sign in");
  await expect(page.getByText("Harbour Street 4")).toBeVisible();
  await expectBound(page, api);
  await expectDeadlineFollowsMouse(page, api);
  await expectWarningAndEnd(page, api, /\/deliveries$/);
  const { status, problem } = await page.evaluate(async (target) => {
    const answer = await fetch(`${target}/deliveries`, { credentials: "include" });
    return { status: answer.status, problem: await answer.json() };
  }, api);
  expect(status).toBe(401);
  expect(problem).toMatchObject({ type: "urn:curfew:session-ended", reason: "idle" });
  await page.reload();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
});

test("the Playwright example's tests pass, and fail for an app that has forgotten its guard", async ({
  install,
}) => {
  const example = install("testing-playwright");
  example.run("typescript", ["--noEmit"]);
  const { executablePath } = chromiumLaunch();
  const environment = {
    PORT: String(await freePort()),
    ...(executablePath === undefined ? {} : { CHROMIUM_PATH: executablePath }),
  };
  example.run("playwright", ["test", "--workers=2"], environment);
  example.rewrite("src/app.ts", (text) => text.replace('"/api/notes", sessions.guard(),', '"/api/notes",'));
  expect(() => example.run("playwright", ["test", "-g", "only polls"], environment)).toThrow(/1 failed/);
});

async function signIn(page: Page, heading: string): Promise<void> {
  await expect(page.getByRole("heading", { name: heading })).toBeVisible();
  await page.getByLabel("Name").fill("ann");
  await page.getByLabel("Password").fill("demo");
  await page.getByRole("button", { name: "Sign in" }).click();
}

async function bookAppointment(page: Page, url: string): Promise<void> {
  await page.getByLabel("Time").fill("half ten");
  await page.getByLabel("Who").fill("Ben <Okri>");
  await page.getByRole("button", { name: "Book" }).click();
  await expect(notice(page)).toHaveText(/such as 09:30/);
  await expect(page.getByLabel("Who")).toHaveValue("Ben <Okri>");
  await page.getByLabel("Time").fill("10:30");
  await page.getByRole("button", { name: "Book" }).click();
  await page.waitForURL(`${url}/`);
  await expect(notice(page)).toHaveText("Booked: Ben <Okri> at 10:30.");
  await expect(page.getByRole("listitem").filter({ hasText: "Ben <Okri>" })).toBeVisible();
}

/** The app's own, not the warning's spoken line. */
function notice(page: Page): Locator {
  return page.getByRole("main").getByRole("status");
}

async function expectBound(page: Page, server: string): Promise<void> {
  await expect.poll(async () => (await statusAt(page, server)).key).not.toBeNull();
}

async function expectDeadlineFollowsMouse(page: Page, server: string): Promise<void> {
  const before = await statusAt(page, server);
  let step = 0;
  await expect
    .poll(
      async () => {
        step++;
        await page.mouse.move(200 + step * 7, 200 + step * 3);
        return (await statusAt(page, server)).idleExpiresAt;
      },
      { intervals: [250] },
    )
    .toBeGreaterThan(before.idleExpiresAt + paced(500));
}

/** Nobody moves from here on; only the page goes on asking. */
async function expectWarningAndEnd(page: Page, server: string, polled: RegExp): Promise<void> {
  let polls = 0;
  page.on("response", (answer) => {
    if (polled.test(answer.url()) && answer.ok()) polls++;
  });
  await expect(dialog(page)).toBeVisible();
  await expect(dialog(page).getByRole("button", { name: "Stay signed in" })).toBeVisible();
  const { status, expiresAt, lastActiveAt } = await statusAt(page, server);
  expect(status).toBe("active");
  expect(expiresAt).toBe(lastActiveAt + paced(8_000));
  await expect(dialog(page)).toContainText("We signed you out");
  expect(Date.now()).toBeGreaterThanOrEqual(expiresAt);
  expect(await statusAt(page, server)).toMatchObject({ reason: "idle", endedAt: expiresAt });
  expect(polls).toBeGreaterThanOrEqual(2);
}

/** What the server says, asked from outside the page: nothing happens in it, and a question extends nothing. */
async function statusAt(page: Page, server: string): Promise<Status> {
  const cookies = await page.context().cookies(server);
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  const answer = await fetch(`${server}/curfew/session`, { headers: { cookie } });
  return (await answer.json()) as Status;
}

async function cookieNamed(page: Page, name: string): Promise<string | undefined> {
  return (await page.context().cookies()).find((cookie) => cookie.name === name)?.value;
}
