/** Room on the machine: how many tasks want a processor at once, looked at again and again in each of the suite's processes. */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { setTimeout as wait } from "node:timers/promises";

const INTERVAL = 200;
/** The looks that count: the last three seconds. */
const LOOKS = 15;
/** As many tasks to a processor as leave each page time for its own deadlines. */
const MOST = 6 * availableParallelism();
/** Whoever else uses the machine may never stop. */
const LONGEST_WAIT = 15_000;

const looks: number[] = [];

/** Running or ready to run, this process included; undefined where the system does not say: proc_loadavg(5). */
function tasksNow(): number | undefined {
  try {
    return Number(/ (\d+)\/\d+ /.exec(readFileSync("/proc/loadavg", "utf8"))?.[1]);
  } catch {
    return undefined;
  }
}

setInterval(() => {
  const tasks = tasksNow();
  if (tasks === undefined) return;
  looks.push(tasks);
  if (looks.length > LOOKS) looks.shift();
}, INTERVAL).unref();

const isFull = (): boolean => looks.reduce((sum, tasks) => sum + tasks, 0) / looks.length > MOST;

/** Resolves once the machine has room for one more test, or nearly at once where nobody can say. */
export async function untilRoom(): Promise<void> {
  const startedAt = performance.now();
  // Each waits for a time of its own, so that not all who wait begin together.
  while (isFull() && performance.now() - startedAt < LONGEST_WAIT) await wait(500 + Math.random() * 1_500);
}
