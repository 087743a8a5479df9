/** Measures how exact an end is, and what a page pays. */
import type { Browser } from "@playwright/test";
import { measureMainThread } from "./browser/main-thread.js";
import { measureMemory } from "./browser/memory.js";
import { measureScreen } from "./browser/screen.js";
import { measureWire } from "./browser/wire.js";
import type { PageResults } from "./page-report.js";
import { measurePrecision } from "./precision.js";

/** @param isQuick less of everything: about half a minute */
export async function measurePage(browser: Browser, isQuick: boolean): Promise<PageResults> {
  const of = isQuick
    ? { precise: 300, shown: 10, loads: 3, whole: 1, minutes: 3, mounts: 50, hours: 1 }
    : { precise: 10_000, shown: 300, loads: 9, whole: 10, minutes: 60, mounts: 500, hours: 8 };
  return {
    precision: await measurePrecision(of.precise),
    screen: await measureScreen(browser, of.shown),
    mainThread: await measureMainThread(of.loads, of.whole),
    memory: await measureMemory(browser, of),
    wire: await measureWire(browser, of.hours),
  };
}
