/** Waiting that ends: a person must be warned in time, whatever the network does. */
import type { Clock } from "./clock.js";

/** How long a warning waits for a heartbeat, and then for an answer. */
const PATIENCE = 1000;

/** Resolves when `work` is done, or after a second. */
export function patiently(work: Promise<void>, clock: Pick<Clock, "after">): Promise<void> {
  return Promise.race([work, new Promise<void>((go) => clock.after(PATIENCE, go))]);
}
