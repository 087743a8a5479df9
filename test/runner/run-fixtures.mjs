// Runs fixture suites as `npm test` runs its steps: node run-fixtures.mjs REPORTS '{"files": [...], "silence": 1000, "timeout": 1000}'
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runSteps } from "../../scripts/test/run.mjs";
import { node, playwright, vitest } from "../../scripts/test/suites.mjs";

const [reports, settings] = process.argv.slice(2);
const {
  files = [],
  silence = 600_000,
  timeout = 600_000,
  withPlaywright = false,
  fail = false,
} = JSON.parse(settings);
const own = (name) => fileURLToPath(new URL(name, import.meta.url));
const limits = { silence, pause: 600_000 };
const fixtures = {
  report: "fixtures",
  args: ["--config", own("vitest/vitest.config.ts")],
  files: files.map((name) => own(`vitest/${name}.fixture.ts`)),
  limits,
};

process.exitCode = await runSteps(
  [
    { name: "first", programs: [node("-e", fail ? "process.exit(3)" : "")] },
    ...(files.length > 0 ? [{ name: "fixtures", needs: "first", suite: vitest(fixtures) }] : []),
    ...(withPlaywright
      ? [
          {
            name: "playwright",
            needs: "first",
            suite: playwright({
              report: "playwright",
              args: ["--config", own("playwright/playwright.config.ts")],
              limits,
              ended: join(reports, "ended.txt"),
            }),
          },
        ]
      : []),
  ],
  { root: fileURLToPath(new URL("../..", import.meta.url)), reports, timeout },
);
