/** Programs that tests start: they say on a line when they are ready, and are stopped by their own handle. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { paced } from "../../timing.js";

export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

export interface Program {
  readonly child: ChildProcess;
  /** The lines that it has said so far, on both outputs. */
  readonly lines: readonly string[];
  /** The first line, past or to come, that the pattern matches. */
  line(pattern: RegExp): Promise<RegExpExecArray>;
  /** Sends a signal; resolves with the exit code once the process is gone. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** Resolves with the exit code at the end. */
  readonly ended: Promise<number | null>;
}

const PATIENCE = paced(60_000);

export function startProgram(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Program {
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const tell = () => {
    for (const look of waiting) look();
  };
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      tell();
    });
  const ended = once(child, "close").then(([code]) => {
    tell();
    return code as number | null;
  });
  return {
    child,
    lines,
    ended,
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const done = (outcome: () => void) => {
          waiting.delete(look);
          clearTimeout(timer);
          outcome();
        };
        const told = () => new Error(`${command} did not say ${String(pattern)}:\n${lines.join("\n")}`);
        const look = () => {
          const found = lines.map((line) => pattern.exec(line)).find((match) => match !== null);
          if (found) done(() => resolve(found));
          else if (child.exitCode !== null || child.signalCode !== null) done(() => reject(told()));
        };
        const timer = setTimeout(() => done(() => reject(told())), PATIENCE);
        waiting.add(look);
        look();
      }),
    async stop(signal = "SIGTERM") {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      return ended;
    },
  };
}

export interface Folder {
  readonly path: string;
  file(name: string): string;
  remove(): void;
}

export function temporaryFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), "curfew-cli-"));
  return {
    path,
    file: (name) => join(path, name),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
