/** Time in the end-to-end tests: what takes a second on the machine of reference takes `pace` seconds here. */
import { test } from "@playwright/test";
import ms, { type StringValue } from "ms";
import { measurePace, PACE } from "../scripts/test/pace.mjs";

/** What the tests that run side by side cost one another, which their limits allow for. */
const OWN_LOAD = 3;
/** Longer times are never waited for, so they stay as they are. */
const LONGEST = ms("5m");

/** As the suite began or, where that is slower, as this process began: what fails is tried again in a new one. */
export const pace = Math.max(1, Number(process.env[PACE] ?? 1), measurePace() / OWN_LOAD);

/** A period of milliseconds for this machine. A test that is tried again has as much time once more. */
export const paced = (period: number): number => Math.round(period * pace * (1 + tries()));

/** How often the test that runs has been tried before. */
function tries(): number {
  try {
    return test.info().retry;
  } catch {
    // No test runs yet.
    return 0;
  }
}

/** A duration as text, such as `4s`, for this machine. */
export function pacedText(duration: string): string {
  const period = ms(duration as StringValue);
  return period > LONGEST ? duration : `${paced(period)}ms`;
}

/** Waits for a period that this machine does not lengthen. */
export const wait = (period: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, period));
