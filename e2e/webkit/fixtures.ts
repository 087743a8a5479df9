/** What every test in WebKitGTK starts from: the real demo, and a window that signs in to it. */

import type { Status } from "../fixtures.js";
import { test as base, expect } from "../fixtures.js";
import { type Element, openWebKit, type WebKit } from "./driver.js";
import { type Driver, startDriver } from "./screen.js";

export { expect };

/** The keys that WebDriver has names for (https://www.w3.org/TR/webdriver2/#keyboard-actions). */
export const KEYS = { tab: "\uE004", enter: "\uE007", shift: "\uE008", escape: "\uE00C", space: " " };

/** This WebKit keeps no Secure cookie of a plain http address, be it the machine's own. */
export const SHORT = { CURFEW_IDLE: "4s", CURFEW_WARNING: "2s", CURFEW_COOKIE: "plain" };
export const ROOMY = { CURFEW_IDLE: "10s", CURFEW_WARNING: "7s", CURFEW_COOKIE: "plain" };

export const test = base.extend<{ webkit: WebKit }, { driver: Driver }>({
  driver: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from this pattern
    async ({}, use) => {
      const driver = await startDriver();
      await use(driver);
      await driver.stop();
    },
    { scope: "worker" },
  ],
  webkit: async ({ driver }, use) => {
    const webkit = await openWebKit(driver.url);
    await use(webkit);
    await webkit.quit();
  },
});

/** Signs in as a person would, by typing. */
export async function signIn(webkit: WebKit, url: string): Promise<void> {
  await webkit.goto(`${url}/login`);
  await webkit.fill(await webkit.find("[data-testid=username]"), "ann");
  await webkit.fill(await webkit.find("[data-testid=password]"), "demo");
  await webkit.click(await webkit.find("[data-testid=sign-in]"));
  await expect.poll(() => webkit.url()).toBe(`${url}/`);
  await expect.poll(async () => (await statusOf(webkit, url)).key).not.toBeNull();
}

/** What the server says of the window's session, asked from outside. */
export async function statusOf(webkit: WebKit, url: string): Promise<Status> {
  const cookies = await webkit.cookies();
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  return (await (await fetch(`${url}/curfew/session`, { headers: { cookie } })).json()) as Status;
}

/** The text that the page's `data-testid` shows. */
export function shownAs(webkit: WebKit, id: string): Promise<string> {
  return webkit.run("return document.querySelector(arguments[0])?.textContent ?? '';", `[data-testid=${id}]`);
}

const OPEN = 'document.querySelector("curfew-warning")?.shadowRoot?.querySelector("dialog[open]")';

/** The text of the open dialog; empty where none is open. */
export function dialogText(webkit: WebKit): Promise<string> {
  return webkit.run(`return ${OPEN}?.textContent ?? "";`);
}

export function openDialog(webkit: WebKit): Promise<Element> {
  return webkit.run(`return ${OPEN};`);
}

/** The text of what has the focus, in the dialog or in the page. */
export function focused(webkit: WebKit): Promise<string> {
  return webkit.run(`
    const inner = document.activeElement?.shadowRoot?.activeElement ?? document.activeElement;
    return inner?.dataset.testid ?? inner?.textContent ?? "";`);
}
