/** Ports for the programs that tests start, which must be told theirs beforehand. */
import { closeSync, openSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * The system gives the ports above to whoever asks for any, and to each connection to a server:
 * one of those may be taken before the program has started.
 */
const FIRST = 10_000;
const LAST = 21_999;
/** A cluster of Redis servers speaks on the ports so far above. */
export const BUS_DISTANCE = 10_000;
/** A program has started by then, and whether it listens is seen. */
const CLAIM_PERIOD = 10 * 60_000;

/** A port that nobody listens on, and that no other test is given until a program of this one does. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST + 1));
    if (isClaimed(port) && (await isFree(port)) && (await isFree(port + BUS_DISTANCE))) return port;
  }
}

/** Whether the port is this process's from now on: of those that make one file, one succeeds. */
function isClaimed(port: number): boolean {
  const file = join(tmpdir(), `curfew-test-port-${port}`);
  try {
    closeSync(openSync(file, "wx"));
    return true;
  } catch {
    const madeAt = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (Date.now() - madeAt > CLAIM_PERIOD) rmSync(file, { force: true });
    return false;
  }
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
