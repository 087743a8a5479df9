/** What the package tests know of the project: its folder, its manifest, and how to run a program in it. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve, sep } from "node:path";

export const ROOT = resolve(import.meta.dirname, "../..") + sep;

/** The files of a sub-path by condition, in the order in which they are asked for; a condition may have conditions of its own. */
interface Conditions {
  readonly [condition: string]: Conditions | string;
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, Conditions | string>>;
  readonly main: string;
  readonly types: string;
  readonly unpkg: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly scripts: Readonly<
    Partial<Record<"demo" | "test" | "prepack" | "postpack" | "prepublishOnly", string>>
  >;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

export const manifest: Manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));

/** The import specifiers of the package's rooms, such as "curfew/server". */
export const rooms = Object.entries(manifest.exports)
  .filter(([, target]) => typeof target === "object")
  .map(([path]) => path.replace(/^\./, "curfew"));

/** Those that a program takes something from; the other one holds types alone. */
export const roomsWithNames = rooms.filter((room) => room !== "curfew/script-include");

/** The files that the manifest points to. */
export function exportedPaths(): string[] {
  const { main, types, unpkg, bin, exports } = manifest;
  return [main, types, unpkg, ...Object.values(bin), ...Object.values(exports).flatMap(filesOf)];
}

function filesOf(target: Conditions | string): string[] {
  return typeof target === "string" ? [target] : Object.values(target).flatMap(filesOf);
}

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. */
export function runProgram(
  command: string,
  args: readonly string[],
  cwd = ROOT,
  env = process.env,
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const shell = process.platform === "win32" && command === "npm";
    const child = spawn(command, args, { cwd, env, shell, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/** Runs a program of JavaScript in Node without any option that a test runner may have set. */
export function runNode(args: readonly string[], cwd = ROOT): Promise<Outcome> {
  return runProgram(process.execPath, args, cwd);
}
