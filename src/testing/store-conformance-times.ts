/** The promises of a store about time: its clock, what is due, what is forgotten. */
import assert from "node:assert/strict";
import { keepingOf, type SessionRecord } from "../server/record/session.js";
import type { SessionStore } from "../server/stores/store.js";
import { APP, IDLE_TIMEOUT, inserted, insertedMany, listed, subjectAt } from "./store-conformance-records.js";
import type { Checks } from "./store-conformance-types.js";

const MANY = 500;

export async function dueIn(store: SessionStore, limit = 10): Promise<readonly string[]> {
  return (await store.due(APP, limit)).map(({ record }) => record.sid).sort();
}

export const DUE_CHECKS: Checks = [
  [
    "hands out a session from its deadline on, to the millisecond, until it is changed",
    async ({ store, peer, advance }) => {
      const record = await inserted(store, "a");
      await inserted(store, "b", { app: "other" });
      await advance(IDLE_TIMEOUT - 1);
      assert.deepEqual(await store.due(APP, 10), []);
      await advance(1);
      const now = await store.now();
      for (const one of [store, peer, store])
        assert.deepEqual(await one.due(APP, 10), [{ record, subject: null, now }]);
      const ended = { reason: "idle", endedAt: now } as const;
      await store.replace({ ...record, ended }, { revision: 0 });
      for (const one of [store, peer]) assert.deepEqual(await one.due(APP, 10), []);
    },
  ],
  [
    "follows a deadline that a heartbeat has moved",
    async ({ store, peer, advance }) => {
      const record = await inserted(store, "a");
      await advance(IDLE_TIMEOUT / 2);
      const lastActiveAt = await store.now();
      await store.replace({ ...record, lastActiveAt }, { revision: 0 });
      await advance(IDLE_TIMEOUT / 2);
      for (const one of [store, peer]) assert.deepEqual(await dueIn(one), []);
      await advance(IDLE_TIMEOUT / 2 - 1);
      assert.deepEqual(await dueIn(peer), []);
      await advance(1);
      assert.deepEqual(await dueIn(peer), ["a"]);
    },
  ],
  [
    "follows a deadline that has become earlier",
    async ({ store, advance }) => {
      const record = await inserted(store, "a");
      await store.replace({ ...record, idleTimeout: IDLE_TIMEOUT / 4 }, { revision: 0 });
      await advance(IDLE_TIMEOUT / 4);
      assert.deepEqual(await dueIn(store), ["a"]);
    },
  ],
  [
    "hands out an ended session when its notice is due, again as often as that is put off",
    async ({ store, peer, advance }) => {
      const record = await inserted(store, "a");
      const now = await store.now();
      const ended = { reason: "revoked", endedAt: now } as const;
      const noticeAt = (nextAt: number, revision: number) =>
        store.replace({ ...record, ended, notice: { attempts: revision, nextAt } }, { revision });
      await noticeAt(now, 0);
      assert.deepEqual(await dueIn(peer), ["a"]);
      await noticeAt(now + 1_000, 1);
      assert.deepEqual(await dueIn(peer), []);
      await advance(1_000);
      assert.deepEqual(await dueIn(peer), ["a"]);
      await store.replace({ ...record, ended, notice: null }, { revision: 2 });
      await advance(2 * IDLE_TIMEOUT);
      assert.deepEqual(await dueIn(peer), []);
    },
  ],
  [
    "hands out at most as many as asked for, and all of them in turn",
    async ({ store, advance }) => {
      const records: SessionRecord[] = [];
      for (let at = 0; at < 7; at++) records.push(await inserted(store, `sid-${at}`));
      await advance(IDLE_TIMEOUT / 2);
      const lastActiveAt = await store.now();
      for (const record of records.slice(0, 3))
        await store.replace({ ...record, lastActiveAt }, { revision: 0 });
      await advance(IDLE_TIMEOUT / 2);
      const seen: string[] = [];
      for (let batch = await store.due(APP, 3); batch.length > 0; batch = await store.due(APP, 3)) {
        assert.ok(batch.length <= 3);
        for (const { record, now } of batch) {
          seen.push(record.sid);
          await store.replace({ ...record, ended: { reason: "idle", endedAt: now } }, record);
        }
      }
      assert.deepEqual(new Set(seen), new Set(["sid-3", "sid-4", "sid-5", "sid-6"]));
      assert.equal(seen.length, 4);
    },
  ],
];

/** Apart from the others for its size. */
const BEHIND_MANY: Checks = [
  [
    "hands out what is due behind many whose deadlines have moved",
    async ({ store, peer, advance }) => {
      const sids = [...Array(MANY).keys()].map((at) => `sid-${at}`);
      const records = await insertedMany(store, sids);
      await advance(1);
      await inserted(store, "due");
      await advance(IDLE_TIMEOUT / 2);
      const lastActiveAt = await store.now();
      await Promise.all(records.map((record) => store.replace({ ...record, lastActiveAt }, { revision: 0 })));
      await advance(IDLE_TIMEOUT / 2);
      assert.deepEqual(await dueIn(peer, 1), ["due"]);
    },
  ],
];

export const KEEPING_CHECKS: Checks = [
  ...BEHIND_MANY,
  [
    "forgets a record, its secret and its subject from their time on, and not before",
    async ({ store, peer, advance }) => {
      const record = await inserted(store, "a");
      const now = await store.now();
      await store.replaceSubject(subjectAt(now, { purgeAt: keepingOf(record).purgeAt }), 0);
      await advance(keepingOf(record).purgeAt - now - 1);
      await store.purge();
      assert.equal((await peer.find("a"))?.record.sid, "a");
      assert.equal((await peer.findSubject(APP, record.subject)).record?.revision, 1);
      await advance(1);
      await store.purge();
      assert.equal(await peer.find("a"), null);
      assert.equal(await peer.findBySecret(record.secretHash), null);
      assert.deepEqual(await listed(peer, record), []);
      assert.deepEqual(await peer.due(APP, 10), []);
      assert.equal((await peer.findSubject(APP, record.subject)).record, null);
      assert.equal((await peer.replace(record, { revision: 0 })).outcome, "missing");
    },
  ],
  [
    "walks over every record of an app, once each",
    async ({ store, peer }) => {
      const sids = [...Array(MANY).keys()].map((at) => `sid-${at}`);
      await insertedMany(store, sids);
      await inserted(store, "elsewhere", { app: "other" });
      const seen: string[] = [];
      for await (const { sid, app } of peer.all(APP)) {
        assert.equal(app, APP);
        seen.push(sid);
      }
      assert.equal(seen.length, MANY);
      assert.deepEqual(new Set(seen), new Set(sids));
    },
  ],
  [
    "makes its secret once, and keeps it whatever else is asked of it",
    async ({ store, peer }) => {
      const secrets = await Promise.all([store, peer, store].map((one) => one.secret()));
      await peer.now();
      await inserted(store, "a");
      await store.purge();
      secrets.push(await peer.secret());
      assert.equal(new Set(secrets).size, 1);
      assert.ok((secrets[0] ?? "").length >= 32);
    },
  ],
];

export const END_CHECKS: Checks = [
  [
    "tells of what has ended since it was last asked, whoever ended it, where it tells of ends",
    async ({ store, peer }) => {
      if (store.endedSince === undefined || peer.endedSince === undefined) return;
      const records = await Promise.all(["a", "b", "c"].map((sid) => inserted(store, sid)));
      const other = await inserted(store, "d", { app: "other" });
      const end = async (one: SessionStore, record: SessionRecord) => {
        const ended = { reason: "revoked", endedAt: await one.now() } as const;
        assert.equal((await one.replace({ ...record, ended }, { revision: 0 })).outcome, "done");
      };
      const [a, b, c] = records;
      assert.ok(a && b && c);
      await end(store, a);
      let { sids, next } = await store.endedSince(APP, null);
      assert.deepEqual(sids, []);
      await end(peer, b);
      await end(peer, other);
      await end(store, c);
      const heard: string[] = [];
      // A store may tell of an end a moment after it was written.
      for (let ask = 0; ask < 100 && heard.length < 2; ask++) {
        ({ sids, next } = await store.endedSince(APP, next));
        heard.push(...sids);
      }
      assert.deepEqual(new Set(heard), new Set(["b", "c"]));
      assert.deepEqual((await store.endedSince(APP, next)).sids, []);
    },
  ],
];

export const CLOCK_CHECKS: Checks = [
  [
    "tells the time that passes",
    async ({ store, peer, advance }) => {
      const start = await store.now();
      await advance(1_234);
      assert.equal(await store.now(), start + 1_234);
      assert.equal(await peer.now(), start + 1_234);
    },
  ],
  [
    "gives nobody time where its clock is set back, tells of it once, and goes on from the highest time",
    async ({ store, advance, step }) => {
      if (step === undefined) return;
      const steps: number[] = [];
      store.onClockStep((size) => steps.push(size));
      const record = await inserted(store, "a");
      const start = await store.now();
      await advance(IDLE_TIMEOUT / 2);
      assert.equal(await store.now(), start + IDLE_TIMEOUT / 2);
      await step(-60 * 60_000);
      assert.ok((await store.now()) >= start + IDLE_TIMEOUT / 2);
      await advance(IDLE_TIMEOUT / 2);
      assert.ok((await store.now()) >= start + IDLE_TIMEOUT);
      const late = await store.replace(record, { revision: 0, before: start + IDLE_TIMEOUT });
      assert.equal(late.outcome, "late");
      assert.deepEqual(await dueIn(store), ["a"]);
      assert.deepEqual(steps, [-60 * 60_000]);
    },
  ],
];
