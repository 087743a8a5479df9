/** A random walk: seeded steps of people, tabs, network and server, and what is seen of them from outside. */
import type { BrowserContext } from "@playwright/test";
import type { Fault } from "../support/network.js";
import { faultsIn, type Input, type Observations, type Rules, type Sample } from "./judge.js";
import { type Chance, chanceOf } from "./random.js";
import { bringToFront, giveInput, look, openTab, press, setFrozen, type Tab } from "./tabs.js";
import { openWorld, type Policy } from "./world.js";

export interface WalkOptions {
  readonly seed: number;
  /** How long, in milliseconds. */
  readonly period: number;
  /** How much slower this machine is than the one of reference. */
  readonly pace: number;
  /** Whether no other test runs beside it. */
  readonly isAlone: boolean;
  /** Before the first page: a test plants a fault there. */
  readonly prepare?: (context: BrowserContext) => Promise<void>;
}

export interface WalkResult {
  readonly faults: readonly string[];
  /** What was done, and when. */
  readonly steps: readonly string[];
  readonly samples: number;
  readonly sessions: number;
}

const STEPS = {
  "give input": 10,
  wait: 7,
  "answer the warning": 4,
  "open a tab": 2,
  "close a tab": 1,
  "reload the tab": 2,
  "look at another tab": 4,
  "freeze a tab": 2,
  "lose calls": 2,
  "delay answers": 2,
  "restart the server": 1,
  "sign in": 3,
  "sign out": 1,
  "end from elsewhere": 1,
} as const;
type Step = keyof typeof STEPS;

/** How often the page in sight is looked at. */
const LOOK_INTERVAL = 150;
const MOST_TABS = 5;
const PEOPLE = ["ann", "bob"];

/** Stops at the first fault. */
export async function walk(context: BrowserContext, options: WalkOptions): Promise<WalkResult> {
  const { seed, period, pace, isAlone, prepare } = options;
  const paced = (time: number) => Math.round(time * pace);
  const policy: Policy = {
    idle: paced(8_000),
    absolute: paced(60_000),
    warning: paced(3_000),
    heartbeat: paced(500),
  };
  const rules: Rules = {
    ...policy,
    late: paced(isAlone ? 1_500 : 3_000),
    claimError: paced(500),
    // The longest pause between two questions while nobody answers.
    recovery: paced(17_000),
  };
  const chance = chanceOf(seed);
  const world = await openWorld(policy);
  const startedAt = Date.now();
  const steps: string[] = [];
  const [inputs, samples, errors]: [Input[], Sample[], string[]] = [[], [], []];
  const tabs: Tab[] = [];
  let front: Tab;
  let opened = 0;
  let steadyAt = 0;

  const seen = (): Observations => ({
    records: world.records(),
    inputs,
    samples,
    requests: world.network.passages
      .filter(({ path }) => path.startsWith("/curfew/"))
      .map(({ at }) => ({ at, tabs: MOST_TABS })),
    outages: world.outages,
    errors,
  });
  const note = (what: string) => steps.push(`${((Date.now() - startedAt) / 1_000).toFixed(1)} s: ${what}`);
  const goTo = (tab: Tab, path: string) =>
    tab.page.goto(world.url + path, { timeout: paced(8_000) }).catch(() => {});

  async function open(): Promise<Tab> {
    const tab = await openTab(context, `tab ${++opened}`, (message) => errors.push(message));
    tabs.push(tab);
    front = tab;
    return tab;
  }
  /** While time passes the page in sight is looked at, but not where the machine has just stood still. */
  async function pass(time: number): Promise<void> {
    for (const until = Date.now() + time; Date.now() < until; ) {
      const sample = await look(front);
      if (sample !== null && sample.from > steadyAt) samples.push(sample);
      const from = Date.now();
      await new Promise((go) => setTimeout(go, LOOK_INTERVAL));
      if (Date.now() - from > 3 * LOOK_INTERVAL) steadyAt = Date.now() + rules.late;
    }
  }
  async function show(tab: Tab): Promise<void> {
    front = tab;
    await bringToFront(tab);
  }

  async function take(step: Step): Promise<string> {
    const others = tabs.filter((tab) => tab !== front);
    const other = chance.oneOf(others);
    switch (step) {
      case "give input": {
        inputs.push(await giveInput(front, Math.ceil(chance.between(1, 12))));
        return front.name;
      }
      case "wait": {
        const time = paced(chance.between(500, 11_000));
        await pass(time);
        return `${time} ms`;
      }
      case "answer the warning":
        inputs.push(await press(front, "Stay signed in"));
        return front.name;
      case "open a tab":
        if (tabs.length < MOST_TABS) await goTo(await open(), "/");
        return front.name;
      case "close a tab":
        if (other === undefined) return "there is one only";
        tabs.splice(tabs.indexOf(other), 1);
        await other.page.close();
        return other.name;
      case "reload the tab":
        await front.page.reload({ timeout: paced(8_000) }).catch(() => {});
        return front.name;
      case "look at another tab":
        if (other !== undefined) await show(other);
        return front.name;
      case "freeze a tab":
        if (other !== undefined) await setFrozen(other, true);
        return other?.name ?? "there is one only";
      case "lose calls":
        return disturb(chance.oneOf(LOSSES) ?? null, chance);
      case "delay answers":
        return disturb({ type: "slow-answer", delay: paced(chance.between(200, 3_000)) }, chance);
      case "restart the server":
        await world.restart();
        return "";
      case "sign in": {
        const person = chance.oneOf(PEOPLE) ?? "ann";
        await goTo(front, `/in?as=${person}`);
        return `${person} in ${front.name}`;
      }
      case "sign out":
        inputs.push(await press(front, "Sign out"));
        return front.name;
      case "end from elsewhere": {
        const person = chance.oneOf(PEOPLE) ?? "ann";
        await world.revoke(person);
        return person;
      }
    }
  }
  function disturb(fault: Fault, { between }: Chance): string {
    const time = paced(between(500, 6_000));
    world.disturb(fault, time);
    return `${fault?.type} for ${time} ms`;
  }

  try {
    await prepare?.(context);
    front = await open();
    await goTo(front, "/in?as=ann");
    let faults: readonly string[] = [];
    while (faults.length === 0 && Date.now() - startedAt < period) {
      const step = chance.weighted(STEPS);
      note(`${step}: ${await take(step)}`);
      await pass(paced(chance.between(200, 1_500)));
      faults = faultsIn(seen(), rules);
    }
    const sessions = world.records().filter(({ type }) => type === "session_created").length;
    return { faults, steps, samples: samples.length, sessions };
  } finally {
    await world.close();
  }
}

const LOSSES: readonly Fault[] = [
  { type: "lost-answer" },
  { type: "reset" },
  { type: "silence" },
  { type: "instead", status: 502, body: "<h1>Bad gateway</h1>" },
];
