/** What one movement of the pointer costs each page, and how many timers 1,000 of them set. */
import type { Browser, BrowserContext, Page } from "@playwright/test";
import { bundle } from "./bundle.js";
import { serve } from "./serve.js";

/** The event that a page listens to; its cost is compared with that of the number listener for the same event. */
type Move = "pointermove" | "mousemove";

interface Subject {
  readonly name: string;
  readonly entry: string;
  readonly move: Move;
  readonly trustsScripts?: boolean;
}

const SUBJECTS: readonly Subject[] = [
  { name: "no listener (pointermove)", entry: "nothing", move: "pointermove" },
  { name: "no listener (mousemove)", entry: "nothing", move: "mousemove" },
  { name: "a listener that stores a number (pointermove)", entry: "number", move: "pointermove" },
  { name: "a listener that stores a number (mousemove)", entry: "number", move: "mousemove" },
  {
    name: "a listener that asks the clock and stores its number",
    entry: "clock-number",
    move: "pointermove",
  },
  { name: "Curfew, a person's movement", entry: "curfew", move: "pointermove", trustsScripts: true },
  { name: "Curfew, a script's event", entry: "curfew", move: "pointermove" },
  { name: "react-idle-timer", entry: "react-idle-timer", move: "mousemove" },
  { name: "useIdle (@vueuse/core)", entry: "use-idle", move: "mousemove" },
  { name: "@ng-idle/core", entry: "ng-idle", move: "mousemove" },
  { name: "activity-detector", entry: "activity-detector", move: "mousemove" },
];

export interface MoveResult {
  readonly name: string;
  /** Nanoseconds for one event. */
  readonly median: number;
  readonly min: number;
  /** To the listener that stores a number: the median of the rounds' ratios, and that of the best rounds. */
  readonly ratio: number;
  readonly minRatio: number;
  /** How many timers 1,000 events set. */
  readonly timers: number;
}

export interface MoveOptions {
  readonly rounds?: number;
  readonly events?: number;
}

export async function measureMoves(
  browser: Browser,
  { rounds = 120, events = 6_000 }: MoveOptions = {},
): Promise<readonly MoveResult[]> {
  const scripts = new Map<string, Uint8Array>();
  for (const { entry, trustsScripts = false } of SUBJECTS)
    scripts.set(nameOf(entry, trustsScripts), await bundle(`./peers/${entry}.mjs`, { trustsScripts }));
  const served = await serve(scripts);
  const context = await browser.newContext();
  try {
    await context.request.get(`${served.url}/start`);
    const pages: Page[] = [];
    for (const subject of SUBJECTS) pages.push(await openPage(context, served.url, subject));
    const timers = await Promise.all(pages.map((page, i) => countTimers(page, SUBJECTS[i]?.move)));
    const costs: number[][] = SUBJECTS.map(() => []);
    for (let round = 0; round <= rounds; round++)
      for (const [i, page] of pages.entries()) {
        const cost = await costOf(page, { move: SUBJECTS[i]?.move, events });
        // The first round warms the compiler up.
        if (round > 0) costs[i]?.push(cost);
      }
    return summarize(costs, timers);
  } finally {
    await context.close();
    served.close();
  }
}

const nameOf = (entry: string, trustsScripts: boolean) => (trustsScripts ? `${entry}-whole` : entry);

/** Each page in a context of its own process is not needed: one origin, one process, one after the other. */
async function openPage(context: BrowserContext, url: string, subject: Subject): Promise<Page> {
  const page = await context.newPage();
  await page.addInitScript(() => {
    const counted = { timers: 0 };
    for (const name of [
      "setTimeout",
      "setInterval",
      "requestAnimationFrame",
      "requestIdleCallback",
    ] as const) {
      const original = Reflect.get(globalThis, name) as (...args: unknown[]) => unknown;
      Reflect.set(globalThis, `own_${name}`, original.bind(globalThis));
      Reflect.set(globalThis, name, (...args: unknown[]) => {
        counted.timers++;
        return original.apply(globalThis, args);
      });
    }
    Reflect.set(globalThis, "counted", counted);
  });
  await page.goto(`${url}/${nameOf(subject.entry, subject.trustsScripts ?? false)}`);
  await page.waitForFunction("globalThis.isReady === true");
  return page;
}

/** 1,000 events, one every 16 ms, as a hand makes them. */
function countTimers(page: Page, move = "pointermove"): Promise<number> {
  return page.evaluate(async (type) => {
    const later = Reflect.get(globalThis, "own_setTimeout") as typeof setTimeout;
    const counted = Reflect.get(globalThis, "counted") as { timers: number };
    const before = counted.timers;
    for (let i = 0; i < 1000; i++) {
      const Kind = type === "pointermove" ? PointerEvent : MouseEvent;
      const at = { screenX: 10 + (i % 500), screenY: 10 + (i % 300), bubbles: true, composed: true };
      document.body.dispatchEvent(new Kind(type, { ...at, clientX: at.screenX, clientY: at.screenY }));
      await new Promise((resolve) => later(resolve, 16));
    }
    return counted.timers - before;
  }, move);
}

/** Two events that stand for a pointer which moves to and fro, again and again. */
function costOf(page: Page, { move = "pointermove", events }: { move?: Move | undefined; events: number }) {
  return page.evaluate(
    ({ type, count }) => {
      const Kind = type === "pointermove" ? PointerEvent : MouseEvent;
      const options = { bubbles: true, composed: true };
      const one = new Kind(type, { ...options, screenX: 100, screenY: 100 });
      const other = new Kind(type, { ...options, screenX: 120, screenY: 100 });
      const startedAt = performance.now();
      for (let i = 0; i < count; i += 2) {
        document.body.dispatchEvent(one);
        document.body.dispatchEvent(other);
      }
      return ((performance.now() - startedAt) * 1e6) / count;
    },
    { type: move, count: events },
  );
}

function summarize(costs: readonly (readonly number[])[], timers: readonly number[]): readonly MoveResult[] {
  return SUBJECTS.map(({ name, move }, i) => {
    const own = costs[i] ?? [];
    const isFloor = (subject: Subject) => subject.entry === "number" && subject.move === move;
    const floor = costs[SUBJECTS.findIndex(isFloor)] ?? [];
    // Each round's own ratio: what else the machine does meanwhile slows both.
    const ratios = own.map((cost, round) => cost / (floor[round] ?? Number.NaN));
    return {
      name,
      median: medianOf(own),
      min: Math.min(...own),
      ratio: medianOf(ratios),
      minRatio: Math.min(...own) / Math.min(...floor),
      timers: timers[i] ?? 0,
    };
  });
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
