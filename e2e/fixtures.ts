/** What every end-to-end test starts from: the real demo on a free port, and a browser that signs in to it. */
import { type Locator, type Page, expect as plain } from "@playwright/test";
import { type Demo, type DemoProcess, startDemo } from "./demo.js";
import { test as base, paced, pacedEnd, pacedText, wait } from "./pace.js";
import { type DemoHost, startDemoHost } from "./support/demo-hosts.js";

export { paced, wait };

/** By the pace of this very process, which may have become slower than the suite was when it began. */
export const expect = plain.configure({ timeout: pacedEnd(30_000) });

/** The short limits that most tests run with: 4 s idle, 2 s warning; like all of the demo's durations, paced. */
export const SHORT = { CURFEW_IDLE: "4s", CURFEW_WARNING: "2s" };

type Environment = Readonly<Record<string, string>>;

export interface Fixtures {
  /** Opens a demo with this environment, its durations paced; it is closed after the test. */
  readonly openDemo: (environment?: Environment) => Promise<Demo>;
  /** The same in a process of its own, for what is done to processes. */
  readonly startDemo: (environment?: Environment) => Promise<DemoProcess>;
  /** A demo with `page` signed in to it. */
  readonly openSignedIn: (environment?: Environment) => Promise<Demo>;
}

export const test = base.extend<Fixtures, { readonly demoHost: DemoHost }>({
  demoHost: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from this pattern
    async ({}, use) => {
      const host = startDemoHost();
      await use(host);
      await host.stop();
    },
    { scope: "worker" },
  ],
  openDemo: ({ demoHost }, use) => untilStopped(demoHost.open, use),
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from this pattern
  startDemo: ({}, use) => untilStopped(startDemo, use),
  openSignedIn: async ({ openDemo, page }, use) => {
    await use(async (environment) => {
      const demo = await openDemo(environment);
      await signIn(page, demo.url);
      return demo;
    });
  },
});

/** Gives the test a door by which it opens what is stopped after it. */
async function untilStopped<Opened extends Demo>(
  open: (environment: Environment) => Promise<Opened>,
  use: (open: (environment?: Environment) => Promise<Opened>) => Promise<void>,
): Promise<void> {
  const opened: Opened[] = [];
  await use(async (environment = SHORT) => {
    const demo = await open(pacedEnvironment(environment));
    opened.push(demo);
    return demo;
  });
  await Promise.all(opened.map((demo) => demo.stop()));
}

const DURATIONS = new Set([
  "CURFEW_IDLE",
  "CURFEW_ABSOLUTE",
  "CURFEW_WARNING",
  "CURFEW_HEARTBEAT",
  "CURFEW_FRESH",
]);

function pacedEnvironment(environment: Environment): Record<string, string> {
  const entries = Object.entries(environment).map(([name, value]) => [
    name,
    DURATIONS.has(name) ? pacedText(value) : value,
  ]);
  return Object.fromEntries(entries);
}

/** Signs in as a person would, by typing. */
export async function signIn(page: Page, url: string, username = "ann"): Promise<void> {
  await page.goto(`${url}/login`);
  await page.getByLabel(/name/i).fill(username);
  await page.getByLabel(/password/i).fill("demo");
  await page.getByRole("button", { name: /sign in/i }).click();
  await page.waitForURL(`${url}/`);
  await expect.poll(async () => (await statusOf(page)).key).not.toBeNull();
}

export interface Status {
  readonly status?: string;
  readonly type?: string;
  readonly reason?: string;
  readonly endedAt?: number;
  readonly sid: string;
  readonly now: number;
  readonly authenticatedAt: number;
  readonly lastActiveAt: number;
  readonly idleTimeout: number;
  readonly warningPeriod: number;
  readonly idleExpiresAt: number;
  readonly absoluteExpiresAt: number;
  readonly expiresAt: number;
  readonly key: string | null;
  readonly nonce: string;
}

/**
 * What the server says of the page's session. Asked with the browser's cookie but from outside: an `evaluate()` would
 * count as a person's gesture in the page.
 */
export async function statusOf(page: Page): Promise<Status> {
  const { origin, cookie } = await identityOf(page);
  const response = await fetch(`${origin}/curfew/session`, { headers: { cookie } });
  return (await response.json()) as Status;
}

export interface PostAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Posts to the protocol with the page's cookie and origin. */
export async function post(page: Page, path: string, body: unknown): Promise<PostAnswer> {
  const { origin, cookie } = await identityOf(page);
  const response = await fetch(`${origin}/curfew${path}`, {
    method: "POST",
    headers: { cookie, origin, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await response.text();
  return { status: response.status, body: answer === "" ? {} : JSON.parse(answer) };
}

async function identityOf(page: Page): Promise<{ origin: string; cookie: string }> {
  const { origin } = new URL(page.url());
  const cookies = await page.context().cookies(origin);
  return { origin, cookie: cookies.map(({ name, value }) => `${name}=${value}`).join("; ") };
}

export function dialog(page: Page): Locator {
  return page.getByRole("alertdialog");
}

/** For this long after opening, the warning takes no answer, so that nobody answers it by accident. */
const GUARD_PERIOD = 600;

/** Resolves once a warning is open and takes an answer. */
export async function expectAnswerable(page: Page): Promise<void> {
  await expect(dialog(page)).toBeVisible();
  await wait(GUARD_PERIOD + 100);
}

/** The heartbeats that a page sends, as they went over the wire. */
export function captureHeartbeats(page: Page): string[] {
  const heartbeats: string[] = [];
  page.on("request", (request) => {
    if (!request.url().endsWith("/curfew/heartbeat") || request.method() !== "POST") return;
    const body: unknown = JSON.parse(request.postData() ?? "{}");
    if (typeof body === "object" && body !== null && "heartbeat" in body)
      heartbeats.push(String(body.heartbeat));
  });
  return heartbeats;
}

/** Moves the mouse and types, again and again, until `until`; resolves with the bounds of the last input's time. */
export async function stayActive(page: Page, until: number): Promise<{ earliest: number; latest: number }> {
  const note = page.getByTestId("note-1");
  let last = { earliest: 0, latest: 0 };
  for (let step = 0; Date.now() < until; step++) {
    const earliest = Date.now();
    if (step % 3 === 0) await note.press(step % 2 === 0 ? "a" : "Backspace");
    else await page.mouse.move(100 + (step % 50) * 4, 200 + (step % 7) * 10);
    last = { earliest, latest: Date.now() };
    await wait(150);
  }
  return last;
}
