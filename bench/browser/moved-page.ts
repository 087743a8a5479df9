/** A page whose clock and whose server's clock are moved in step, with a person who moves the pointer when told. */
import type { Browser, Page } from "@playwright/test";
import { createTestClock, type TestClock } from "../../src/testing/test-clock.js";
import { type Site, type SiteOptions, serveSite } from "./site.js";

/** A stream of news keeps real time, and these hours do not. */
export const OFFICE_POLICY = { idle: "15m", absolute: "12h", warning: "2m", reach: false } as const;

export interface MovedPage {
  readonly page: Page;
  readonly site: Site;
  readonly clock: TestClock;
  /**
   * So much time passes, after a movement of the pointer if there is one. Resolves once what was asked is answered.
   * @param piece how much passes at once: a page's storage keeps real time, and counts as silent after a second
   */
  pass(period: number, hasMoved: boolean, piece?: number): Promise<void>;
  close(): Promise<void>;
}

const OPENING = 60_000;

interface MovedOptions {
  /** Is called before anybody asks the site. */
  readonly watch?: (site: Site) => void;
  readonly onRecord?: SiteOptions["onRecord"];
  readonly hasTouch?: boolean;
}

/** @param path of the site's page: `/` has the script include, `/bare` has nothing */
export async function openMovedPage(
  browser: Browser,
  path: string,
  { watch, onRecord, hasTouch = false }: MovedOptions = {},
): Promise<MovedPage> {
  const clock = createTestClock();
  const site = await serveSite({ policy: OFFICE_POLICY, clock, ...(onRecord && { onRecord }) });
  watch?.(site);
  const context = await browser.newContext({ hasTouch });
  await context.request.get(`${site.url}/start`);
  await context.clock.install({ time: clock.now() });
  const page = await context.newPage();
  let open = 0;
  page.on("request", () => open++);
  for (const over of ["requestfinished", "requestfailed"] as const)
    page.on(over as "requestfinished", () => open--);
  await page.goto(`${site.url}${path}`);
  if (path === "/") await page.waitForFunction(`Curfew.session.state.keyStore === "indexeddb"`);
  await context.clock.pauseAt(clock.now() + OPENING);
  clock.advance(OPENING);
  let moves = 0;
  return {
    page,
    site,
    clock,
    async pass(period, hasMoved, piece = period) {
      if (hasMoved) {
        moves++;
        await page.mouse.move(100 + (moves % 40) * 7, 100 + (moves % 30) * 5);
      }
      for (let left = period; left > 0; left -= piece) {
        clock.advance(Math.min(piece, left));
        await context.clock.runFor(Math.min(piece, left));
        while (open > 0) await new Promise((resolve) => setTimeout(resolve, 2));
      }
    },
    async close() {
      await context.close();
      site.close();
    },
  };
}
