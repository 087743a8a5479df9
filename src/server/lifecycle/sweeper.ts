/** Tidies up: writes the ends that nobody has asked about yet, so that the audit trail has them promptly, and forgets old ones. */

import { afterThisTurn, every, systemClock } from "../platform/clock.js";
import { messageOf } from "../platform/errors.js";
import type { Logger } from "../platform/logger.js";
import type { Found } from "../stores/store.js";
import type { ServerContext } from "./context.js";
import { settleSession } from "./settle.js";

const SWEEP_INTERVAL = 500;
/** How often the nodes are compared: 10 s. Each tells of itself every 30 s, and another is to be noticed within 90 s. */
const COMPARE_INTERVAL = 10_000;
/** How often a node looks for alerts that are to be told. */
const TELL_INTERVAL = 1_000;
const BATCH = 200;
/** How many batches without an end are taken at a time: who is told of ends may be told of the same ones again and again. */
const MOST_IDLE_ROUNDS = 5;
/** How many ends are written side by side: a store answers many in the time of one, and no request waits long for its turn. */
const LANES = 16;
/** For how long a store in this process keeps others waiting, who came after it had begun: 4 ms. */
const LONGEST_TURN = 4;
const SWEEPS_PER_PURGE = 120;

/**
 * One sweep: ends every session of this app whose deadline has passed, and tells of ends that nobody was told of yet; at
 * most `BATCH` of them, and none from when it is stopped.
 * @returns whether there may be more to do at once, and whether sessions have ended, which takes them from what is due
 */
export async function sweep(
  context: ServerContext,
  isStopped = () => false,
): Promise<{ readonly isFull: boolean; readonly hasEnded: boolean }> {
  const due = await context.store.due(context.app, BATCH);
  // Ends first: they do not wait for anybody who is told of others.
  const over = groupsOf(due.filter(({ record }) => record.ended === null));
  await inLanes(over, async (group) => {
    for (const found of group) if (!isStopped()) await settleSession(context, found);
  });
  const ended = due.filter(({ record }) => record.ended !== null);
  for (const { record, now } of ended) await context.endRecords.retry(record, now);
  for (const { record, now } of ended) await context.notices.retry(record, now);
  let hasRoom = true;
  for (const { record, now } of ended) {
    // Nobody waits here for a receiver that says nothing.
    hasRoom = await context.outbox.hasRoom();
    if (!hasRoom) break;
    await context.outbox.retry(record, now);
  }
  if (context.bursts.hasRest()) context.bursts.tellRest(await context.store.now());
  return { isFull: hasRoom && due.length === BATCH, hasEnded: ended.length < due.length };
}

/** By subject: what is remembered of one is written once after the other. */
function groupsOf(sessions: readonly Found[]): readonly (readonly Found[])[] {
  const groups = new Map<string, Found[]>();
  for (const found of sessions) {
    const { subject } = found.record;
    const group = groups.get(subject) ?? [];
    group.push(found);
    groups.set(subject, group);
  }
  return [...groups.values()];
}

async function inLanes<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  // The lanes share what is left, and a turn for those who wait.
  const rest = items.values();
  let turnedAt = systemClock.monotonic();
  let turn = Promise.resolve();
  const lane = async () => {
    for (const item of rest) {
      await turn;
      await work(item);
      if (systemClock.monotonic() - turnedAt < LONGEST_TURN) continue;
      turnedAt = Number.POSITIVE_INFINITY;
      turn = new Promise<void>(afterThisTurn).then(() => {
        turnedAt = systemClock.monotonic();
      });
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

/**
 * Sweeps until stopped. A store that does not answer is tried again; the log says so once.
 * @returns stops it, and resolves when nothing of it is under way
 */
export function startSweeper(open: () => Promise<ServerContext>, logger: Logger): () => Promise<void> {
  let sweeps = 0;
  let failing = false;
  let isStopped = false;
  let running = Promise.resolve();
  const run = async () => {
    try {
      const context = await open();
      for (let idle = 0; idle < MOST_IDLE_ROUNDS && !isStopped; ) {
        const { isFull, hasEnded } = await sweep(context, () => isStopped);
        if (!isFull) break;
        if (!hasEnded) idle++;
        // After each batch those who wait get their turn, however many have expired.
        await new Promise<void>(afterThisTurn);
      }
      if (++sweeps % SWEEPS_PER_PURGE === 0) {
        await context.store.purge();
        await context.group?.purge();
      }
      failing = false;
    } catch (error) {
      if (!failing) logger.error(`curfew: the store cannot be swept: ${messageOf(error)}`);
      failing = true;
    }
  };
  const stop = every(SWEEP_INTERVAL, () => {
    running = run();
    return running;
  });
  return () => {
    isStopped = true;
    stop();
    return running;
  };
}

/** Compares the nodes until stopped. */
export function startComparing(open: () => Promise<ServerContext>, logger: Logger): () => void {
  const work = async () => (await open()).nodes.tend();
  return startTending(COMPARE_INTERVAL, work, "the nodes cannot be compared", logger);
}

/** Tells of alerts until stopped. */
export function startTelling(open: () => Promise<ServerContext>, logger: Logger): () => void {
  const work = async () => (await open()).alerts?.tend();
  return startTending(TELL_INTERVAL, work, "alerts cannot be told", logger);
}

/** Where it fails it is tried again; the log says so once. */
function startTending(
  interval: number,
  work: () => Promise<void>,
  failure: string,
  logger: Logger,
): () => void {
  let failing = false;
  return every(interval, async () => {
    try {
      await work();
      failing = false;
    } catch (error) {
      if (!failing) logger.error(`curfew: ${failure}: ${messageOf(error)}`);
      failing = true;
    }
  });
}
