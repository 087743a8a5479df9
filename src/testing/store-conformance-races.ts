/** Races between a heartbeat, an end, a slow request and the deadline: whatever comes first, an end stays. */
import assert from "node:assert/strict";
import type { SessionRecord } from "../server/record/session.js";
import type { Found, SessionStore } from "../server/stores/store.js";
import { deadlinesOf } from "../session/deadlines.js";
import type { SessionEnd } from "../session/end.js";
import { IDLE_TIMEOUT, inserted } from "./store-conformance-records.js";
import type { Check } from "./store-conformance-types.js";

const BATCH = 100;
/** Of so many races one may prove nothing, as the store did not answer in it. */
const VOID_ONE_IN = 100;

/** One write that a store says it has done. */
interface Written {
  readonly record: SessionRecord;
  readonly now: number;
}

type Actor = (store: SessionStore, sid: string) => Promise<readonly Written[]>;
type Chance = (below: number) => number;

/** Runs that many races, a batch at a time; in every other batch the deadline comes in the middle. */
export function racesCheck(races: number): Check {
  return async ({ store, peer, advance }) => {
    const chance = chanceFrom(races);
    const failures: unknown[] = [];
    const unlessVoid = (error: unknown) => {
      if (error instanceof assert.AssertionError) throw error;
      failures.push(error);
    };
    for (let first = 0; first < races; first += BATCH) {
      const sids = [...Array(Math.min(BATCH, races - first)).keys()].map((at) => `race-${first + at}`);
      await Promise.all(sids.map((sid) => inserted(store, sid)));
      const deadlineAt = (first / BATCH) % 2 === 1 ? chance(sids.length) : -1;
      if (deadlineAt >= 0) await advance(IDLE_TIMEOUT - 1);
      const running: Promise<void>[] = [];
      for (const [at, sid] of sids.entries()) {
        running.push(race([store, peer], sid, chance).catch(unlessVoid));
        if (at === deadlineAt) await advance(1);
        else if (chance(4) === 0) await ticks(chance(20));
      }
      await Promise.all(running);
    }
    if (failures.length > races / VOID_ONE_IN) throw failures[0];
  };
}

async function race(
  nodes: readonly [SessionStore, SessionStore],
  sid: string,
  chance: Chance,
): Promise<void> {
  const [store, peer] = nodes;
  const slow = await store.find(sid);
  assert.ok(slow);
  const actors: readonly Actor[] = chance(2) === 0 ? [heartbeat, end] : [end, heartbeat];
  const waits = actors.map(() => chance(8));
  const written = await Promise.all(
    actors.map(async (act, at) => {
      await ticks(waits[at] ?? 0);
      return act(chance(2) === 0 ? store : peer, sid);
    }),
  );
  await judge(nodes, slow, written.flat());
}

async function judge(
  [store, peer]: readonly [SessionStore, SessionStore],
  slow: Found,
  written: readonly Written[],
): Promise<void> {
  const history = [...written].sort((a, b) => a.record.revision - b.record.revision);
  const last = history.at(-1);
  assert.ok(last, "nobody could write");
  assert.deepEqual(
    history.map(({ record }) => record.revision),
    history.map((_write, at) => at + 1),
    "two writes of one revision were both done",
  );
  assert.deepEqual(
    history.map(({ record }) => record.ended !== null),
    history.map((write) => write === last),
    "something was written after the end",
  );
  const { expiresAt } = deadlinesOf(slow.record);
  for (const { record, now } of history)
    assert.ok(record.ended?.reason === "idle" || now < expiresAt, "a write came through after the deadline");
  const revived = { ...slow.record, lastActiveAt: last.now };
  for (const expected of [slow.record, { revision: last.record.revision - 1, before: expiresAt }]) {
    const { outcome } = await peer.replace(revived, expected);
    assert.equal(outcome, "changed", "a request that began before the end brought the session back");
  }
  assert.deepEqual((await store.find(slow.record.sid))?.record, last.record);
}

/** Extends by the rules: only what lives, and only before its deadline as it was at the start of the race. */
const heartbeat: Actor = async (store, sid) => {
  const found = await store.find(sid);
  if (found === null || found.record.ended !== null) return [];
  const { record } = found;
  const { expiresAt } = deadlinesOf(record);
  const next = { ...record, nonce: `${record.nonce}+` };
  const { outcome, now } = await store.replace(next, { revision: record.revision, before: expiresAt });
  return outcome === "done" ? [{ record: { ...next, revision: record.revision + 1 }, now }] : [];
};

/** Ends by the rules, again until there is an end. */
const end: Actor = async (store, sid) => {
  for (;;) {
    const found = await store.find(sid);
    assert.ok(found, "the record is gone");
    const { record, now } = found;
    if (record.ended !== null) return [];
    const { expiresAt } = deadlinesOf(record);
    const isOver = now >= expiresAt;
    const ended: SessionEnd = isOver
      ? { reason: "idle", endedAt: expiresAt }
      : { reason: "signed-out", endedAt: now };
    const expected = isOver ? record : { revision: record.revision, before: expiresAt };
    const written = await store.replace({ ...record, ended }, { ...expected });
    if (written.outcome === "done")
      return [{ record: { ...record, ended, revision: record.revision + 1 }, now: written.now }];
  }
};

async function ticks(count: number): Promise<void> {
  for (let at = 0; at < count; at++) await Promise.resolve();
}

/** The same numbers in every run, so that a race that was lost can be run again (a linear congruential generator). */
function chanceFrom(seed: number): Chance {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
