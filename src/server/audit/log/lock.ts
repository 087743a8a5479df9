/** One process writes a log: a second one is refused. */
import { readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import { hostname } from "node:os";
import { resolve } from "node:path";
import { every, systemClock } from "../../platform/clock.js";
import { isProcessAlive, processId } from "../../platform/environment.js";
import { ConfigurationError } from "../../platform/errors.js";
import { makeWhole } from "../../platform/files.js";
import { lockPath } from "./paths.js";

/** How often a holder says that it is there, and after which silence it is taken for gone. */
const SIGN_OF_LIFE_INTERVAL = 10_000;
const STALE_TIMEOUT = 60_000;

/** Those that this very process writes. */
const own = new Set<string>();

/**
 * Takes the directory for this process.
 * @returns what gives it back
 * @throws ConfigurationError where another process has it
 */
export function lockDirectory(directory: string): () => void {
  const path = resolve(lockPath(directory));
  if (own.has(path)) throw held(directory, path, "this very process");
  if (!take(path)) {
    const [pid = "", host = ""] = readFileSync(path, "utf8").trim().split(" ");
    if (isHeld(path, Number(pid), host)) throw held(directory, path, `process ${pid} on ${host}`);
    rmSync(path, { force: true });
    // Of two processes that see the same, one makes the file.
    if (!take(path)) throw held(directory, path, "a process that has just begun");
  }
  own.add(path);
  const stop = every(SIGN_OF_LIFE_INTERVAL, async () => giveSignOfLife(path));
  return () => {
    stop();
    own.delete(path);
    rmSync(path, { force: true });
  };
}

function giveSignOfLife(path: string): void {
  const now = systemClock.now() / 1_000;
  try {
    utimesSync(path, now, now);
  } catch {
    // Somebody has deleted it: whoever comes next takes the directory.
  }
}

/** In a container each process may be number 1, and the machine's name is new with each: so the file's age counts too. */
function isHeld(path: string, pid: number, host: string): boolean {
  if (host === hostname() && (pid === processId() || !isProcessAlive(pid))) return false;
  const { mtimeMs = 0 } = statSync(path, { throwIfNoEntry: false }) ?? {};
  return systemClock.now() - mtimeMs < STALE_TIMEOUT;
}

function held(directory: string, path: string, holder: string): ConfigurationError {
  return new ConfigurationError(
    `the directory ${JSON.stringify(directory)} is written by ${holder}: give each process a directory of its own. Where that process was killed, wait a minute, or delete ${JSON.stringify(path)}`,
  );
}

function take(path: string): boolean {
  return makeWhole(path, `${processId()} ${hostname()}\n`);
}
