/** Watches the trail while it is written, beside the requests: records wait in a queue, and the rules run when the process has time. */
import type { AuditRecord } from "../audit/audit-record.js";
import type { RecordReader } from "../audit/audit-trail.js";
import { later } from "../platform/clock.js";
import { messageOf } from "../platform/errors.js";
import type { Logger } from "../platform/logger.js";
import type { Alert, Watcher } from "./alert.js";

interface LiveWatchOptions {
  readonly watcher: Watcher;
  readonly logger: Logger;
  /** Writes the alert, and tells of it. Never throws. */
  readonly raise: (alert: Alert) => void;
}

/** What waits at most: some seconds of a busy node. */
const MOST_WAITING = 20_000;
/** So many at a time, so that requests come in between: about 5 ms. */
const AT_ONCE = 200;

export function createLiveWatch({ watcher, logger, raise }: LiveWatchOptions): RecordReader {
  let waiting: AuditRecord[] = [];
  let isTurnDue = false;
  let isOverrun = false;
  const failed = new Set<string>();
  const look = (record: AuditRecord) => {
    try {
      for (const alert of watcher.see(record)) raise(alert);
    } catch (error) {
      // A rule that fails once fails again and again.
      if (failed.has(record.type)) return;
      failed.add(record.type);
      logger.error(`curfew: the watch cannot read a record (${record.type}): ${messageOf(error)}`);
    }
  };
  const turn = async () => {
    const now = waiting.slice(0, AT_ONCE);
    waiting = waiting.slice(AT_ONCE);
    for (const record of now) look(record);
    isTurnDue = waiting.length > 0;
    if (isTurnDue) later(0, turn);
    else isOverrun = false;
  };
  const lose = () => {
    if (!isOverrun) logger.warn("curfew: records come faster than the watch can read; it leaves some out");
    isOverrun = true;
  };
  return {
    see(record) {
      if (record.type === "alert_raised") return;
      if (waiting.length >= MOST_WAITING) return lose();
      waiting.push(record);
      if (!isTurnDue) later(0, turn);
      isTurnDue = true;
    },
    close() {
      for (const record of waiting) look(record);
      waiting = [];
    },
  };
}
