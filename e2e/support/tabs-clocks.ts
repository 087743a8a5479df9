/** A page whose wall clock a test can set, and in which all else of time stays real. */
import type { BrowserContext, Page } from "@playwright/test";

/** Lets `setWallClock` work in the pages of this browser that open from now on; `by`: how far it is set already. */
export async function prepareWallClock(context: BrowserContext, by = 0): Promise<void> {
  await context.addInitScript((first) => {
    const RealDate = Date;
    let shift = first;
    Reflect.set(window, "setWallClock", (by: number) => {
      shift += by;
    });
    Reflect.set(
      window,
      "Date",
      class extends RealDate {
        constructor(...given: [] | [number | string | Date]) {
          if (given.length === 0) super(RealDate.now() + shift);
          else super(...given);
        }
        static override now(): number {
          return RealDate.now() + shift;
        }
      },
    );
  }, by);
}

/** A person sets the clock of the machine, or it slept while the monotonic clock stood still. `by` in milliseconds. */
export async function setWallClock(page: Page, by: number): Promise<void> {
  await page.evaluate((shift) => Reflect.get(window, "setWallClock")(shift), by);
}
