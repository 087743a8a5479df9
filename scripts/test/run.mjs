// Runs the steps of `npm test` and sums them up, however they end. Only Node's own modules.
import { mkdirSync } from "node:fs";
import { constants } from "node:os";
import { NOTHING, runStep } from "./step.mjs";
import { printSummary } from "./summary.mjs";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Runs the steps, one after the other, and prints what became of them.
 * @param steps as `runStep` takes them, and `needs`: the name of a step without which this one does not run
 * @param options `root`, the folder that they run in; `reports`, the folder of their reports; `timeout` in milliseconds
 *   for all of them; `notes()` gives more lines for the summary
 * @returns the exit code: 0 where everything ran and passed; 1 where something failed or nothing passed; 2 where nothing
 *   failed and the timeout stopped something, for slow is not failed; 128 + the signal's number after a signal
 */
export async function runSteps(steps, { root, reports, timeout, notes = () => [] }) {
  mkdirSync(reports, { recursive: true });
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(`after ${inWords(timeout)}`), timeout);
  for (const signal of SIGNALS) process.on(signal, () => stop.abort(signal));
  const context = { root, reports, stdio: "inherit", stop: stop.signal };

  const results = [];
  for (const step of steps) results.push(await take(step, results, context));
  clearTimeout(timer);

  const { aborted, reason } = stop.signal;
  const { passed, failed } = printSummary(results, { notes: notes(), reason });
  if (SIGNALS.includes(reason)) return 128 + constants.signals[reason];
  if (failed > 0 || (passed === 0 && !aborted)) return 1;
  return aborted ? 2 : 0;
}

async function take(step, before, context) {
  const { name, needs } = step;
  const needed = before.find((result) => result.name === needs);
  if (needed !== undefined && needed.failed > 0) {
    const note = `not run: the ${needs} failed`;
    return { name, ...NOTHING, failed: 1, failures: [note], seconds: 0, note };
  }
  if (context.stop.aborted) return { name, ...NOTHING, seconds: 0, note: "not run: stopped before" };
  console.log(`\n=== ${name} ===`);
  return runStep(step, context);
}

function inWords(milliseconds) {
  const minutes = milliseconds / 60_000;
  return minutes >= 1 ? `${Math.round(minutes)} minutes` : `${milliseconds / 1_000} s`;
}
