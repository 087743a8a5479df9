/** A random walk: seeded steps of people, tabs, network and server, and what is seen of them from outside. */
import type { BrowserContext } from "@playwright/test";
import { faultsIn, type Input, type Observations, type Rules, type Sample } from "./judge.js";
import { chanceOf } from "./random.js";
import { type Place, STEPS, stepper } from "./steps.js";
import { look } from "./tabs.js";
import { openWorld, type Policy, type Way } from "./world.js";

export interface WalkOptions {
  readonly seed: number;
  /** How long, in milliseconds. */
  readonly period: number;
  /** How much slower this machine is than the one of reference. */
  readonly pace: number;
  /** Whether no other test runs beside it. */
  readonly isAlone: boolean;
  /** Before the first page of a browser: a test plants a fault there. */
  readonly prepare?: ((context: BrowserContext) => Promise<void>) | undefined;
}

export interface WalkResult {
  readonly faults: readonly string[];
  /** What was done, and when. */
  readonly steps: readonly string[];
  readonly samples: number;
  readonly sessions: number;
}

/** How often the pages in sight are looked at. */
const LOOK_INTERVAL = 150;
/** Who sits at which browser: two at the first, in turns, and another at the second. */
const BROWSERS = { "the ward's browser": ["ann", "bob"], "the office's browser": ["cyd"] };

/** Stops at the first fault. */
export async function walk(context: BrowserContext, options: WalkOptions): Promise<WalkResult> {
  const { seed, period, pace, isAlone, prepare } = options;
  const paced = (time: number) => Math.round(time * pace);
  const policy = policyOf(paced);
  const rules: Rules = {
    ...policy,
    late: paced(isAlone ? 1_000 : 3_000),
    claimError: paced(500),
    // The longest pause between two questions while nobody answers.
    recovery: paced(17_000),
  };
  const chance = chanceOf(seed);
  const world = await openWorld(policy, Object.keys(BROWSERS));
  const startedAt = Date.now();
  const steps: string[] = [];
  const [inputs, acts, samples]: [Input[], Acts, Sample[]] = [[], [], []];
  const errors: string[] = [];
  let steadyAt = 0;

  /** While time passes the pages in sight are looked at, but not where the machine has just stood still. */
  async function pass(time: number, places: readonly Place[]): Promise<void> {
    for (const until = Date.now() + time; Date.now() < until; ) {
      const looks = await Promise.all(places.flatMap(({ tabs }) => tabs.map(look)));
      for (const sample of looks) if (sample !== null && sample.from > steadyAt) samples.push(sample);
      const from = Date.now();
      await new Promise((go) => setTimeout(go, LOOK_INTERVAL));
      if (Date.now() - from > 3 * LOOK_INTERVAL) steadyAt = Date.now() + rules.late;
    }
  }

  try {
    const contexts = [context, await anotherOf(context)];
    const places = world.ways.map((way, at): Place => {
      const own = contexts[at] ?? context;
      const people = Object.values(BROWSERS)[at] ?? [];
      return { way, context: own, people, tabs: [], tabsAt: [], onError: (text) => errors.push(text) };
    });
    const seen = (): Observations => ({
      ...{ inputs, acts, samples, outages: world.outages },
      records: world.records(),
      errors: [...errors, ...world.errors()],
      signIns: world.ways.flatMap(signInsOf).sort((a, b) => a.at - b.at),
      requests: places.flatMap(requestsOf),
    });
    const take = stepper({ world, chance, paced, inputs, acts, pass: (time) => pass(time, places) });
    for (const place of places) {
      await prepare?.(place.context);
      await take("open a tab", place);
      await take("sign in", place);
    }
    let faults: readonly string[] = [];
    while (faults.length === 0 && Date.now() - startedAt < period) {
      const step = chance.weighted(STEPS);
      const place = chance.oneOf(places);
      if (place === undefined) break;
      const what = await take(step, place);
      steps.push(`${((Date.now() - startedAt) / 1_000).toFixed(1)} s: ${step}: ${what}`);
      await pass(paced(chance.between(200, 1_500)), places);
      faults = faultsIn(seen(), rules);
    }
    const sessions = world.records().filter(({ type }) => type === "session_created").length;
    return { faults, steps, samples: samples.length, sessions };
  } finally {
    await world.close();
  }
}

type Acts = { readonly type: string; readonly from: number; readonly until: number }[];

const policyOf = (paced: (time: number) => number): Policy => ({
  idle: paced(8_000),
  absolute: paced(60_000),
  warning: paced(3_000),
  heartbeat: paced(500),
});

/** A browser with cookies and storage of its own. */
async function anotherOf(context: BrowserContext): Promise<BrowserContext> {
  const browser = context.browser();
  if (browser === null) throw new Error("the walk needs a browser that can have another context");
  return browser.newContext();
}

const signInsOf = ({ network, browser }: Way) =>
  network.passages.filter(({ path }) => path.startsWith("/in?")).map(({ at }) => ({ at, browser }));

function requestsOf({ way, tabsAt }: Place): Observations["requests"] {
  const { browser } = way;
  return way.network.passages
    .filter(({ path }) => path.startsWith("/curfew/"))
    .map(({ at }) => ({ at, browser, tabs: tabsAt.findLast((entry) => entry.at <= at)?.count ?? 1 }));
}
