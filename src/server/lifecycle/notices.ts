/**
 * Tells the app of each end at least once (`onEnd`). The duty is written down with the tombstone; it goes only when
 * `onEnd` has returned, so a crash in between leads to another call, never to none.
 */

import { messageOf } from "../platform/errors.js";
import type { Logger } from "../platform/logger.js";
import { unseal } from "../platform/secrets.js";
import type { Policy } from "../policy/policy.types.js";
import type { EndedSession } from "../record/outcome.js";
import type { SessionRecord } from "../record/session.js";
import type { SessionStore } from "../stores/store.js";
import { changeTombstone } from "./change-tombstone.js";
import type { EndNotices } from "./context.js";
import { termsOf } from "./times.js";
import { type EndedSessionInfo, sessionOf } from "./view.js";

/**
 * Destroys the app's own session. Called at least once for each end, with the response where the browser is there; when
 * it throws it is called again later.
 */
export type OnEnd = (session: EndedSessionInfo, response?: unknown) => void | Promise<void>;

interface EndNoticesOptions {
  readonly onEnd: OnEnd | undefined;
  readonly store: SessionStore;
  readonly policy: Policy;
  readonly secret: string;
  readonly logger: Logger;
  readonly onFailure: (record: SessionRecord, now: number, attempts: number) => void;
}

/** While a node calls `onEnd`, no other one does. */
const CLAIM_PERIOD = 30_000;
const FIRST_RETRY = 1_000;
const LAST_RETRY = 60 * 60_000;

export function createEndNotices(options: EndNoticesOptions): EndNotices {
  const { onEnd, store, logger } = options;
  const running = new Set<Promise<void>>();
  const run = async (ended: EndedSession): Promise<void> => {
    const { record, now } = ended;
    const attempts = (record.notice?.attempts ?? 0) + 1;
    try {
      await onEnd?.(endedInfoOf(ended, options));
      await changeTombstone(store, record, (kept) => ({ ...kept, notice: null }));
    } catch (error) {
      logger.error(`curfew: onEnd failed for session ${record.sid}, try ${attempts}: ${messageOf(error)}`);
      options.onFailure(record, now, attempts);
      const wait = Math.min(FIRST_RETRY * 2 ** (attempts - 1), LAST_RETRY);
      const notice = { attempts, nextAt: now + wait };
      // Where this write fails too, the claim runs out and the sweeper finds the record.
      await changeTombstone(store, record, (kept) => ({ ...kept, notice })).catch(() => {});
    }
  };
  const start = (ended: EndedSession): Promise<void> => {
    const work = run(ended).finally(() => running.delete(work));
    running.add(work);
    return work;
  };
  return {
    first: (now) => (onEnd === undefined ? {} : { notice: { attempts: 0, nextAt: now + CLAIM_PERIOD } }),
    deliver(ended) {
      if (onEnd !== undefined) void start(ended);
    },
    async retry(record, now) {
      const { notice } = record;
      if (onEnd === undefined || record.ended === null || !notice || now < notice.nextAt) return;
      const { attempts } = notice;
      const claimed = { ...record, notice: { attempts, nextAt: now + CLAIM_PERIOD } };
      const { outcome } = await store.replace(claimed, { revision: record.revision });
      if (outcome !== "done") return;
      const next = { ...claimed, revision: record.revision + 1 };
      await start({ status: "ended", record: next, end: record.ended, now });
    },
    async tell(ended, response) {
      try {
        await onEnd?.(endedInfoOf(ended, options), response);
      } catch (error) {
        logger.error(`curfew: onEnd failed for session ${ended.record.sid}: ${messageOf(error)}`);
      }
    },
    async settled() {
      await Promise.all(running);
    },
  };
}

/** What the app, or another, is told of an end. */
export function endedInfoOf(
  { record, end }: EndedSession,
  { policy, secret }: Pick<EndNoticesOptions, "policy" | "secret">,
): EndedSessionInfo {
  const id = record.ownId === undefined ? null : unseal(secret, record.ownId);
  return {
    ...sessionOf({ record, terms: termsOf(record, policy) }),
    reason: end.reason,
    endedAt: end.endedAt,
    id,
  };
}
