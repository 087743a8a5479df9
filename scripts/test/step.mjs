// One step of `npm test`: runs its programs to their end, or until something stands still or the time is over.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { isAnyAlive, startProgram } from "./processes.mjs";
import { followReport, REPORT_FILE } from "./report.mjs";
import { wakingTime } from "./waking-time.mjs";

/** How often a report is read. */
const INTERVAL = 250;
/** What at most counts of the time between two looks at a report. */
const MOST = 4 * INTERVAL;
/** The counts of a step that has no tests, or whose tests did not run. */
export const NOTHING = { passed: 0, failed: 0, skipped: 0, failures: [], unsteady: [] };

/**
 * Runs a step.
 * @param step its `name`; `programs`, run one after the other; `suite` where it has tests: the name of its `report`,
 *   `program(report)`, which gives the program for what the report does not know as ended (undefined: nothing is left),
 *   and `limits` in milliseconds: `silence`, how long nothing may be heard of an item that runs, and `pause`, how long
 *   no item may run
 * @param context `root`, `reports` (a folder), `stdio`, and `stop`, an AbortSignal that ends it early
 * @returns the counts, what has failed, and how far a step came that was `stopped`
 */
export async function runStep({ name, programs = [], suite }, context) {
  const startedAt = performance.now();
  const result = await runAll(programs, suite, context);
  return { name, ...result, seconds: (performance.now() - startedAt) / 1_000 };
}

async function runAll(programs, suite, context) {
  for (const program of programs) {
    const { code, isStopped } = await runProgram(program, context);
    if (isStopped) return { ...NOTHING, stopped: { running: [] } };
    if (code !== 0) return { ...NOTHING, failed: 1, failures: ["see its output above"] };
  }
  return suite === undefined ? NOTHING : runSuite(suite, context);
}

/** What stands still is named and left out; what had not ended then is run again. */
async function runSuite({ report: name, program, limits }, context) {
  const file = join(context.reports, `${name}.jsonl`);
  rmSync(file, { force: true });
  const report = followReport(file);
  const waking = wakingTime(MOST);
  const now = () => waking(performance.now());
  let end = {};
  for (let next = program(report); next !== undefined; next = program(report)) {
    report.heardAt = now();
    report.running.clear();
    const env = { ...next.env, [REPORT_FILE]: file };
    end = await runProgram({ ...next, env }, context, () => whatStandsStill(report, limits, now()));
    report.read(now());
    if (end.still === undefined) break;
    report.fail(end.still.item, reasonOf(end.still));
    if (end.still.item === undefined) break;
  }
  return summaryOf(report, end);
}

async function runProgram(program, { root, stdio, stop }, watch = () => undefined) {
  if (stop.aborted) return { isStopped: true };
  const { ended, kill } = startProgram(program, { cwd: root, stdio });
  let timer;
  const cut = new Promise((resolve) => {
    timer = setInterval(() => {
      const still = watch();
      if (still !== undefined) resolve({ still });
      else if (stop.aborted) resolve({ isStopped: true });
    }, INTERVAL);
  });
  const end = await Promise.race([ended.then((code) => ({ code })), cut]);
  clearInterval(timer);
  await kill();
  return end;
}

/** The item that stands still; an item whose process has gone has crashed, and holds nobody up. */
function whatStandsStill(report, { silence, pause }, now) {
  report.read(now);
  const silent = [...report.running].filter(([, { heardAt }]) => now - heardAt > silence);
  for (const [item, { name, pid, heardAt }] of silent) {
    if (pid === undefined || isAnyAlive(new Set([pid]))) return { item, name, period: now - heardAt };
    report.fail(item, `its process ended in "${name}"`);
  }
  const isIdle = report.running.size === 0 && now - report.heardAt > pause;
  return isIdle ? { period: now - report.heardAt } : undefined;
}

function reasonOf({ item, name, period }) {
  const seconds = `${(period / 1_000).toFixed(0)} s`;
  if (item === undefined) return `stood still: no test ran for ${seconds}`;
  return `stood still for ${seconds}${name === undefined ? "" : ` in "${name}"`}`;
}

/** What had begun and never ended, although its program did, has failed: its process has crashed. */
function summaryOf(report, { code, isStopped = false }) {
  const items = [...report.items].map(([item, state]) => ({ item, ...state }));
  const results = items.flatMap(({ item, results }) => results.map((result) => ({ ...result, item })));
  const having = (...outcomes) => results.filter(({ outcome }) => outcomes.includes(outcome));
  const label = ({ item, name }) => (name ? `${item} > ${name}` : item);
  const failed = [
    ...having("failed").map((result) => `${label(result)}: ${result.error}`),
    ...items.filter(({ error }) => error !== undefined).map(({ item, error }) => `${item}: ${error}`),
  ];
  const counts = {
    passed: having("passed", "unsteady").length,
    skipped: having("skipped").length,
    unsteady: having("unsteady").map(label),
  };
  if (isStopped) {
    const running = [...report.running].map(([item, { name }]) => label({ item, name }));
    return {
      ...counts,
      failed: failed.length,
      failures: failed,
      stopped: { ...progressOf(report), running },
    };
  }
  const crashed = items
    .filter(({ hasEnded }) => !hasEnded)
    .map(({ item }) => {
      const name = report.running.get(item)?.name;
      return `${item}: its process ended${name === undefined ? " before it did" : ` in "${name}"`}`;
    });
  // A crash is often told twice: by the item that it broke off, and from outside.
  const apart = crashed.length > 0 ? [] : report.errors;
  const found = [...failed, ...crashed, ...apart];
  if (found.length === 0 && !(code === 0 && report.isDone)) found.push("see its output above");
  return { ...counts, failed: found.length, failures: [...found, ...report.errors.slice(apart.length)] };
}

/** How much of what was planned had ended. */
function progressOf({ plan, items }) {
  const done = [...items.values()].filter(({ hasEnded }) => hasEnded).length;
  if (plan === undefined) return {};
  return plan.files === undefined
    ? { done, planned: plan.tests, unit: "tests" }
    : { done, planned: plan.files.length, unit: "files" };
}
