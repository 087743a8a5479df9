/** What every test in the oldest Chromium starts from: the demo behind https, and a page in which no fault goes unheard. */
import type { BrowserContext, Page } from "@playwright/test";
import { test as base, expect, type Status } from "../fixtures.js";
import { pacedText } from "../pace.js";
import { openSite, type Site } from "./site.js";

export const test = base.extend<{
  /** What the pages have thrown, and their errors in the console. */
  readonly faults: string[];
  /** Starts a site with these times, paced, and signs `page` in to it. */
  readonly enter: (times: Readonly<Record<string, string>>) => Promise<Site>;
}>({
  faults: [
    async ({ context }, use) => {
      const faults: string[] = [];
      hear(context, faults);
      await use(faults);
      expect(faults).toEqual([]);
    },
    { auto: true },
  ],
  enter: async ({ page }, use) => {
    const sites: Site[] = [];
    await use(async (times) => {
      const paced = Object.entries(times).map(([name, time]) => [name, pacedText(time)]);
      const site = await openSite(Object.fromEntries(paced));
      sites.push(site);
      await signIn(page, site.url);
      return site;
    });
    for (const site of sites) await site.close();
  },
});

function hear(context: BrowserContext, faults: string[]): void {
  context.on("weberror", (error) => faults.push(error.error().message));
  context.on("console", (message) => {
    // An answer of 401 tells of an end: the browser itself writes it down.
    const isNews = message.text().startsWith("Failed to load resource");
    if (["error", "warning"].includes(message.type()) && !isNews) faults.push(message.text());
  });
}

/** Signs in as a person would, by typing. */
export async function signIn(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/login`);
  await page.getByLabel(/name/i).fill("ann");
  await page.getByLabel(/password/i).fill("demo");
  await page.getByRole("button", { name: /sign in/i }).click();
  await page.waitForURL(`${url}/`);
  await expect.poll(async () => (await statusOf(page)).key).not.toBeNull();
}

/** What the server says of the session, asked by the context, not by the page. */
export async function statusOf(page: Page): Promise<Status> {
  const answer = await page.context().request.get(new URL("/curfew/session", page.url()).href);
  return (await answer.json()) as Status;
}
