// How the suites of `npm test` are started, at first and again after something in them stood still. Only Node's own modules.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const own = (name) => fileURLToPath(new URL(name, import.meta.url));

/** @returns a program that Node runs */
export const node = (...args) => ({ command: process.execPath, args });

/**
 * A suite of Vitest; again it runs the files that are left.
 * @param options `report`, its name; `args` for Vitest, and which `files` (all, if none is named); `command`, another Node; `limits` as `runStep` takes them
 */
export function vitest({ report, args = [], files = [], command = process.execPath, limits }) {
  const reporters = ["--reporter=default", `--reporter=${own("vitest-reporter.mjs")}`];
  const program = ({ plan, items }) => {
    const left = plan?.files.filter((file) => !items.get(file)?.hasEnded);
    if (left?.length === 0) return undefined;
    const wanted = left?.map((file) => resolve(root, file)) ?? files;
    return {
      command,
      args: [`${root}node_modules/vitest/vitest.mjs`, "run", ...args, ...wanted, ...reporters],
    };
  };
  return { report, program, limits };
}

/**
 * The tests of Playwright; again it leaves out those that have ended.
 * @param options `report`, its name; `args` for Playwright; `limits` as `runStep` takes them; `ended`, a file that is
 *   overwritten with the tests to leave out
 */
export function playwright({ report, args = [], limits, ended: list }) {
  const program = ({ plan, items }) => {
    const ended = [...items].filter(([, { hasEnded }]) => hasEnded).map(([test]) => test);
    if (plan !== undefined && ended.length >= plan.tests) return undefined;
    mkdirSync(dirname(list), { recursive: true });
    writeFileSync(list, ended.map((test) => `${test}\n`).join(""));
    const left = ended.length > 0 ? [`--test-list-invert=${list}`] : [];
    const reporters = `--reporter=line,${own("playwright-reporter.mjs")}`;
    return node(`${root}node_modules/@playwright/test/cli.js`, "test", ...args, ...left, reporters);
  };
  return { report, program, limits };
}

/** The checks of the sources; what stood still there is not run again. */
export function checks({ report, limits }) {
  return { report, program: ({ plan }) => (plan ? undefined : node(`${root}scripts/check.mjs`)), limits };
}
