/** The promises of a store about releases that run side by side: what each can read, and what becomes of the rest. */
import assert from "node:assert/strict";
import { UnreadableRecordError } from "../server/platform/errors.js";
import { RECORD_VERSION } from "../server/record/session.js";
import { SUBJECT_VERSION } from "../server/record/subject.js";
import { APP, IDLE_TIMEOUT, inserted, listed, subjectAt } from "./store-conformance-records.js";
import type { Checks } from "./store-conformance-types.js";

/** So far ahead that no release knows it beside this one. */
const ALIEN = RECORD_VERSION + 7;
const named = (version: number) => ({
  name: "StoreUnavailableError",
  message: new RegExp(`version ${version}\\b`),
});

export const VERSION_CHECKS: Checks = [
  [
    "keeps what a later release has written into a record, through its own writes",
    async ({ store, peer }) => {
      const later = { v: RECORD_VERSION + 1, added: { at: 5 } };
      const record = await inserted(store, "a", later);
      assert.deepEqual((await peer.find("a"))?.record, record);
      await peer.replace({ ...record, nonce: "next" }, { revision: 0 });
      assert.deepEqual((await store.find("a"))?.record, { ...record, nonce: "next", revision: 1 });
      const subject = { ...subjectAt(await store.now()), v: SUBJECT_VERSION + 1, added: [1] };
      await store.replaceSubject(subject, 0);
      assert.deepEqual((await peer.findSubject(APP, subject.subject)).record, { ...subject, revision: 1 });
    },
  ],
  [
    "refuses a record of a version that it cannot read, by its name, and never calls it missing",
    async ({ store, peer }) => {
      const { secretHash } = await inserted(store, "a", { v: ALIEN });
      for (const one of [store, peer]) {
        await assert.rejects(one.find("a"), UnreadableRecordError);
        await assert.rejects(one.find("a"), named(ALIEN));
        await assert.rejects(one.findBySecret(secretHash), named(ALIEN));
      }
      const subject = subjectAt(await store.now(), { v: ALIEN });
      await store.replaceSubject(subject, 0);
      await assert.rejects(peer.findSubject(APP, subject.subject), named(ALIEN));
    },
  ],
  [
    "refuses a record that lacks what a deadline is reckoned by",
    async ({ store }) => {
      const { absoluteTimeout, ...record } = await inserted(store, "a");
      assert.equal(typeof absoluteTimeout, "number");
      const broken = { ...record, sid: "b", secretHash: "other" };
      await store.insert({ ...broken, absoluteTimeout: null as unknown as number });
      await assert.rejects(store.find("b"), /"absoluteTimeout"/);
      assert.notEqual(await store.find("a"), null);
    },
  ],
  [
    "leaves a record that it cannot read out of every list, and hands out the others",
    async ({ store, peer, advance }) => {
      const alien = await inserted(store, "a", { v: ALIEN });
      await advance(1);
      const sids = ["b", "c"];
      for (const sid of sids) await inserted(store, sid);
      assert.deepEqual(await listed(peer, alien), sids);
      await advance(IDLE_TIMEOUT);
      const swept: string[] = [];
      // More than one look may be needed to get past it; then it stands in nobody's way.
      for (let look = 0; look < 4; look++)
        for (const { record } of await peer.due(APP, 1)) {
          swept.push(record.sid);
          const ended = { reason: "idle", endedAt: await store.now() } as const;
          await store.replace({ ...record, ended }, { revision: record.revision });
        }
      assert.deepEqual(new Set(swept), new Set(sids));
      const seen: string[] = [];
      await assert.rejects(async () => {
        for await (const { sid } of peer.all(APP)) seen.push(sid);
      }, named(ALIEN));
      assert.deepEqual(new Set(seen), new Set(sids));
    },
  ],
];
