/** What the script include costs a page's main thread: its evaluation on a slow machine, and the longest task of a whole session. */
import { readFileSync } from "node:fs";
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
  /** As slow: the same bytes, read and compiled, of which nothing runs. */
  readonly slowParsing: Cost;
  /** The limit, as slow: what the script asks of the browser, in a straight line and with nothing around it. */
  readonly slowLimit: Cost;
  readonly sessions: number;
  /** Tasks that took over 50 ms, from the page's start over the warning to the end. */
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
/** Of 50 ms, in microseconds: https://w3c.github.io/longtasks/ */
const LONG_TASK = 50_000;
const LONGEST_SESSION = 60_000;

const costOf = ({ tdur, dur }: TraceEvent) => (tdur ?? dur ?? Number.NaN) / 1_000;

/** The times that the script include was evaluated, in their order. */
function evaluationsIn(events: readonly TraceEvent[]): readonly TraceEvent[] {
  const found = events.filter(
    ({ name, args }) => name === "EvaluateScript" && args?.data?.url?.endsWith(INCLUDE),
  );
  return found.sort((a, b) => a.ts - b.ts);
}

const read = (file: string) => readFileSync(new URL(file, import.meta.url), "utf8");
const script = () => read("../../dist/script/curfew.js");
/** A function that nobody calls; its first line is the script's own, which has all of it compiled. */
const neverRun = () => script().replace("\n", "\nglobalThis.Curfew = {}; function never() { ").concat("\n}");
const [, styles = ""] = /const CSS = `([^`]+)`/.exec(read("../../src/warning/element/styles.ts")) ?? [];
const straight = () => read("./straight.js").replace('"STYLES"', JSON.stringify(styles));

/** What is measured by turns. */
interface Variant {
  /** How many times as slow the processor is. */
  readonly rate: number;
  /** What stands in the script's place. */
  readonly include?: string;
}

/** A tab in a browser context of its own, in which somebody has signed in. */
async function openTab({ send, on, next }: DevTools, { url }: Site) {
  const { browserContextId } = await send("Target.createBrowserContext");
  const { targetId } = await send("Target.createTarget", { url: "about:blank", browserContextId });
  const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
  const inPage = (method: string, params = {}) => send(method, params, String(sessionId));
  await inPage("Page.enable");
  await inPage("Page.setLifecycleEventsEnabled", { enabled: true });
  const open = async (address: string) => {
    // What the page before is told of has another loader.
    let own: unknown;
    const loaded = next("Page.lifecycleEvent", ({ name, loaderId }) => name === "load" && loaderId === own);
    ({ loaderId: own } = await inPage("Page.navigate", { url: address }));
    await loaded;
  };
  await open(`${url}/start`);
  return {
    inPage,
    open,
    /** What the browser has done meanwhile. */
    async traced(work: () => Promise<void>): Promise<readonly TraceEvent[]> {
      const events: TraceEvent[] = [];
      on("Tracing.dataCollected", ({ value }) => void events.push(...(value as readonly TraceEvent[])));
      const traceConfig = { includedCategories: CATEGORIES };
      await send("Tracing.start", { transferMode: "ReportEvents", traceConfig });
      await work();
      const told = next("Tracing.tracingComplete");
      await send("Tracing.end");
      await told;
      return events;
    },
    async close() {
      await send("Target.closeTarget", { targetId });
      await send("Target.disposeBrowserContext", { browserContextId });
    },
  };
}

/** What the first loads of the page's script take of its main thread. */
async function evaluate(devTools: DevTools, site: Site, rate: number): Promise<readonly number[]> {
  const tab = await openTab(devTools, site);
  await tab.inPage("Emulation.setCPUThrottlingRate", { rate });
  const events = await tab.traced(async () => {
    for (let load = 0; load < LOADS_IN_ONE_TAB; load++) await tab.open(`${site.url}/?${load}`);
  });
  await tab.close();
  const costs = evaluationsIn(events).map(costOf);
  if (costs.length !== LOADS_IN_ONE_TAB)
    throw new Error(`the trace has ${costs.length} evaluations of the script include`);
  return costs;
}

/** The tasks of a page's main thread in a whole session, from the page's start over the warning to the end. */
async function tasksOfSession(devTools: DevTools, site: Site, at: number): Promise<readonly TraceEvent[]> {
  const tab = await openTab(devTools, site);
  const showing = async (kind: string) => {
    const expression = `document.querySelector("curfew-warning")?.getAttribute("kind") === "${kind}"`;
    const until = Date.now() + LONGEST_SESSION;
    while (Date.now() < until) {
      const { result } = await tab.inPage("Runtime.evaluate", { expression });
      if ((result as { readonly value?: unknown }).value === true) return;
      await new Promise((resume) => setTimeout(resume, 100));
    }
    throw new Error(`the page shows no warning of the kind ${kind}`);
  };
  const events = await tab.traced(async () => {
    await tab.open(site.url);
    await tab.inPage("Input.dispatchMouseEvent", { type: "mouseMoved", x: 100, y: 100 + at });
    await showing("idle");
    await showing("ended");
  });
  await tab.close();
  const [{ pid, tid } = {}] = evaluationsIn(events);
  // A task that is not over yet has no duration.
  const tasks = events.filter(
    (one) => one.name === "RunTask" && one.pid === pid && one.tid === tid && one.dur !== undefined,
  );
  if (tasks.length === 0) throw new Error("the trace has no tasks of the page");
  return tasks;
}

/** For each variant the cost of each of the first loads in one tab, over so many tabs. */
async function evaluations(
  devTools: DevTools,
  variants: readonly Variant[],
  tabs: number,
): Promise<readonly (readonly Cost[])[]> {
  const sites = await Promise.all(
    variants.map(({ include }) =>
      serveSite({ policy: SHORT, ...(include === undefined ? {} : { include }) }),
    ),
  );
  const measured: (readonly number[])[][] = variants.map(() => []);
  try {
    for (let tab = 0; tab < tabs; tab++)
      for (const [at, site] of sites.entries())
        measured[at]?.push(await evaluate(devTools, site, variants[at]?.rate ?? 1));
  } finally {
    for (const site of sites) site.close();
  }
  return measured.map((of) =>
    Array.from({ length: LOADS_IN_ONE_TAB }, (_, load): Cost => {
      const costs = of.map((tab) => tab[load] ?? Number.NaN).sort((a, b) => a - b);
      return { median: costs[costs.length >> 1] ?? Number.NaN, most: costs.at(-1) ?? Number.NaN };
    }),
  );
}

const NONE: Cost = { median: Number.NaN, most: Number.NaN };

async function measureEvaluation(devTools: DevTools, loads: number) {
  const [asIs, slowEvaluations = [], parsing, limit] = await evaluations(
    devTools,
    [{ rate: 1 }, { rate: SLOW }, { rate: SLOW, include: neverRun() }, { rate: SLOW, include: straight() }],
    loads,
  );
  const firstOf = ([first = NONE]: readonly Cost[] = []) => first;
  return {
    evaluation: firstOf(asIs),
    slowEvaluations,
    slowParsing: firstOf(parsing),
    slowLimit: firstOf(limit),
  };
}

/** @param loads in how many tabs the script is loaded, three times each @param count of whole sessions */
export async function measureMainThread(loads: number, count: number): Promise<MainThreadResult> {
  const devTools = await openDevTools();
  const site = await serveSite({ policy: SHORT });
  try {
    const evaluated = await measureEvaluation(devTools, loads);
    const tasks: TraceEvent[] = [];
    for (let session = 0; session < count; session++)
      tasks.push(...(await tasksOfSession(devTools, site, session)));
    return {
      loads,
      ...evaluated,
      sessions: count,
      longTasks: tasks.filter(({ dur = 0 }) => dur > LONG_TASK).length,
      longest: Math.max(...tasks.map(costOf)),
    };
  } finally {
    site.close();
    await devTools.close();
  }
}
