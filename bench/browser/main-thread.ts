/** What the script include costs a page's main thread: its evaluation on a slow machine, and the longest task of a whole session. */
import type { Browser, CDPSession, Page } from "@playwright/test";
import { SHORT, type Site, serveSite } from "./site.js";

export interface MainThreadResult {
  readonly loads: number;
  /** Milliseconds of processor time to compile and run the script include, median and most. */
  readonly evaluation: { readonly median: number; readonly most: number };
  /** The same with the processor four times as slow. */
  readonly slowEvaluation: { readonly median: number; readonly most: number };
  /** The limit, as slow: as many bytes that are read and parsed, and of which nothing runs. */
  readonly slowParsing: { readonly median: number; readonly most: number };
  readonly sessions: number;
  /** Tasks of over 50 ms that the browser told of, from the page's start over the warning to the end. */
  readonly longTasks: number;
  /** The longest task of the same time, in milliseconds of processor time. */
  readonly longest: number;
}

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds: of time, and of the thread's processor time. */
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly data?: { readonly url?: string } };
}

const CATEGORIES = ["devtools.timeline", "disabled-by-default-devtools.timeline", "toplevel"];
const SLOW = 4;
const INCLUDE = "/curfew/curfew.js";

/** What a page's main thread has done while `work` ran. */
async function traced(browser: Browser, page: Page, work: () => Promise<void>) {
  await browser.startTracing(page, { categories: CATEGORIES });
  await work();
  const { traceEvents } = JSON.parse(String(await browser.stopTracing())) as { traceEvents: TraceEvent[] };
  const evaluated = traceEvents.find(
    ({ name, args }) => name === "EvaluateScript" && args?.data?.url?.endsWith(INCLUDE),
  );
  if (evaluated === undefined) throw new Error("the trace has no evaluation of the script include");
  const { pid, tid } = evaluated;
  // A task that is not over yet has no duration.
  const tasks = traceEvents.filter(
    (one) => one.name === "RunTask" && one.pid === pid && one.tid === tid && one.dur !== undefined,
  );
  if (tasks.length === 0) throw new Error("the trace has no tasks of the page");
  const costOf = ({ tdur, dur }: TraceEvent) => (tdur ?? dur ?? Number.NaN) / 1_000;
  return { evaluation: costOf(evaluated), longest: Math.max(...tasks.map(costOf)) };
}

async function slowDown(page: Page, rate: number): Promise<CDPSession> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate });
  return devtools;
}

/** A page that a signed-in person opens for the first time; what was compiled for another one is not used. */
async function openFresh(browser: Browser, { url }: Site): Promise<Page> {
  const context = await browser.newContext();
  await context.addInitScript(() => {
    const told = { longTasks: 0 };
    Reflect.set(globalThis, "told", told);
    new PerformanceObserver((list) => {
      told.longTasks += list.getEntries().length;
    }).observe({ type: "longtask", buffered: true });
  });
  await context.request.get(`${url}/start`);
  return context.newPage();
}

const hasKind = (kind: string) =>
  `document.querySelector("curfew-warning")?.getAttribute("kind") === "${kind}"`;

/** A function that nobody calls. */
const neverRun = (source: string) => `globalThis.Curfew = {}; function never() { ${source}\n}`;

async function evaluations(
  browser: Browser,
  site: Site,
  { loads, rate, change }: { loads: number; rate: number; change?: (source: string) => string },
) {
  const costs: number[] = [];
  for (let load = 0; load < loads; load++) {
    const page = await openFresh(browser, site);
    if (change !== undefined)
      await page.route(`**${INCLUDE}`, async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, body: change(await response.text()) });
      });
    await slowDown(page, rate);
    const { evaluation } = await traced(browser, page, async () => {
      await page.goto(site.url);
      await page.waitForFunction("globalThis.Curfew !== undefined");
    });
    costs.push(evaluation);
    await page.context().close();
  }
  costs.sort((a, b) => a - b);
  return { median: costs[costs.length >> 1] ?? Number.NaN, most: costs.at(-1) ?? Number.NaN };
}

/** @param loads how often the script is loaded, each time in a browser context of its own @param count of whole sessions */
export async function measureMainThread(
  browser: Browser,
  loads: number,
  count: number,
): Promise<MainThreadResult> {
  const site = await serveSite({ policy: SHORT });
  try {
    const evaluation = await evaluations(browser, site, { loads, rate: 1 });
    const slowEvaluation = await evaluations(browser, site, { loads, rate: SLOW });
    const slowParsing = await evaluations(browser, site, { loads, rate: SLOW, change: neverRun });
    let longTasks = 0;
    let longest = 0;
    for (let session = 0; session < count; session++) {
      const page = await openFresh(browser, site);
      const trace = await traced(browser, page, async () => {
        await page.goto(site.url);
        await page.mouse.move(100, 100 + session);
        await page.waitForFunction(hasKind("idle"), null, { polling: 100 });
        await page.waitForFunction(hasKind("ended"), null, { polling: 100 });
      });
      longTasks += (await page.evaluate<{ longTasks: number }>("globalThis.told")).longTasks;
      longest = Math.max(longest, trace.longest);
      await page.context().close();
    }
    return { loads, evaluation, slowEvaluation, slowParsing, sessions: count, longTasks, longest };
  } finally {
    site.close();
  }
}
