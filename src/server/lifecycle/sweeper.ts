/** Tidies up: writes the ends that nobody has asked about yet, so that the audit trail has them promptly, and forgets old ones. */

import { every } from "../platform/clock.js";
import { messageOf } from "../platform/errors.js";
import type { Logger } from "../platform/logger.js";
import type { ServerContext } from "./context.js";
import { settleSession } from "./settle.js";

const SWEEP_INTERVAL = 500;
const BATCH = 200;
/** How many batches are taken one after the other where there are so many. */
const MOST_ROUNDS = 5;
const SWEEPS_PER_PURGE = 120;

/**
 * One sweep: ends every session of this app whose deadline has passed, and tells of ends that nobody was told of yet; at
 * most `BATCH` of them.
 * @returns whether there may be more to do at once
 */
export async function sweep(context: ServerContext): Promise<boolean> {
  const due = await context.store.due(context.app, BATCH);
  // Ends first: they do not wait for anybody who is told of others.
  for (const found of due) if (found.record.ended === null) await settleSession(context, found);
  const ended = due.filter(({ record }) => record.ended !== null);
  for (const { record, now } of ended) await context.notices.retry(record, now);
  let hasRoom = true;
  for (const { record, now } of ended) {
    // Nobody waits here for a receiver that says nothing.
    hasRoom = await context.outbox.hasRoom();
    if (!hasRoom) break;
    await context.outbox.retry(record, now);
  }
  if (context.bursts.hasRest()) context.bursts.tellRest(await context.store.now());
  return hasRoom && due.length === BATCH;
}

/** Sweeps until stopped. A store that does not answer is tried again; the log says so once. */
export function startSweeper(open: () => Promise<ServerContext>, logger: Logger): () => void {
  let sweeps = 0;
  let failing = false;
  return every(SWEEP_INTERVAL, async () => {
    try {
      const context = await open();
      for (let rounds = 0; rounds < MOST_ROUNDS && (await sweep(context)); ) rounds++;
      if (++sweeps % SWEEPS_PER_PURGE === 0) {
        await context.store.purge();
        await context.group?.purge();
      }
      failing = false;
    } catch (error) {
      if (!failing) logger.error(`curfew: the store cannot be swept: ${messageOf(error)}`);
      failing = true;
    }
  });
}
