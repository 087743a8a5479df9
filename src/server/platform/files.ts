/** Files that hold sessions or say who did what: made for their owner alone, and told of where others can get at them. */
import { closeSync, fsyncSync, linkSync, openSync, realpathSync, rmSync, statSync, writeSync } from "node:fs";
import { hasFileModes } from "./environment.js";
import { codeOf } from "./errors.js";
import { randomText } from "./secrets.js";

const OWNER_ONLY = 0o600;
const OTHERS = 0o077;

/** Opens a file to append to, and makes it, whatever the umask, for its owner alone. */
export function openForOwner(path: string): number {
  return openSync(path, "a", OWNER_ONLY);
}

/**
 * Makes a file with all that it is to hold, on the disk: a process that is killed meanwhile leaves no file, and none that is empty.
 * @returns false where there is one already
 */
export function makeWhole(path: string, text: string, mode = OWNER_ONLY): boolean {
  const beside = `${path}.${randomText(6)}`;
  try {
    makeFile(beside, text, mode);
    try {
      linkSync(beside, path);
    } catch (error) {
      if (codeOf(error) === "EEXIST") return false;
      // Where the disk knows no second name of a file.
      makeFile(path, text, mode);
    }
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(beside, { force: true });
  }
}

function makeFile(path: string, text: string, mode: number): void {
  const file = openSync(path, "wx", mode);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Where a link leads; the path itself where there is none. */
export function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** The command that takes the files away from all but their owner; null where nobody else can get at them. */
export function narrowingOf(paths: readonly string[]): string | null {
  const wide = hasFileModes() ? paths.filter(isWide) : [];
  return wide.length === 0 ? null : `chmod go= ${wide.map(quoted).join(" ")}`;
}

function isWide(path: string): boolean {
  return ((statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & OTHERS) !== 0;
}

/** As a shell reads it. */
function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
