/** The promises of a store about single records: compare-and-set, and the secret's pointer. */
import assert from "node:assert/strict";
import { APP, inserted, listed, recordAt } from "./store-conformance-records.js";
import type { Checks } from "./store-conformance-types.js";

const WRITERS = 100;

export const RECORD_CHECKS: Checks = [
  [
    "finds a record by its sid and by its secret's hash, with the time, and nothing else",
    async ({ store, peer }) => {
      const record = await inserted(store, "a");
      const now = await store.now();
      for (const one of [store, peer]) {
        assert.deepEqual(await one.find("a"), { record, subject: null, now });
        assert.deepEqual(await one.findBySecret(record.secretHash), { record, subject: null, now });
        assert.equal(await one.find("b"), null);
        assert.equal(await one.findBySecret("hash-of-b"), null);
      }
    },
  ],
  [
    "keeps a record as it was given, whatever is in it",
    async ({ store }) => {
      const record = await inserted(store, "a", {
        subject: "ünï\u0000\"'\\{}*:\n👩‍🚀",
        roles: ["admin", ""],
        key: { thumbprint: "t", jwk: { kty: "EC", crv: "P-256", x: "x", y: "y" } },
        notice: { attempts: 1, nextAt: 5 },
      });
      assert.deepEqual((await store.find("a"))?.record, record);
      const { found } = await store.listBySubject(APP, record.subject, null, 10);
      assert.deepEqual(found, [{ record, subject: null, now: await store.now() }]);
    },
  ],
  [
    "adds no record whose sid is taken, and none whose secret's hash is taken",
    async ({ store, peer }) => {
      const record = await inserted(store, "a");
      assert.equal(await peer.insert({ ...record, secretHash: "other" }), "exists");
      assert.equal(await peer.insert({ ...record, sid: "b" }), "exists");
      assert.equal(await peer.insert({ ...record, nonce: "second" }), "exists");
      assert.deepEqual((await store.findBySecret(record.secretHash))?.record, record);
      assert.equal(await store.find("b"), null);
      assert.equal(await store.findBySecret("other"), null);
    },
  ],
  [
    "of many that add the same sid exactly one succeeds",
    async ({ store, peer }) => {
      const record = recordAt(await store.now(), "a");
      const outcomes = await Promise.all(
        [...Array(WRITERS).keys()].map((at) =>
          (at % 2 === 0 ? store : peer).insert({ ...record, secretHash: `hash-${at}`, nonce: `${at}` }),
        ),
      );
      assert.equal(outcomes.filter((outcome) => outcome === "done").length, 1);
      const winner = outcomes.indexOf("done");
      assert.equal((await store.findBySecret(`hash-${winner}`))?.record.nonce, `${winner}`);
    },
  ],
  [
    "replaces a record only at the revision that was read, and counts it",
    async ({ store, peer }) => {
      const record = await inserted(store, "a");
      assert.equal((await store.replace({ ...record, nonce: "next" }, { revision: 0 })).outcome, "done");
      assert.equal((await peer.replace({ ...record, nonce: "lost" }, { revision: 0 })).outcome, "changed");
      assert.equal((await peer.replace({ ...record, nonce: "lost" }, { revision: 2 })).outcome, "changed");
      assert.deepEqual((await peer.find("a"))?.record, { ...record, nonce: "next", revision: 1 });
    },
  ],
  [
    "replaces a record one millisecond before the given instant and not at it",
    async ({ store, advance }) => {
      const record = await inserted(store, "a");
      const before = (await store.now()) + 1_000;
      await advance(999);
      assert.equal(
        (await store.replace({ ...record, nonce: "in time" }, { revision: 0, before })).outcome,
        "done",
      );
      await advance(1);
      const late = await store.replace({ ...record, nonce: "late" }, { revision: 1, before });
      assert.deepEqual(late, { outcome: "late", now: before });
      assert.equal((await store.find("a"))?.record.nonce, "in time");
      assert.equal((await store.replace({ ...record, nonce: "any time" }, { revision: 1 })).outcome, "done");
    },
  ],
  [
    "never makes a missing record by replacing it",
    async ({ store }) => {
      const record = recordAt(await store.now(), "a");
      assert.equal((await store.replace(record, { revision: 0 })).outcome, "missing");
      assert.equal(await store.find("a"), null);
      assert.equal(await store.findBySecret(record.secretHash), null);
      assert.deepEqual(await listed(store, record), []);
    },
  ],
  [
    "of many writers of one revision exactly one succeeds, from two nodes too",
    async ({ store, peer }) => {
      const record = await inserted(store, "a");
      const outcomes = await Promise.all(
        [...Array(WRITERS).keys()].map((at) =>
          (at % 2 === 0 ? store : peer).replace({ ...record, nonce: `${at}` }, { revision: 0 }),
        ),
      );
      const done = outcomes.flatMap(({ outcome }, at) => (outcome === "done" ? [at] : []));
      assert.equal(done.length, 1);
      assert.equal(outcomes.filter(({ outcome }) => outcome === "changed").length, WRITERS - 1);
      assert.equal((await store.find("a"))?.record.nonce, String(done[0]));
    },
  ],
  [
    "finds a record by its new secret and no longer by the old one",
    async ({ store, peer }) => {
      const record = await inserted(store, "a");
      assert.equal((await store.replace({ ...record, secretHash: "new" }, { revision: 0 })).outcome, "done");
      for (const one of [store, peer]) {
        assert.equal(await one.findBySecret(record.secretHash), null);
        assert.equal((await one.findBySecret("new"))?.record.revision, 1);
      }
    },
  ],
  [
    "keeps the old secret where the write with the new one comes too late",
    async ({ store }) => {
      const record = await inserted(store, "a");
      const next = { ...record, secretHash: "new" };
      assert.equal((await store.replace(next, { revision: 3 })).outcome, "changed");
      assert.equal((await store.replace(next, { revision: 0, before: await store.now() })).outcome, "late");
      assert.equal(await store.findBySecret("new"), null);
      assert.deepEqual((await store.findBySecret(record.secretHash))?.record, record);
    },
  ],
];
