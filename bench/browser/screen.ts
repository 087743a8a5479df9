/**
 * When the end of a session is on the screen of a real browser, beside the deadline that the server's record has. The page's
 * wall clock is wrong and the network is slow; the page's time is read from its monotonic clock.
 */
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, Page } from "@playwright/test";
import { prepareWallClock } from "../../e2e/support/tabs-clocks.js";
import { type Latency, openWay } from "./latency.js";
import { SHORT, serveSite } from "./site.js";

export interface ScreenResult {
  readonly name: string;
  readonly sessions: number;
  /** From the deadline to the frame in which nothing of the page is to be seen any more, in milliseconds; below 0: earlier. */
  readonly covered: Spread;
  /** From the deadline to the frame in which the person is told of the end, which takes the server's answer. */
  readonly told: Spread;
}

interface Spread {
  readonly least: number;
  readonly median: number;
  readonly p99: number;
  readonly most: number;
}

const WAYS: readonly (Latency & { readonly name: string; readonly share: number })[] = [
  { name: "100 ms there, 100 ms back", there: 100, back: 100, share: 0.6 },
  { name: "200 ms there, 0 back", there: 200, back: 0, share: 0.2 },
  { name: "0 there, 200 ms back", there: 0, back: 200, share: 0.2 },
];

const NOTE_FRAMES = fileURLToPath(new URL("note-frames.js", import.meta.url));
const HOUR = 3_600_000;
/** How far the pages' wall clocks are set. */
const SHIFTS = [-24 * HOUR, -HOUR, HOUR, 24 * HOUR];
const PAGES_AT_ONCE = 10;

const STATUS = "globalThis.Curfew.session.state.status";

/** What bench/browser/note-frames.js has noted, in milliseconds since the epoch. */
interface Seen {
  readonly covered: number;
  readonly told: number;
  readonly hidden: boolean;
}

const TRIES = 10;

/**
 * Begins a session on a page. Where a busy machine takes longer to open the page than a session lives, another one.
 * @returns its sid
 * @throws Error where none lives
 */
async function begin(page: Page, url: string): Promise<string> {
  for (let left = TRIES; left > 0; left--) {
    // The page before would load itself anew once it hears of another person.
    await page.goto("about:blank");
    const begun = await page.context().request.get(`${url}/start`);
    await page.goto(`${url}/`);
    await page.waitForFunction(`${STATUS} !== "connecting"`, null, { polling: 100 });
    if ((await page.evaluate(STATUS)) === "active") return begun.text();
  }
  throw new Error(`no session lives when its page is there: the last one is ${await page.evaluate(STATUS)}`);
}

/** One session from its beginning to its end. @returns how late the cover and the word came */
async function live(page: Page, url: string, ends: ReadonlyMap<string, number>) {
  const sid = await begin(page, url);
  await page.mouse.move(100 + Math.random() * 300, 100 + Math.random() * 300);
  const isSeen = "globalThis.seen.told > 0 && globalThis.seen.covered > 0";
  await page.waitForFunction(isSeen, null, { polling: 100, timeout: 60_000 }).catch(async (error) => {
    const said = await page.evaluate("JSON.stringify([globalThis.seen, globalThis.Curfew?.session.log])");
    throw new Error(`the end of a session is not on the screen; it ended at ${ends.get(sid)}: ${said}`, {
      cause: error,
    });
  });
  const { covered, told, hidden } = await page.evaluate<Seen>("globalThis.seen");
  const endedAt = ends.get(sid);
  if (endedAt === undefined || hidden)
    throw new Error("the session has no end, or its page was not in sight");
  return { covered: covered - endedAt, told: told - endedAt };
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
  return { least: sorted[0] ?? Number.NaN, median: at(0.5), p99: at(0.99), most: at(1) };
}

async function pageOf(context: BrowserContext, shift: number): Promise<Page> {
  await prepareWallClock(context, shift);
  await context.addInitScript({ path: NOTE_FRAMES });
  return context.newPage();
}

/** @param count of sessions over all ways */
export async function measureScreen(browser: Browser, count: number): Promise<readonly ScreenResult[]> {
  const served = await serveSite({ policy: SHORT });
  const results: ScreenResult[] = [];
  try {
    for (const { name, there, back, share } of WAYS) {
      const way = await openWay(served.port, { there, back });
      const late: { covered: number; told: number }[] = [];
      const wanted = Math.round(count * share);
      let next = 0;
      const lane = async (at: number) => {
        const context = await browser.newContext();
        const page = await pageOf(context, SHIFTS[at % SHIFTS.length] ?? 0);
        while (next++ < wanted) late.push(await live(page, `http://127.0.0.1:${way.port}`, served.ends));
        await context.close();
      };
      await Promise.all(Array.from({ length: PAGES_AT_ONCE }, (_, at) => lane(at)));
      way.close();
      results.push({
        name,
        sessions: late.length,
        covered: spreadOf(late.map(({ covered }) => covered)),
        told: spreadOf(late.map(({ told }) => told)),
      });
    }
    return results;
  } finally {
    served.close();
  }
}
