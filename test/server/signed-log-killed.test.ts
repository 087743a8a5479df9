/** The signed log under `kill -9`: a real process writes, and dies at any moment. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readVerifierKey, verifyLog } from "../../src/evidence/index.js";
import { contentsOf, segmentsIn } from "../../src/server/audit/log/directory.js";
import { checkpointsPath } from "../../src/server/audit/log/paths.js";
import { pruneLog } from "../../src/server/audit/log/prune.js";
import { signedLog } from "../../src/server/audit/log/signed-log.js";
import { paced } from "../timing.js";

const folder = mkdtempSync(join(tmpdir(), "curfew-killed-"));
const directory = join(folder, "log");
const program = join(folder, "writer.mjs");
const ROUNDS = 9;
const DAY = 86_400_000;
/** How much of heads is on the disk. */
const size = () => statSync(checkpointsPath(directory), { throwIfNoEntry: false })?.size ?? 0;

const filesThere = () => (existsSync(directory) ? segmentsIn(directory).length : 0);

const pathOf = (file: string) => JSON.stringify(fileURLToPath(new URL(file, import.meta.url)));
const SOURCE = pathOf("../../src/server/audit/log/signed-log.ts");

function bundle(contents: string, outfile: string): void {
  buildSync({
    stdin: { contents, resolveDir: folder, loader: "ts" },
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
  });
}

beforeAll(() => {
  bundle(
    `
    import { signedLog } from ${SOURCE};
    const now = Date.now;
    Date.now = () => now() + Number(process.argv[2]) * ${DAY};
    const log = signedLog({ directory: ${JSON.stringify(directory)}, origin: "log.example", checkpointEvery: "100ms" });
    const at = new Date(Date.now()).toISOString();
    const record = { v: 1, at, type: "session_renewed", app: "app", policy: "p" };
    let ticks = 0;
    setInterval(() => {
      // Whoever kills it may come late.
      if (ticks++ < 100) for (let at = 0; at < 50; at++) log.append(record);
      if (Math.random() < 0.3) void log.checkpoint();
      process.stdout.write(log.append(record).seq + "\\n");
    }, 1);`,
    program,
  );
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/**
 * Runs the writer until it has written so many records more, and kills it.
 * @param day so many days from now: with each the log begins new files
 * @param isReady whether it may die
 * @returns the last record that it told of
 */
async function writeAndDie(records: number, day: number, isReady: () => boolean): Promise<number> {
  const writer = spawn(process.execPath, [program, String(day)], { stdio: ["ignore", "pipe", "inherit"] });
  let last = -1;
  let first: number | null = null;
  for await (const chunk of writer.stdout) {
    last = Number(String(chunk).trimEnd().split("\n").at(-1));
    first ??= last;
    if (last - first >= records && isReady()) writer.kill("SIGKILL");
  }
  await once(writer, "close").catch(() => {});
  return last;
}

test("no record that was written is lost, none stands twice, and every head that was ever signed still holds, over files that are turned and pruned", async () => {
  const heads: string[] = [];
  let pruned = 0;
  for (let round = 0; round < ROUNDS; round++) {
    // Every third one dies at any moment after it has signed a head, and then after it has begun new files; the others at any moment.
    const [signed, files, day] = [size(), filesThere(), Math.floor(round / 3)];
    const last = await writeAndDie(37 * round, day, () => {
      const isFirst = round === 0;
      return round % 3 > 0 || (isFirst ? size() > signed : filesThere() > files);
    });
    if (round % 4 === 3) pruned += pruneLog(directory, Date.now() + (day - 1) * DAY).records;
    const key = readVerifierKey(readFileSync(join(directory, "log.vkey"), "utf8"));
    const verdict = await verifyLog(contentsOf(directory), { keys: [key], witnesses: [], heads });
    expect(verdict).toMatchObject({ fault: null, pruned });
    expect(verdict.size).toBeGreaterThan(last);
    for await (const note of contentsOf(directory).checkpoints) if (!heads.includes(note)) heads.push(note);
  }
  expect(heads.length).toBeGreaterThan(0);
  expect(filesThere()).toBeGreaterThan(2);
  expect(pruned).toBeGreaterThan(0);
});

test("killed at any step of its first life, the log goes on at the next start at once, under the key that it has made known", {
  timeout: paced(120_000),
}, async () => {
  const first = join(folder, "first.mjs");
  bundle(
    `
    import { killAtStep } from ${pathOf("./support/killing-files.ts")};
    import { signedLog } from ${SOURCE};
    const [directory, step] = process.argv.slice(2);
    killAtStep(Number(step));
    const log = signedLog({ directory, origin: "log.example", checkpointEvery: "1h" });
    log.append({ v: 1, at: "2026-01-01T00:00:00.000Z", type: "session_renewed", app: "app", policy: "p" });
    await log.checkpoint();
    await log.close();`,
    first,
  );
  let isKilled = true;
  let steps = 0;
  while (isKilled) {
    const place = join(folder, `first-${++steps}`);
    const { signal, status } = spawnSync(process.execPath, [first, place, String(steps)]);
    isKilled = signal === "SIGKILL";
    expect([steps, isKilled || status]).toEqual([steps, isKilled || 0]);
    const known = join(place, "log.vkey");
    const vkey = existsSync(known) ? readFileSync(known, "utf8").trimEnd() : null;
    const log = signedLog({ directory: place, origin: "log.example" });
    expect([steps, vkey ?? log.vkey]).toEqual([steps, log.vkey]);
    log.append({ v: 1, at: "2026-01-01T00:00:00.000Z", type: "session_renewed", app: "app", policy: "p" });
    await log.close?.();
    const verdict = await verifyLog(contentsOf(place), {
      keys: [readVerifierKey(log.vkey)],
      witnesses: [],
      heads: [],
    });
    expect([steps, verdict.fault, verdict.signedSize]).toEqual([steps, null, verdict.size]);
  }
  expect(steps).toBeGreaterThan(20);
});
