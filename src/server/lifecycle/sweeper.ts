/** Tidies up: writes the ends that nobody has asked about yet, so that the audit trail has them promptly, and forgets old ones. */

import { every } from "../platform/clock.js";
import { messageOf } from "../platform/errors.js";
import type { Logger } from "../platform/logger.js";
import type { ServerContext } from "./context.js";
import { settleSession } from "./settle.js";

const SWEEP_INTERVAL = 500;
const BATCH = 200;
const SWEEPS_PER_PURGE = 120;

/** One sweep: ends every session of this app whose deadline has passed, and tells of ends that nobody was told of yet; at most `BATCH` of them. */
export async function sweep(context: ServerContext): Promise<void> {
  for (const found of await context.store.due(context.app, BATCH)) {
    if (found.record.ended === null) await settleSession(context, found);
    else await context.notices.retry(found.record, found.now);
  }
  if (context.bursts.hasRest()) context.bursts.tellRest(await context.store.now());
}

/** Sweeps until stopped. A store that does not answer is tried again; the log says so once. */
export function startSweeper(open: () => Promise<ServerContext>, logger: Logger): () => void {
  let sweeps = 0;
  let failing = false;
  return every(SWEEP_INTERVAL, async () => {
    try {
      const context = await open();
      await sweep(context);
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
