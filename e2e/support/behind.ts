/** What the tests of bad networks share: the demo behind one, and what a person must never be told meanwhile. */
import type { Page } from "@playwright/test";
import { test as base, dialog, expect, paced } from "../fixtures.js";
import { type Fault, type Network, openNetwork, type Passage, toldTo } from "./network.js";

export { expect };

export interface Behind {
  readonly openBehind: (
    environment?: Readonly<Record<string, string>>,
  ) => Promise<Network & { demo: string }>;
}

export const test = base.extend<Behind>({
  openBehind: async ({ openDemo }, use) => {
    const opened: Network[] = [];
    await use(async (environment = {}) => {
      const demo = (await openDemo(environment)).url;
      const network = await openNetwork(demo);
      opened.push(network);
      return Object.assign(network, { demo });
    });
    await Promise.all(opened.map((network) => network.close()));
  },
});

/** What the person reads while the server does not answer, whether or not the browser has a network. */
export const OFFLINE = /offline|cannot reach/i;
const SIGNED_OUT = /(signed you out|you are signed out|you signed out)/i;

export const onCurfew = (fault: Fault) => (passage: Pick<Passage, "path">) =>
  passage.path.startsWith("/curfew/") ? fault : null;

/** Nobody was told that a session is over which is not. */
export async function expectNobodySignedOut(page: Page): Promise<void> {
  const told = await toldTo(page);
  expect(told.length).toBeGreaterThan(0);
  expect(told.filter(({ status }) => status === "ended" || status === "absent")).toEqual([]);
  expect(told.filter(({ shown }) => SIGNED_OUT.test(shown))).toEqual([]);
}

/** Presses a button of the warning until it is gone: a press right after it has opened does not count. */
export async function press(page: Page, name: string): Promise<void> {
  const button = page.getByRole("button", { name });
  await expect(async () => {
    if (await button.isVisible()) await button.click({ timeout: paced(500) });
    await expect(button).toBeHidden({ timeout: paced(300) });
  }).toPass();
}

export async function stay(page: Page): Promise<void> {
  await press(page, "Stay signed in");
  await expect(dialog(page)).toBeHidden();
  await expect(page.getByTestId("state")).toHaveText("active");
}
