/** `curfew watch --replay` over trails on the disk. */
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { watchCommand } from "../../src/cli/commands/watch.js";
import { jsonLinesAudit } from "../../src/server/audit/json-lines.js";
import { signedLog } from "../../src/server/audit/log/signed-log.js";
import { createTestKey, TestBrowser } from "../server/support/test-browser.js";
import { createTestVerifier } from "../server/support/test-verifier.js";

const folder = () => mkdtempSync(join(tmpdir(), "curfew-watch-"));

/** A trail with one forged heartbeat, by a verifier that watches nothing. */
async function trails() {
  const directory = join(folder(), "log");
  const file = join(folder(), "audit.jsonl");
  const { sessions, clock } = createTestVerifier({ audit: [signedLog({ directory }), jsonLinesAudit(file)] });
  const browser = await TestBrowser.signedIn(sessions);
  await browser.beat(clock.now(), { key: await createTestKey() });
  await sessions.close();
  return { directory, file, sid: browser.live.sid };
}

async function run(options: Parameters<typeof watchCommand>[1], config: unknown = {}) {
  const told = { out: "", err: "" };
  const shell = {
    print(text: string) {
      told.out += text;
    },
    complain(text: string) {
      told.err += text;
    },
  };
  const code = await watchCommand(shell as Parameters<typeof watchCommand>[0], options, () => config);
  return { code, ...told };
}

test("a signed log and a file of JSON lines are read to their end, and what the rules tell is listed and counted", async () => {
  const { directory, file, sid } = await trails();
  for (const replay of [directory, file]) {
    const { code, out, err } = await run({ replay });
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(
      new RegExp(
        `Z {2}record \\d+ {2}forged \\(error\\) {2}session ${sid}: heartbeat_refused: signature \\[1\\]\\n\\d+ records, `,
      ),
    );
    expect(out).toMatch(/\n {2}forged +1\n/);
    expect(out).toMatch(/\n {2}two-places +0\n/);
  }
});

test("as JSON there is a line for each alert, and one that sums up", async () => {
  const { directory } = await trails();
  const { out } = await run({ replay: directory, json: true, rules: "forged, clock" });
  const [alert, summary] = out
    .trim()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
  expect(alert).toMatchObject({
    rule: "forged",
    severity: "error",
    count: 1,
    evidence: [expect.any(Number)],
  });
  expect(summary).toMatchObject({ counts: { forged: 1, clock: 0 } });
});

test("the thresholds of a configuration hold", async () => {
  const { directory } = await trails();
  const policy = { idle: "15m", absolute: "12h", watch: { rules: { forged: { times: 2 } } } };
  const config = { policy, store: "memory:", signInUrl: "/login" };
  const { code, out, err } = await run({ replay: directory, policy: "curfew.json" }, config);
  expect([code, err]).toEqual([0, ""]);
  expect(out).toMatch(/\n {2}forged +0\n/);
});

test("a trail that cannot be read is told of, and where", async () => {
  const { directory, file } = await trails();
  const missing = await run({ replay: join(directory, "nowhere") });
  const empty = await run({ replay: folder() });
  appendFileSync(file, "no record\n");
  const broken = await run({ replay: file });
  expect([missing.code, empty.code, broken.code]).toEqual([1, 1, 1]);
  expect(missing.err).toContain("is not there");
  expect(empty.err).toContain("holds no signed log");
  expect(broken.err).toMatch(/^line \d+ is no record of an audit trail\n$/);
  const [name = ""] = readdirSync(directory).filter((one) => one.endsWith(".jsonl"));
  const lines = readFileSync(join(directory, name), "utf8").split("\n");
  writeFileSync(join(directory, name), [lines[0], ...lines.slice(2)].join("\n"));
  expect((await run({ replay: directory })).err).toContain("in the place of record 1 stands 2");
});

test("a rule that there is not is told of", async () => {
  const { code, err } = await run({ replay: "anywhere", rules: "forged,machine" });
  expect([code, err]).toEqual([
    3,
    expect.stringContaining('"machine", which is no rule; rules: used-after-end'),
  ]);
});
