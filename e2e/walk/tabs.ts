/** The walk's tabs: real ones, of which one is in sight, and what a person does in them. */
import type { BrowserContext, CDPSession, Page } from "@playwright/test";
import type { Input, Sample } from "./judge.js";

export interface Tab {
  readonly name: string;
  readonly page: Page;
  readonly commands: CDPSession;
  isFrozen: boolean;
  /** Since when this page is there and in sight. */
  since: number;
}

interface Look {
  readonly status: string;
  readonly isWordShown: boolean;
}

/** Nobody waits longer for a page: what it would have said then is of another time. */
const PATIENCE = 1_500;

export async function openTab(
  context: BrowserContext,
  name: string,
  onError: (message: string) => void,
): Promise<Tab> {
  const page = await context.newPage();
  const commands = await context.newCDPSession(page);
  const tab: Tab = { name, page, commands, isFrozen: false, since: Date.now() };
  // Both what is thrown and what is rejected and caught by nobody.
  page.on("pageerror", ({ message }) => onError(`${name}: ${message}`));
  page.on("framenavigated", () => {
    tab.since = Date.now();
  });
  page.on("load", () => {
    tab.since = Date.now();
  });
  return tab;
}

export async function bringToFront(tab: Tab): Promise<void> {
  if (tab.isFrozen) await setFrozen(tab, false);
  await tab.page.bringToFront();
  tab.since = Date.now();
}

export async function setFrozen(tab: Tab, isFrozen: boolean): Promise<void> {
  await tab.commands.send("Page.setWebLifecycleState", { state: isFrozen ? "frozen" : "active" });
  tab.isFrozen = isFrozen;
}

/** What the page in sight shows; null where it shows nothing of Curfew's, or does not say so in time. */
export async function look(tab: Tab): Promise<Sample | null> {
  const [from, { since }] = [Date.now(), tab];
  const seen = await inTime(
    tab.page.evaluate((): Look | null => {
      const word = document.querySelector("#word");
      const session = Reflect.get(window, "Curfew")?.session;
      if (word === null || session === undefined || document.visibilityState === "hidden") return null;
      const { visibility, display } = getComputedStyle(word);
      const isWordShown = visibility === "visible" && display !== "none";
      return { status: session.state.status, isWordShown };
    }),
  );
  const until = Date.now();
  // The page went while it was looked at.
  if (seen === null || since !== tab.since || until - from > PATIENCE) return null;
  return { from, until, tab: tab.name, since, ...seen };
}

/** Moves the mouse and types for a while; what the page says before and after tells whether it counts. */
export async function giveInput(tab: Tab, moves: number): Promise<Input> {
  const before = await look(tab);
  const from = Date.now();
  for (let move = 0; move < moves; move++)
    await inTime(tab.page.mouse.move(100 + ((from + move * 7) % 200), 200 + ((move * 13) % 90)));
  const until = Date.now();
  const after = await look(tab);
  const isHeard = before?.status === "active" && after?.status === "active" && before.since === after.since;
  return { from, until, isHeard };
}

/** A press of a button; it is input too, wherever it lands. */
export async function press(tab: Tab, button: string): Promise<Input> {
  const from = Date.now();
  await tab.page
    .getByRole("button", { name: button })
    .click({ timeout: PATIENCE })
    .catch(() => {});
  return { from, until: Date.now(), isHeard: false };
}

async function inTime<T>(work: Promise<T>): Promise<T | null> {
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), PATIENCE));
  return Promise.race([work.catch(() => null), late]);
}
