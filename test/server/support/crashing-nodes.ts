/** Nodes that are killed one after the other over one store and one signed log, as days go by. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  utimesSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { expect } from "vitest";
import { contentsOf, segmentsIn } from "../../../src/server/audit/log/directory.js";
import { recordsPath } from "../../../src/server/audit/log/paths.js";
import { pruneLog } from "../../../src/server/audit/log/prune.js";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const START = Date.parse("2026-01-01T08:00:00.000Z");
const [MINUTE, DAY] = [60_000, 86_400_000];
/** A node that nobody kills takes about so many steps. */
const STEPS = 700;
const TURNS_A_DAY = 5;

/** Six minutes lie between two nodes, and now and then a night, in which all sessions end. */
export function timeOf(turn: number): number {
  return START + turn * 6 * MINUTE + Math.floor(turn / TURNS_A_DAY) * DAY;
}

/** By and by each step, in an order that begins with steps far apart; where there are many by hand, any. */
function stepOf(turn: number): number {
  const isByHand = process.env.CURFEW_CRASHES !== undefined;
  return 1 + (isByHand ? Math.floor(Math.random() * STEPS) : (turn * 263) % STEPS);
}

export interface CrashingNodes {
  readonly directory: string;
  readonly tally: { killed: number; closed: number; pruned: number };
  /** A node begins and is killed. On some turns the log is pruned meanwhile. */
  run(turn: number): Promise<void>;
  /** What browsers were told: sids, and heartbeats that were accepted. */
  acknowledged(): readonly string[];
  /** The parsed lines of the log, with those that were pruned. */
  trail(): readonly Readonly<Record<string, unknown>>[];
  /** Puts back what was pruned. */
  restore(): void;
}

export function crashingNodes(folder: string): CrashingNodes {
  const [program, archive, directory] = ["program", "archive", "audit"].map((name) => join(folder, name));
  if (program === undefined || archive === undefined || directory === undefined) throw new Error("no folder");
  const script = bundledInto(program);
  mkdirSync(archive);
  const tally = { killed: 0, closed: 0, pruned: 0 };
  const pruneAt = (now: number) => {
    for (const { first, hasRecords } of segmentsIn(directory)) {
      const copy = recordsPath(archive, first);
      if (hasRecords && !existsSync(copy)) linkSync(recordsPath(directory, first), copy);
    }
    tally.pruned += pruneLog(directory, now - DAY).records;
  };
  return {
    directory,
    tally,
    async run(turn) {
      const now = timeOf(turn);
      const node = spawn(process.execPath, [script, folder, ...[now, stepOf(turn), turn].map(String)], {
        cwd: ROOT,
        stdio: ["ignore", "ignore", "inherit"],
      });
      const gone = once(node, "exit");
      if (turn % (2 * TURNS_A_DAY) === 2 * TURNS_A_DAY - 1) pruneAt(now);
      await gone;
      if (node.signalCode !== "SIGKILL") expect(node.exitCode).toBe(0);
      if (node.signalCode === "SIGKILL") tally.killed++;
      else tally.closed++;
      // The files are of the day that the node believed in.
      const last = existsSync(directory) ? segmentsIn(directory).at(-1) : undefined;
      if (last?.hasRecords) utimesSync(recordsPath(directory, last.first), now / 1_000, now / 1_000);
    },
    acknowledged: () => readFileSync(join(folder, "acknowledged"), "utf8").trimEnd().split("\n"),
    trail: () =>
      [...new Set([archive, directory].flatMap((place) => recordFilesIn(place)))]
        .sort()
        .map((name) =>
          readFileSync(join(existsSync(join(directory, name)) ? directory : archive, name), "utf8"),
        )
        .flatMap((text) => text.split("\n").filter((line) => line !== ""))
        .map((line) => JSON.parse(line)),
    restore() {
      for (const name of recordFilesIn(archive))
        if (!existsSync(join(directory, name))) linkSync(join(archive, name), join(directory, name));
    },
  };
}

function recordFilesIn(place: string): readonly string[] {
  return readdirSync(place).filter((name) => name.endsWith(".jsonl"));
}

/** As one file a process begins in a tenth of the time. It reads its version where the package has it. */
function bundledInto(program: string): string {
  const script = join(program, "src/server/platform/node.mjs");
  buildSync({
    entryPoints: [fileURLToPath(new URL("./crashing-process.ts", import.meta.url))],
    outfile: script,
    bundle: true,
    platform: "node",
    format: "esm",
    // Packages of CommonJS ask for modules of Node's.
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
  });
  copyFileSync(join(ROOT, "package.json"), join(program, "package.json"));
  return script;
}

/** The newest head of the log: what somebody would note. */
export async function lastHeadOf(directory: string): Promise<string[]> {
  let last: string[] = [];
  for await (const note of contentsOf(directory).checkpoints) last = [note];
  return last;
}
