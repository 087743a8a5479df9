/** The walk's tabs and windows: real ones, hidden or in sight, and what a person does in them. */
import type { BrowserContext, CDPSession, Page } from "@playwright/test";
import type { Input, Sample } from "./judge.js";

export interface Tab {
  readonly name: string;
  readonly browser: string;
  readonly page: Page;
  readonly commands: CDPSession;
  isFrozen: boolean;
  /** Since when this page is there and in sight. */
  since: number;
}

interface Look {
  readonly isHidden: boolean;
  readonly seen: Pick<Sample, "status" | "expiresAt" | "isWordShown"> | null;
}

/** Nobody waits longer for a page: what it would have said then is of another time. */
const PATIENCE = 1_500;

export interface TabOptions {
  readonly name: string;
  readonly browser: string;
  readonly onError: (message: string) => void;
  /** In a window of its own, which is in sight beside the others. */
  readonly beside?: Tab | undefined;
}

export async function openTab(
  context: BrowserContext,
  { name, browser, onError, beside }: TabOptions,
): Promise<Tab> {
  const page = beside === undefined ? await context.newPage() : await openWindow(context, beside);
  const commands = await context.newCDPSession(page);
  const tab: Tab = { name, browser, page, commands, isFrozen: false, since: Date.now() };
  // Both what is thrown and what is rejected and caught by nobody.
  page.on("pageerror", ({ message }) => onError(`a page threw: ${name}: ${message}`));
  for (const event of ["framenavigated", "load"] as const)
    page.on(event as "load", () => {
      tab.since = Date.now();
    });
  return tab;
}

async function openWindow(context: BrowserContext, { commands }: Tab): Promise<Page> {
  const { targetInfo } = await commands.send("Target.getTargetInfo");
  const opened = context.waitForEvent("page");
  const { browserContextId } = targetInfo;
  const own = browserContextId === undefined ? {} : { browserContextId };
  const browser = await context.browser()?.newBrowserCDPSession();
  await browser?.send("Target.createTarget", { url: "about:blank", newWindow: true, ...own });
  await browser?.detach();
  return opened;
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

/** What a page in sight shows; null where it shows nothing of Curfew's, or does not say so in time. */
export async function look(tab: Tab): Promise<Sample | null> {
  if (tab.isFrozen) return null;
  const [from, { since, name, browser }] = [Date.now(), tab];
  const found = await inTime(
    tab.page.evaluate((): Look => {
      const isHidden = document.visibilityState === "hidden";
      const word = document.querySelector("#word");
      const session = Reflect.get(globalThis, "Curfew")?.session;
      if (word === null || session === undefined || isHidden) return { isHidden, seen: null };
      const { visibility, display, opacity } = getComputedStyle(word);
      const isWordShown = visibility === "visible" && display !== "none" && opacity !== "0";
      const { status, expiresAt = null } = session.state;
      return { isHidden, seen: { status, expiresAt, isWordShown } };
    }),
  );
  const until = Date.now();
  if (found?.isHidden) tab.since = until;
  // The page went while it was looked at.
  if (!found?.seen || since !== tab.since || until - from > PATIENCE) return null;
  return { from, until, browser, tab: name, since, ...found.seen };
}

/** Moves the mouse and types for a while; what the page says before and after tells whether it counts. */
export async function giveInput(tab: Tab, moves: number): Promise<Input> {
  const before = await look(tab);
  const from = Date.now();
  for (let move = 0; move < moves; move++) {
    await inTime(tab.page.mouse.move(100 + ((from + move * 7) % 200), 200 + ((move * 13) % 90)));
    if (move % 3 === 2) await inTime(tab.page.keyboard.press("Shift"));
  }
  const until = Date.now();
  const after = await look(tab);
  const isHeard = before?.status === "active" && after?.status === "active" && before.since === after.since;
  return { from, until, browser: tab.browser, isHeard };
}

/** A press of a button that is in sight; null where it is not. It is input too, wherever it lands. */
export async function press(tab: Tab, name: string): Promise<Input | null> {
  const button = tab.page.getByRole("button", { name });
  const from = Date.now();
  if (!(await inTime(button.isVisible()))) return null;
  await button.click({ timeout: PATIENCE }).catch(() => {});
  return { from, until: Date.now(), browser: tab.browser, isHeard: false };
}

/** The browser's own back and forward: the test tool's would wait for a load that a kept page never has. */
export async function travel(tab: Tab, steps: number): Promise<void> {
  await inTime(tab.page.evaluate((by) => void setTimeout(() => history.go(by), 0), steps));
  tab.since = Date.now();
}

async function inTime<T>(work: Promise<T>): Promise<T | null> {
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), PATIENCE));
  return Promise.race([work.catch(() => null), late]);
}
