/** What the process's environment says; the only file of the server that reads it. */
import { resolve } from "node:path";
import { codeOf } from "./errors.js";

export function environmentName(): string | undefined {
  return process.env.NODE_ENV;
}

/** Whether a file's mode says who may read it; Windows has access lists instead. */
export function hasFileModes(): boolean {
  return process.platform !== "win32";
}

/** Files that the program's own packages are looked for from: the one that was started, and any in the folder that it was started in. */
export function programPlaces(): readonly string[] {
  return [process.argv[1] ?? "", "program.js"].map((file) => resolve(file));
}

export function processId(): number {
  return process.pid;
}

/** Whether a process of this machine is there; one of another user's counts. */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}
