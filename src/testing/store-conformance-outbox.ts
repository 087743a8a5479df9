/** The promises of a store about what others must be told of an end: it stands in the record, and the lists go by it. */
import assert from "node:assert/strict";
import { keepingOf } from "../server/record/session.js";
import { IDLE_TIMEOUT, inserted } from "./store-conformance-records.js";
import { dueIn } from "./store-conformance-times.js";
import type { Checks } from "./store-conformance-types.js";

export const OUTBOX_CHECKS: Checks = [
  [
    "hands out an ended session when somebody must be told of it, the first of each receiver's messages alone",
    async ({ store, peer, advance }) => {
      const record = await inserted(store, "a");
      const now = await store.now();
      const ended = { reason: "revoked", endedAt: now } as const;
      const first = { id: "first", to: "webhook", since: now, attempts: 0, nextAt: now + 1_000 } as const;
      const second = { ...first, id: "second", nextAt: now };
      await store.replace({ ...record, ended, outbox: [first, second] }, { revision: 0 });
      assert.deepEqual((await peer.find("a"))?.record.outbox, [first, second]);
      assert.deepEqual(await dueIn(peer), []);
      await advance(1_000);
      assert.deepEqual(await dueIn(peer), ["a"]);
      await store.replace({ ...record, ended, outbox: [second] }, { revision: 1 });
      assert.deepEqual(await dueIn(peer), ["a"]);
      await store.replace({ ...record, ended, outbox: [] }, { revision: 2 });
      await advance(2 * IDLE_TIMEOUT);
      assert.deepEqual(await dueIn(peer), []);
    },
  ],
  [
    "keeps a record for as long as its dead letters, and not for longer once they have gone",
    async ({ store, peer, advance }) => {
      const record = await inserted(store, "a");
      const now = await store.now();
      const { purgeAt } = keepingOf(record);
      const ended = { reason: "idle", endedAt: now } as const;
      const letter = {
        id: "a",
        to: "webhook",
        since: now,
        attempts: 9,
        nextAt: now,
        deadAt: purgeAt,
      } as const;
      const dead = { ...record, ended, outbox: [{ ...letter, failure: "it answered 500" }] };
      assert.equal((await store.replace(dead, { revision: 0 })).outcome, "done");
      const keptUntil = keepingOf(dead).purgeAt;
      assert.ok(keptUntil > purgeAt);
      await advance(keptUntil - now - 1);
      await store.purge();
      assert.equal((await peer.find("a"))?.record.sid, "a");
      assert.equal((await peer.replace({ ...dead, outbox: [] }, { revision: 1 })).outcome, "done");
      await store.purge();
      assert.equal(await peer.find("a"), null);
    },
  ],
];
