/**
 * In a process of its own: a store that kills the process with SIGKILL at the step that it is told, before a call goes out or when its
 * answer has come, from `begin` on.
 */
import { reachedStore } from "./reached-store.js";
import { steppingStore } from "./stepping-store.js";

/**
 * @param startAt what the clock says as the process starts: each node is further on than the one before, so that the leases of the dead
 * have run out
 */
export function killedNode(startAt: number, killAt: number, reach: readonly string[]) {
  const startedAt = performance.now();
  const sinceStart = () => performance.now() - startedAt;
  const clock = { now: () => Math.floor(startAt + sinceStart()), monotonic: sinceStart };
  const opened = reachedStore(reach, clock);
  let steps = Number.NEGATIVE_INFINITY;
  const step = () => {
    if (++steps === killAt) process.kill(process.pid, "SIGKILL");
  };
  return {
    clock,
    /** The store itself, whose calls are no steps. */
    opened,
    store: steppingStore(step, opened),
    begin() {
      steps = 0;
    },
  };
}
