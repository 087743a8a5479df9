/** What a page keeps: after an hour in which a person uses it, and after many mounts of the parts for React and Vue. */
import type { Browser, Page } from "@playwright/test";
import { bundle } from "../bundle.js";
import { OFFICE_POLICY, openMovedPage } from "./moved-page.js";
import { serveSite } from "./site.js";

export interface Kept {
  /** Bytes of JavaScript's heap, after a collection. */
  readonly heap: number;
  readonly nodes: number;
  readonly listeners: number;
}

export interface MemoryResult {
  readonly name: string;
  readonly before: Kept;
  readonly after: Kept;
}

/** What is alive in a page. */
async function createMeter(page: Page): Promise<() => Promise<Kept>> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Performance.enable");
  return async () => {
    // What waits for a finalizer goes with the next one.
    for (let turn = 0; turn < 3; turn++) await devtools.send("HeapProfiler.collectGarbage");
    const { metrics } = await devtools.send("Performance.getMetrics");
    const measured = (wanted: string) => metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN;
    return {
      heap: measured("JSHeapUsedSize"),
      nodes: measured("Nodes"),
      listeners: measured("JSEventListeners"),
    };
  };
}

const MINUTE = 60_000;
const STEP = 10_000;
const PIECE = 900;
/** What is compiled and made at first use is there by then. */
const BEGINNING = 5 * MINUTE;

/** @param path `/` with the script include, `/bare` without */
async function hourOf(browser: Browser, name: string, path: string, period: number): Promise<MemoryResult> {
  const moved = await openMovedPage(browser, path);
  try {
    const meter = await createMeter(moved.page);
    const use = async (length: number) => {
      for (let at = 0; at < length; at += STEP) await moved.pass(STEP, true, path === "/" ? PIECE : STEP);
    };
    await use(BEGINNING);
    const before = await meter();
    await use(period);
    const beats = moved.site.accepted.heartbeats;
    if (path === "/" && beats < (period / MINUTE) * 0.8)
      throw new Error(`the hour had ${beats} heartbeats: nobody has used the page`);
    return { name, before, after: await meter() };
  } finally {
    await moved.close();
  }
}

const WARM_UP = 50;

async function mountsOf(browser: Browser, name: string, entry: string, count: number): Promise<MemoryResult> {
  const scripts = new Map([["mounts", await bundle(`./browser/${entry}`)]]);
  const site = await serveSite({ policy: OFFICE_POLICY, scripts });
  const context = await browser.newContext();
  try {
    await context.request.get(`${site.url}/start`);
    const page = await context.newPage();
    await page.goto(`${site.url}/mounts`);
    await page.waitForFunction("globalThis.isReady?.()");
    const meter = await createMeter(page);
    const mount = (times: number) =>
      page.evaluate(async (left) => {
        for (let at = 0; at < left; at++) await (Reflect.get(globalThis, "mount") as () => Promise<void>)();
      }, times);
    await mount(WARM_UP);
    const before = await meter();
    await mount(count);
    return { name, before, after: await meter() };
  } finally {
    await context.close();
    site.close();
  }
}

export async function measureMemory(
  browser: Browser,
  { minutes, mounts }: { readonly minutes: number; readonly mounts: number },
): Promise<readonly MemoryResult[]> {
  return [
    await hourOf(browser, `${minutes} minutes of use, with Curfew`, "/", minutes * MINUTE),
    await hourOf(browser, `${minutes} minutes of use, without`, "/bare", minutes * MINUTE),
    await mountsOf(browser, `${mounts} mounts in React`, "react-mounts.mjs", mounts),
    await mountsOf(browser, `${mounts} mounts in Vue`, "vue-mounts.mjs", mounts),
  ];
}
