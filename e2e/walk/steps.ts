/** The steps of a walk: what people do at a browser, and what happens to network and server. */
import type { BrowserContext } from "@playwright/test";
import type { Fault } from "../support/network.js";
import type { Input, Observations } from "./judge.js";
import type { Chance } from "./random.js";
import { bringToFront, giveInput, openTab, press, setFrozen, type Tab, travel } from "./tabs.js";
import type { Way, World } from "./world.js";

/** Each step, and how often it is taken. */
export const STEPS = {
  "give input": 12,
  wait: 6,
  "answer the warning": 4,
  "open a tab": 2,
  "open a window": 1,
  "close a tab": 2,
  "reload the tab": 2,
  "follow a link": 2,
  "go back": 2,
  "go forward": 1,
  "look at another tab": 4,
  "freeze a tab": 2,
  "lose calls": 2,
  "delay answers": 2,
  "cut the stream": 2,
  "restart the server": 1,
  "sign in": 4,
  "sign out": 1,
  "end from elsewhere": 1,
} as const;
export type Step = keyof typeof STEPS;

/** A browser, and who sits there. The last of its tabs is the one in the person's hands. */
export interface Place {
  readonly way: Way;
  readonly context: BrowserContext;
  readonly people: readonly string[];
  readonly tabs: Tab[];
  /** How many tabs there were, from when on. */
  readonly tabsAt: { readonly at: number; readonly count: number }[];
  readonly onError: (message: string) => void;
}

interface StepperOptions {
  readonly world: World;
  readonly chance: Chance;
  readonly paced: (time: number) => number;
  readonly inputs: Input[];
  readonly acts: Observations["acts"][number][];
  readonly pass: (time: number) => Promise<void>;
}

const MOST_TABS = 4;
/** Nobody waits longer for a page that does not come. */
const PATIENCE = 8_000;
const LOSSES: readonly Fault[] = [
  { type: "lost-answer" },
  { type: "reset" },
  { type: "silence" },
  { type: "instead", status: 502, body: "<h1>Bad gateway</h1>" },
  { type: "instead", status: 403, body: "<h1>Forbidden</h1>" },
];

/** @returns takes a step at a place, and says what it was */
export function stepper(options: StepperOptions): (step: Step, place: Place) => Promise<string> {
  const { world, chance, paced, inputs, acts, pass } = options;
  let opened = 0;

  const count = ({ tabs, tabsAt }: Place) => tabsAt.push({ at: Date.now(), count: tabs.length });
  const goTo = async ({ tabs, way }: Place, path: string) => {
    await tabs
      .at(-1)
      ?.page.goto(way.url + path, { timeout: paced(PATIENCE) })
      .catch(() => {});
  };

  async function open(place: Place, beside?: Tab): Promise<string> {
    const { context, tabs, way, onError } = place;
    if (tabs.length >= MOST_TABS) return "there are enough";
    const tab = await openTab(context, { name: `tab ${++opened}`, browser: way.browser, onError, beside });
    tabs.push(tab);
    count(place);
    await goTo(place, "/");
    return tab.name;
  }
  /** It comes last, and into the person's hands. */
  async function show(place: Place, tab: Tab): Promise<string> {
    place.tabs.splice(place.tabs.indexOf(tab), 1);
    place.tabs.push(tab);
    await bringToFront(tab);
    return tab.name;
  }
  async function close(place: Place, tab: Tab): Promise<string> {
    place.tabs.splice(place.tabs.indexOf(tab), 1);
    await tab.page.close();
    count(place);
    return tab.name;
  }
  async function pressed(tab: Tab, button: string): Promise<string> {
    const input = await press(tab, button);
    if (input === null) return `${tab.name} has no such button`;
    inputs.push(input);
    return tab.name;
  }
  async function act(type: string, work: () => Promise<string>): Promise<string> {
    const from = Date.now();
    const what = await work();
    acts.push({ type, from, until: Date.now() });
    return what;
  }
  async function traveled(tab: Tab, by: number): Promise<string> {
    await travel(tab, by);
    return tab.name;
  }
  function disturb({ way }: Place, fault: Fault): string {
    const time = paced(chance.between(500, 6_000));
    way.disturb(fault, time);
    return `${fault?.type} for ${time} ms in ${way.browser}`;
  }

  return async (step, place) => {
    const front = place.tabs.at(-1);
    const other = chance.oneOf(place.tabs.filter((tab) => tab !== front));
    if (front === undefined) return open(place);
    switch (step) {
      case "give input":
        inputs.push(await giveInput(front, Math.ceil(chance.between(1, 12))));
        return front.name;
      case "wait": {
        const time = paced(chance.between(500, 11_000));
        await pass(time);
        return `${time} ms`;
      }
      case "answer the warning":
        return pressed(front, "Stay signed in");
      case "open a tab":
        return open(place);
      case "open a window":
        return open(place, front);
      case "close a tab":
        return other === undefined ? "there is one only" : close(place, other);
      case "reload the tab":
        await front.page.reload({ timeout: paced(PATIENCE) }).catch(() => {});
        return front.name;
      case "follow a link":
        await goTo(place, chance.oneOf(["/", "/other"]) ?? "/");
        return front.name;
      case "go back":
        return traveled(front, -1);
      case "go forward":
        return traveled(front, 1);
      case "look at another tab":
        return other === undefined ? "there is one only" : show(place, other);
      case "freeze a tab":
        if (other !== undefined) await setFrozen(other, true);
        return other?.name ?? "there is one only";
      case "lose calls":
        return disturb(place, chance.oneOf(LOSSES) ?? null);
      case "delay answers":
        return disturb(place, { type: "slow-answer", delay: paced(chance.between(200, 5_000)) });
      case "cut the stream":
        place.way.cut();
        return place.way.browser;
      case "restart the server":
        await world.restart();
        return "killed";
      case "sign in": {
        const person = chance.oneOf(place.people) ?? "";
        await goTo(place, `/in?as=${person}`);
        return `${person} in ${front.name}`;
      }
      case "sign out":
        return act("session_logout", () => pressed(front, "Sign out"));
      case "end from elsewhere":
        return act("session_revoked", async () => {
          const person = chance.oneOf(place.people) ?? "";
          await world.revoke(person);
          return person;
        });
    }
  };
}
