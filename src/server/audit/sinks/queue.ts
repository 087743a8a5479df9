/** A bounded queue before a sink that is far away: order is kept, nobody waits, and what finds no room is marked. */
import { later, within } from "../../platform/clock.js";
import { messageOf } from "../../platform/errors.js";
import type { AuditRecord, AuditSink } from "../audit-record.js";
import { createGap } from "../gap.js";

/** The other side has taken none of these and never will: they are tried in smaller batches, and one alone is left out. */
export class BatchRefusedError extends Error {
  override readonly name = "BatchRefusedError";
}

interface QueueTarget {
  /** What the log calls it, without secrets. */
  readonly name: string;
  /** How many records are sent at once, at most. */
  readonly batch: number;
  /** Resolves once they are there. @throws BatchRefusedError, or any other error where they are to be sent again */
  send(records: readonly AuditRecord[]): Promise<void>;
  close?(): void;
}

export interface QueueLimits {
  readonly capacity: number;
  readonly whenLost: "continue" | "refuse";
}

/** A sink behind a queue. */
export interface QueuedSink extends AuditSink {
  write(record: AuditRecord): void;
  close(): Promise<void>;
  /** How many records may wait. */
  readonly capacity: number;
  /** Resolves once none waits any more. */
  flush(): Promise<void>;
}

const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 60_000;
/** How long a close waits for the rest to be taken. */
const CLOSE_PERIOD = 5_000;
/** Calls that are under way when the queue is this full still find room for their records. */
const REFUSED_FROM = 0.9;

export function queued(target: QueueTarget, { capacity, whenLost }: QueueLimits): QueuedSink {
  let waiting: AuditRecord[] = [];
  const gap = createGap();
  let tell: (trouble: unknown) => void = () => {};
  let pump: Promise<void> | null = null;
  let isClosing = false;
  let isFailing = false;
  let isOverflowing = false;
  let isRefused = false;
  let wake = () => {};
  const flushing: (() => void)[] = [];

  const put = (record: AuditRecord) => {
    const room = capacity - waiting.length;
    if (room < (gap.count > 0 ? 2 : 1)) {
      gap.lose(record);
      if (!isOverflowing)
        tell(
          new Error(
            `${target.name} takes no records, and ${capacity} wait for it: what follows is lost to it, and marked (audit_gap)`,
          ),
        );
      isOverflowing = true;
      return;
    }
    markGap();
    isOverflowing = false;
    waiting.push(record);
  };
  const markGap = () => {
    const mark = gap.mark();
    if (mark !== null) waiting.push(mark);
  };
  const pause = (length: number) =>
    new Promise<void>((resolve) => {
      const stop = later(length, async () => resolve());
      wake = () => {
        stop();
        resolve();
      };
    });
  const taken = (count: number) => {
    waiting = waiting.slice(count);
    if (waiting.length === 0) for (const resolve of flushing.splice(0)) resolve();
  };
  /** Sends what stands in front. @throws where it is to be sent again */
  const sendSome = async (most: number): Promise<void> => {
    const records = waiting.slice(0, most);
    try {
      await target.send(records);
      taken(records.length);
      isRefused = false;
    } catch (error) {
      if (!(error instanceof BatchRefusedError)) throw error;
      const [only] = records;
      if (records.length > 1 || only === undefined) return await sendSome(Math.ceil(records.length / 2));
      taken(1);
      gap.lose(only);
      if (isRefused) return;
      isRefused = true;
      tell(
        new Error(`${target.name} refuses a record, which is left out (${only.type}): ${messageOf(error)}`),
      );
    }
  };
  const run = async (): Promise<void> => {
    let wait = 0;
    // What comes in one go is one batch.
    await null;
    while (waiting.length > 0) {
      try {
        await sendSome(target.batch);
        isFailing = false;
        wait = 0;
        // A mark that would be refused like the record before it waits for the next one.
        if (waiting.length === 0 && !isRefused) markGap();
      } catch (error) {
        if (!isFailing)
          tell(
            new Error(`${target.name} takes no records: ${messageOf(error)}. They wait, and are sent again`),
          );
        isFailing = true;
        if (isClosing) return;
        wait = Math.min(Math.max(FIRST_PAUSE, 2 * wait), LONGEST_PAUSE);
        await pause(wait);
      }
    }
  };
  const begin = () => {
    pump ??= run().finally(() => {
      pump = null;
    });
  };
  return {
    onTrouble(listener) {
      tell = listener;
    },
    isRefusing: () => whenLost === "refuse" && waiting.length >= REFUSED_FROM * capacity,
    write(record) {
      put(record);
      begin();
    },
    capacity,
    flush: () =>
      waiting.length === 0 ? Promise.resolve() : new Promise((resolve) => void flushing.push(resolve)),
    async close() {
      isClosing = true;
      wake();
      begin();
      await within(CLOSE_PERIOD, pump ?? Promise.resolve(), () => new Error("late")).catch(() => {});
      const left = waiting.length + gap.count;
      waiting = [];
      target.close?.();
      if (left > 0) tell(new Error(`${left} audit records were not taken by ${target.name} before the end`));
    },
  };
}
