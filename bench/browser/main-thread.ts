/** What the script include costs a page's main thread: its evaluation on a slow machine, and the longest task of a whole session. */
import { readFileSync } from "node:fs";
import type { Browser, Page } from "@playwright/test";
import { type DevTools, openDevTools } from "./devtools.js";
import { INCLUDE, SHORT, type Site, serveSite } from "./site.js";

/** Milliseconds of processor time. */
interface Cost {
  readonly median: number;
  readonly most: number;
}

export interface MainThreadResult {
  readonly loads: number;
  /** To compile and run the script include, in a browser that has never seen it. */
  readonly evaluation: Cost;
  /** The same with the processor four times as slow, for the first three loads in one tab. */
  readonly slowEvaluations: readonly Cost[];
  /** As slow: as many bytes that are read and parsed, and of which nothing runs. */
  readonly slowParsing: Cost;
  /** The limit, as slow: what the script asks of the browser, in a straight line and with nothing around it. */
  readonly slowLimit: Cost;
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
  readonly ts: number;
  /** Microseconds: of time, and of the thread's processor time. */
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly data?: { readonly url?: string } };
}

const CATEGORIES = ["devtools.timeline", "disabled-by-default-devtools.timeline", "toplevel"];
const SLOW = 4;
const LOADS_IN_ONE_TAB = 3;

const costOf = ({ tdur, dur }: TraceEvent) => (tdur ?? dur ?? Number.NaN) / 1_000;

/** The times that the script include was evaluated, in their order. */
function evaluationsIn(events: readonly TraceEvent[]): readonly TraceEvent[] {
  const found = events.filter(
    ({ name, args }) => name === "EvaluateScript" && args?.data?.url?.endsWith(INCLUDE),
  );
  return found.sort((a, b) => a.ts - b.ts);
}

/** The longest task of a page's main thread while `work` ran, in milliseconds. */
async function longestTask(browser: Browser, page: Page, work: () => Promise<void>): Promise<number> {
  await browser.startTracing(page, { categories: CATEGORIES });
  await work();
  const { traceEvents } = JSON.parse(String(await browser.stopTracing())) as { traceEvents: TraceEvent[] };
  const [{ pid, tid } = {}] = evaluationsIn(traceEvents);
  // A task that is not over yet has no duration.
  const tasks = traceEvents.filter(
    (one) => one.name === "RunTask" && one.pid === pid && one.tid === tid && one.dur !== undefined,
  );
  if (tasks.length === 0) throw new Error("the trace has no tasks of the page");
  return Math.max(...tasks.map(costOf));
}

/** A page that a signed-in person opens for the first time; it counts its long tasks. */
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

const read = (file: string) => readFileSync(new URL(file, import.meta.url), "utf8");
const script = () => read("../../dist/script/curfew.js");
/** A function that nobody calls. */
const neverRun = () => `globalThis.Curfew = {}; function never() { ${script()}\n}`;
const straight = () => read("./straight.js");

interface Loads {
  readonly loads: number;
  /** How many times as slow the processor is. */
  readonly rate: number;
  /** What stands in the script's place. */
  readonly include?: string;
}

/** What the first loads of the page's script take of its main thread, in a browser context of its own. */
async function evaluate({ send, on }: DevTools, { url }: Site, rate: number): Promise<readonly number[]> {
  const { browserContextId } = await send("Target.createBrowserContext");
  const { targetId } = await send("Target.createTarget", { url: "about:blank", browserContextId });
  const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
  const inPage = (method: string, params = {}) => send(method, params, String(sessionId));
  await inPage("Page.enable");
  const open = async (address: string) => {
    const loaded = new Promise((done) => on("Page.loadEventFired", done));
    await inPage("Page.navigate", { url: address });
    await loaded;
  };
  await open(`${url}/start`);
  await inPage("Emulation.setCPUThrottlingRate", { rate });
  const events: TraceEvent[] = [];
  on("Tracing.dataCollected", ({ value }) => void events.push(...(value as readonly TraceEvent[])));
  const told = new Promise((done) => on("Tracing.tracingComplete", done));
  const traceConfig = { includedCategories: CATEGORIES };
  await send("Tracing.start", { transferMode: "ReportEvents", traceConfig });
  for (let load = 0; load < LOADS_IN_ONE_TAB; load++) await open(`${url}/?${load}`);
  await send("Tracing.end");
  await told;
  await send("Target.closeTarget", { targetId });
  await send("Target.disposeBrowserContext", { browserContextId });
  const costs = evaluationsIn(events).map(costOf);
  if (costs.length !== LOADS_IN_ONE_TAB)
    throw new Error(`the trace has ${costs.length} evaluations of the script include`);
  return costs;
}

/** For each of the first loads in one tab, over so many tabs. */
async function evaluations(
  devTools: DevTools,
  { loads, rate, include }: Loads,
): Promise<readonly [Cost, ...Cost[]]> {
  const site = await serveSite({ policy: SHORT, ...(include === undefined ? {} : { include }) });
  try {
    const tabs: (readonly number[])[] = [];
    for (let tab = 0; tab < loads; tab++) tabs.push(await evaluate(devTools, site, rate));
    const costOfLoad = (load: number): Cost => {
      const costs = tabs.map((tab) => tab[load] ?? Number.NaN).sort((a, b) => a - b);
      return { median: costs[costs.length >> 1] ?? Number.NaN, most: costs.at(-1) ?? Number.NaN };
    };
    return [
      costOfLoad(0),
      ...Array.from({ length: LOADS_IN_ONE_TAB - 1 }, (_, load) => costOfLoad(load + 1)),
    ];
  } finally {
    site.close();
  }
}

async function measureEvaluation(loads: number) {
  const devTools = await openDevTools();
  try {
    const [evaluation] = await evaluations(devTools, { loads, rate: 1 });
    const slowEvaluations = await evaluations(devTools, { loads, rate: SLOW });
    const [slowParsing] = await evaluations(devTools, { loads, rate: SLOW, include: neverRun() });
    const [slowLimit] = await evaluations(devTools, { loads, rate: SLOW, include: straight() });
    return { evaluation, slowEvaluations, slowParsing, slowLimit };
  } finally {
    await devTools.close();
  }
}

/** @param loads how often the script is loaded, each time in a browser context of its own @param count of whole sessions */
export async function measureMainThread(
  browser: Browser,
  loads: number,
  count: number,
): Promise<MainThreadResult> {
  const evaluated = await measureEvaluation(loads);
  const site = await serveSite({ policy: SHORT });
  try {
    let longTasks = 0;
    let longest = 0;
    for (let session = 0; session < count; session++) {
      const page = await openFresh(browser, site);
      const task = await longestTask(browser, page, async () => {
        await page.goto(site.url);
        await page.mouse.move(100, 100 + session);
        await page.waitForFunction(hasKind("idle"), null, { polling: 100 });
        await page.waitForFunction(hasKind("ended"), null, { polling: 100 });
      });
      longTasks += (await page.evaluate<{ longTasks: number }>("globalThis.told")).longTasks;
      longest = Math.max(longest, task);
      await page.context().close();
    }
    return { loads, ...evaluated, sessions: count, longTasks, longest };
  } finally {
    site.close();
  }
}
