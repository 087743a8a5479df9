/** What `npm test` says and leaves behind, however its suites end: shown on small suites that end in every way there is. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test, vi } from "vitest";
import { paceOf } from "../../scripts/test/pace.mjs";
import { isAnyAlive } from "../../scripts/test/processes.mjs";
import { followReport } from "../../scripts/test/report.mjs";
import { wakingTime } from "../../scripts/test/waking-time.mjs";

const folder = mkdtempSync(join(tmpdir(), "curfew-runner-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What is silent for so long has stood still: longer than a healthy fixture is, and no longer than a test can wait. */
const SILENCE = 6_000 * paceOf();
const TIMEOUT = { timeout: 60_000 + 6 * SILENCE };

interface Settings {
  readonly files?: readonly string[];
  readonly withPlaywright?: boolean;
  readonly silence?: number;
  readonly timeout?: number;
  readonly fail?: boolean;
}

interface Outcome {
  readonly code: number | null;
  readonly output: string;
  /** Without the empty lines. */
  readonly lastLine: string;
  readonly reports: string;
}

/** Runs fixture suites as `npm test` runs its steps; `meanwhile` may signal the runner by its process id. */
async function run(
  settings: Settings,
  meanwhile: (pid: number, reports: string) => Promise<void> = async () => {},
): Promise<Outcome> {
  const reports = mkdtempSync(join(folder, "reports-"));
  const script = fileURLToPath(new URL("run-fixtures.mjs", import.meta.url));
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("VITEST")));
  const child = spawn(process.execPath, [script, reports, JSON.stringify(settings)], {
    env: {
      ...env,
      NO_COLOR: "1",
      FORCE_COLOR: "0",
      FIXTURE_REPORTS: reports,
      FIXTURE_SILENCE: String(SILENCE),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
  const closed = once(child, "close");
  await meanwhile(child.pid ?? 0, reports);
  await closed;
  return { code: child.exitCode, output, lastLine: output.trim().split("\n").at(-1) ?? "", reports };
}

/** Resolves once the report has each of these events. */
async function reported(reports: string, ...events: readonly RegExp[]): Promise<void> {
  const file = join(reports, "fixtures.jsonl");
  const text = () => (existsSync(file) ? readFileSync(file, "utf8") : "");
  // By itself: while tests run side by side the runner can have lost which one a poll of its own belongs to.
  for (const event of events) await vi.waitFor(() => expect(text()).toMatch(event), TIMEOUT);
}

describe.concurrent("npm test", () => {
  describe("a suite of Vitest", () => {
    test(
      "is counted and named whole: what fails, crashes, does not load or stands still",
      TIMEOUT,
      async () => {
        const files = ["passes", "fails", "crashes", "does-not-load", "hangs"];
        const { code, output, lastLine, reports } = await run({ files, silence: SILENCE });
        const found = output.slice(output.indexOf("Failed:"));
        expect(found).toContain("fails.fixture.ts > adds up: expected 1 to be 2");
        expect(found).toContain("tells what came before it: the program said: no such port and ended");
        expect(found).toContain("fails.fixture.ts > a suite whose hook fails: the hook failed");
        expect(found).toContain('crashes.fixture.ts: its process ended in "crashes"');
        expect(found).toContain("does-not-load.fixture.ts: this file does not load");
        expect(found).toMatch(/hangs\.fixture\.ts: stood still for \d+ s in "never lets go"/);
        expect(lastLine).toBe("2 passed, 6 failed, 1 skipped");
        expect(code).toBe(1);
        const left = Number(readFileSync(join(reports, "left"), "utf8"));
        expect(left).toBeGreaterThan(0);
        expect(isAnyAlive(new Set([left]))).toBe(false);
      },
    );

    test("that the time cuts off is stopped and not failed", TIMEOUT, async () => {
      const timeout = 4_000;
      const { code, output, lastLine } = await run({ files: ["waits", "passes"], timeout });
      expect(output).toContain("Stopped (after 4 s); what had not ended then has neither passed nor failed:");
      expect(output).toMatch(/fixtures: stopped (?:after [01] of 2 files|before its first test)/);
      expect(lastLine).toMatch(/^\d passed, 0 failed$/);
      expect(code).toBe(2);
    });

    test.each([
      ["SIGINT", 130],
      ["SIGTERM", 143],
    ] as const)("that %s stops keeps what it has counted", TIMEOUT, async (signal, expected) => {
      const { code, output, lastLine } = await run({ files: ["waits", "passes"] }, async (pid, reports) => {
        await reported(reports, /"end","item":"[^"]*passes/, /"name":"waits"/);
        process.kill(pid, signal);
      });
      expect(output).toContain(`Stopped (${signal})`);
      expect(output).toContain("fixtures: stopped after 1 of 2 files");
      expect(output).toContain("fixtures: running then: test/runner/vitest/waits.fixture.ts > waits");
      expect(lastLine).toMatch(/^[23] passed, 0 failed$/);
      expect(code).toBe(expected);
    });
  });

  describe("the steps", () => {
    test("that need one that failed do not run", TIMEOUT, async () => {
      const { code, output, lastLine } = await run({ files: ["passes"], fail: true });
      expect(output).toContain("fixtures: not run: the first failed");
      expect(lastLine).toBe("0 passed, 2 failed");
      expect(code).toBe(1);
    });

    test("that all pass give 0", TIMEOUT, async () => {
      const { code, lastLine } = await run({ files: ["passes"] });
      expect(lastLine).toBe("2 passed, 0 failed");
      expect(code).toBe(0);
    });
  });

  test(
    "a suite of Playwright is counted and named whole, and the tests after one that stands still run",
    TIMEOUT,
    async () => {
      const { code, output, lastLine } = await run({ withPlaywright: true, silence: SILENCE });
      const found = output.slice(output.indexOf("Failed:"));
      expect(found).toContain("[none] › all.fixture.ts › fails: Error: expect(received).toBe(expected)");
      expect(found).toContain("[none] › all.fixture.ts › crashes: Error: worker process exited unexpectedly");
      expect(found).toMatch(/\[none\] › all\.fixture\.ts › never lets go: stood still for \d+ s/);
      expect(found).toContain("Passed only when tried again:");
      expect(found).toContain("[none] › all.fixture.ts › passes when tried again");
      expect(found).not.toContain("goes on step by step");
      expect(lastLine).toBe("4 passed, 3 failed");
      expect(code).toBe(1);
    },
  );
});

test("a report is read line by line while it is written", () => {
  const file = join(folder, "partly.jsonl");
  const report = followReport(file);
  report.read(1);
  const lines = ["é", "ü"].map((item) => `${JSON.stringify({ type: "begin", item })}\n`).join("");
  const bytes = Buffer.from(lines);
  const half = bytes.length - 5;
  appendFileSync(file, bytes.subarray(0, half));
  report.read(2);
  expect([...report.items.keys()]).toEqual(["é"]);
  appendFileSync(file, bytes.subarray(half));
  report.read(3);
  expect([...report.items.keys()]).toEqual(["é", "ü"]);
});

test("a machine that stood still for minutes adds one look to the time that tests had", () => {
  const now = wakingTime(1_000);
  expect([5_000, 5_250, 5_500].map(now)).toEqual([0, 250, 500]);
  expect([821_500, 821_750].map(now)).toEqual([1_500, 1_750]);
});
