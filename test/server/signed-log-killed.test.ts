/** The signed log under `kill -9`: a real process writes, and dies at any moment. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readVerifierKey, verifyLog } from "../../src/evidence/index.js";
import { contentsOf } from "../../src/server/audit/log/directory.js";
import { checkpointsPath } from "../../src/server/audit/log/paths.js";

const folder = mkdtempSync(join(tmpdir(), "curfew-killed-"));
const directory = join(folder, "log");
const program = join(folder, "writer.mjs");
const ROUNDS = 12;
/** How much of heads is on the disk. */
const size = () => statSync(checkpointsPath(directory), { throwIfNoEntry: false })?.size ?? 0;

beforeAll(() => {
  const source = fileURLToPath(new URL("../../src/server/audit/log/signed-log.ts", import.meta.url));
  const writer = `
    import { signedLog } from ${JSON.stringify(source)};
    const log = signedLog({ directory: ${JSON.stringify(directory)}, origin: "log.example", checkpointEvery: "100ms" });
    const record = { v: 1, at: "2026-01-01T00:00:00.000Z", type: "session_renewed", app: "app", policy: "p" };
    let ticks = 0;
    setInterval(() => {
      // Whoever kills it may come late.
      if (ticks++ < 100) for (let at = 0; at < 50; at++) log.append(record);
      if (Math.random() < 0.3) void log.checkpoint();
      process.stdout.write(log.append(record).seq + "\\n");
    }, 1);`;
  buildSync({
    stdin: { contents: writer, resolveDir: folder, loader: "ts" },
    outfile: program,
    bundle: true,
    platform: "node",
    format: "esm",
  });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/**
 * Runs the writer until it has written so many records more, and kills it.
 * @param isReady whether it may die
 * @returns the last record that it told of
 */
async function writeAndDie(records: number, isReady: () => boolean): Promise<number> {
  const writer = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "inherit"] });
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

test("no record that was written is lost, none stands twice, and every head that was ever signed still holds", async () => {
  const heads: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    // Every third one dies at any moment after it has signed a head, the others at any moment.
    const signed = size();
    const last = await writeAndDie(37 * round, () => round % 3 > 0 || size() > signed);
    const key = readVerifierKey(readFileSync(join(directory, "log.vkey"), "utf8"));
    const verdict = await verifyLog(contentsOf(directory), { keys: [key], witnesses: [], heads });
    expect(verdict.fault).toBeNull();
    expect(verdict.size).toBeGreaterThan(last);
    for await (const note of contentsOf(directory).checkpoints) if (!heads.includes(note)) heads.push(note);
  }
  expect(heads.length).toBeGreaterThan(0);
});
