/** Files that hold sessions or say who did what: made for their owner alone, and told of where others can get at them. */
import { openSync, realpathSync, statSync } from "node:fs";
import { hasFileModes } from "./environment.js";

const OWNER_ONLY = 0o600;
const OTHERS = 0o077;

/** Opens a file to append to, and makes it, whatever the umask, for its owner alone. */
export function openForOwner(path: string): number {
  return openSync(path, "a", OWNER_ONLY);
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
