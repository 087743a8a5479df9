/** Time in the end-to-end tests: what takes a second on the machine of reference takes `pace` seconds here. */
import { test as base } from "@playwright/test";
import ms, { type StringValue } from "ms";
import { measurePace, PACE } from "../scripts/test/pace.mjs";
import { untilRoom } from "./support/room.js";

/** What the tests that run side by side cost one another, which their limits allow for. */
const OWN_LOAD = 3;
/** Longer times are never waited for, so they stay as they are. */
const LONGEST = ms("5m");

/** As the suite began or, where that is slower, as the test that runs began: a machine does not stay as it was. */
export let pace = paceNow(4);

function paceNow(rounds: number): number {
  return Math.max(1, Number(process.env[PACE] ?? 1), measurePace(rounds) / OWN_LOAD);
}

/**
 * A period of milliseconds for this machine. A test that is tried again has as much time once more.
 * @throws outside a test: what a file says of time as it loads is of another pace than what its tests then say.
 */
export const paced = (period: number): number => Math.round(period * pace * (1 + base.info().retry));

/** A far end for what may never come, as the file loads; nobody reckons with it. */
export const pacedEnd = (period: number): number => Math.round(period * pace);

/** Every test begins when the machine has room for it, and its times are stretched by the pace of that moment. */
export const test = base.extend<{ readonly begin: undefined }>({
  begin: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from this pattern
    async ({}, use) => {
      await untilRoom();
      pace = paceNow(2);
      await use(undefined);
    },
    // Whoever waits for room uses up no time of the test.
    { auto: true, box: true, timeout: pacedEnd(120_000) },
  ],
});

/** A duration as text, such as `4s`, for this machine. */
export function pacedText(duration: string): string {
  const period = ms(duration as StringValue);
  return period > LONGEST ? duration : `${paced(period)}ms`;
}

/** Waits for a period that this machine does not lengthen. */
export const wait = (period: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, period));
