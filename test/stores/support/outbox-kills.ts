/** Kills nodes with SIGKILL, each at another step of ending sessions and telling of them, and counts what was lost of it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { json, text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { sweep } from "../../../src/server/lifecycle/sweeper.js";
import type { SessionStore } from "../../../src/server/stores/store.js";
import { openedNode } from "../../server/support/opened-node.js";
import type { TestClock } from "../../server/support/test-clock.js";

interface Kills {
  /** What a process needs to reach the store (`outbox-process.ts`). */
  readonly reach: readonly string[];
  /** The same store, by this clock. */
  readonly open: () => SessionStore;
  readonly clock: TestClock;
  /** At which step each node kills itself, from 1 on. */
  readonly steps: readonly number[];
  /** How many nodes run at a time. */
  readonly atATime: number;
}

interface Killed {
  /** How many nodes were killed; the others had come to their end before. */
  readonly kills: number;
  /** How many ends the store has, and how many of them were acknowledged. */
  readonly ends: number;
  readonly acknowledged: number;
  /** Ends that nobody was told of, or that were acknowledged and are not there. */
  readonly lost: readonly string[];
  /** Sessions whose second message came before their first. */
  readonly outOfOrder: readonly string[];
  /** Deliveries beyond the first of each message. */
  readonly repeated: number;
}

const SCRIPT = fileURLToPath(new URL("outbox-process.ts", import.meta.url));
const SESSIONS = 2;
const GENERATION = 31_000;

export async function killAtSteps({ reach, open, clock, steps, atATime }: Kills): Promise<Killed> {
  const told: string[] = [];
  let count = 0;
  const server = createServer(async (request, response) => {
    const { id, sid } = (await json(request)) as { readonly id: string; readonly sid: string };
    // Now and then it fails before it has taken anything.
    if (++count % 10 === 0) return void response.writeHead(500).end();
    told.push(`${sid} ${id.endsWith(" before") ? "before" : "ended"}`);
    response.writeHead(204).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/`;
  const acknowledged: string[] = [];
  let kills = 0;
  for (let first = 0; first < steps.length; first += atATime) {
    clock.advance(GENERATION);
    const startAt = String(clock.now());
    const run = async (step: number, index: number) => {
      const args = [url, startAt, `node${first + index}`, String(SESSIONS), String(step), ...reach];
      const child = spawn(process.execPath, ["--import", "tsx", SCRIPT, ...args], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const [lines] = await Promise.all([text(child.stdout), once(child, "close")]);
      acknowledged.push(...lines.split("\n").filter((line) => line !== ""));
      if (child.signalCode === "SIGKILL") kills++;
      else if (child.exitCode !== 0) throw new Error(`a node ended with ${child.exitCode}`);
    };
    await Promise.all(steps.slice(first, first + atATime).map(run));
  }
  const store = open();
  const webhook = { url, secret: "webhook-secret-of-the-tests-0123456789" };
  const { context } = await openedNode({ store, webhook });
  const ended = new Set<string>();
  for (let waiting = 1; waiting > 0; ) {
    clock.advance(GENERATION);
    for (let sweeps = 0; sweeps < 4; sweeps++) {
      await sweep(context);
      await context.outbox.settled();
    }
    waiting = 0;
    for await (const record of store.all(context.app)) {
      if (record.ended === null) continue;
      ended.add(record.sid);
      waiting += record.outbox?.length ?? 1;
    }
  }
  await store.close();
  server.close();
  const whole = [...new Set([...ended, ...acknowledged])];
  return {
    kills,
    ends: ended.size,
    acknowledged: acknowledged.length,
    lost: whole.filter((sid) => !ended.has(sid) || !told.includes(`${sid} ended`)),
    outOfOrder: whole.filter((sid) => !isInOrder(told, sid)),
    repeated: told.length - new Set(told).size,
  };
}

/** Once the second is told of, the first has been, and is not told of again. */
function isInOrder(told: readonly string[], sid: string): boolean {
  if (sid.endsWith("-0")) return true;
  return told.includes(`${sid} before`) && told.indexOf(`${sid} ended`) > told.lastIndexOf(`${sid} before`);
}
