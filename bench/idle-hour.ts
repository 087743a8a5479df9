/** Which requests a page makes in an hour in which nobody does anything, with the browser's and the server's clock moved in step. */
import type { Browser, Page } from "@playwright/test";
import { createTestClock, type TestClock } from "../src/testing/test-clock.js";
import { bundle } from "./bundle.js";
import { serve } from "./serve.js";

export interface IdleHourResult {
  /** How many tabs were open. */
  readonly tabs: number;
  /** What was asked, and how many minutes after the beginning of the hour. */
  readonly requests: readonly { readonly minute: number; readonly what: string }[];
}

const SECOND = 1000;
const HOUR = 3600 * SECOND;
/** How much time passes at once. */
const STEP = SECOND;
/** The end is asked about when it has come, so the hour is watched to a little past it. */
const WATCHED = HOUR + 60 * SECOND;
/** The pages open within the first minute. */
const OPENING = 60 * SECOND;

export async function measureIdleHour(browser: Browser, tabs: number): Promise<IdleHourResult> {
  const clock = createTestClock();
  const served = await serve(new Map([["curfew", await bundle("./peers/curfew.mjs")]]), {
    clock,
    idle: "1h",
  });
  const context = await browser.newContext();
  try {
    await context.request.get(`${served.url}/start`);
    const pages: Page[] = [];
    await context.clock.install({ time: clock.now() });
    for (let tab = 0; tab < tabs; tab++) {
      const page = await context.newPage();
      await page.goto(`${served.url}/curfew`);
      await page.waitForFunction("globalThis.isReady === true");
      pages.push(page);
    }
    await context.clock.pauseAt(clock.now() + 60 * SECOND);
    clock.advance(OPENING);
    return { tabs, requests: await watch(pages, clock) };
  } finally {
    await context.close();
    served.close();
  }
}

async function watch(pages: readonly Page[], clock: TestClock): Promise<IdleHourResult["requests"]> {
  const beganAt = clock.now() - OPENING;
  const requests: { minute: number; what: string }[] = [];
  for (const page of pages)
    page.on("request", (request) => {
      const what = `${request.method()} ${new URL(request.url()).pathname}`;
      requests.push({ minute: (clock.now() - beganAt) / 60_000, what });
    });
  while (clock.now() - beganAt < WATCHED) {
    clock.advance(STEP);
    const seen = requests.length;
    await pages[0]?.context().clock.runFor(STEP);
    // What an answer leads to takes no time on the clocks.
    if (requests.length > seen) await Promise.all(pages.map((page) => page.waitForLoadState("networkidle")));
  }
  return requests;
}
