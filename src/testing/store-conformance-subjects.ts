/** The promises of a store about subjects: what is kept of them, and the list of their live sessions. */
import assert from "node:assert/strict";
import type { Found, SessionPage, SessionStore } from "../server/stores/store.js";
import {
  ABSOLUTE_TIMEOUT,
  APP,
  IDLE_TIMEOUT,
  inserted,
  insertedMany,
  listed,
  subjectAt,
} from "./store-conformance-records.js";
import type { Checks } from "./store-conformance-types.js";

const WRITERS = 100;
const MANY = 500;

export const SUBJECT_CHECKS: Checks = [
  [
    "changes what is kept of a subject only at the revision that was read",
    async ({ store, peer }) => {
      const record = subjectAt(await store.now(), { epoch: 1 });
      assert.deepEqual(await store.findSubject(APP, record.subject), {
        record: null,
        now: await store.now(),
      });
      assert.equal(await store.replaceSubject(record, 1), "changed");
      assert.equal(await store.replaceSubject(record, 0), "done");
      assert.equal(await peer.replaceSubject({ ...record, epoch: 9 }, 0), "changed");
      assert.equal(await peer.replaceSubject({ ...record, epoch: 2 }, 1), "done");
      assert.deepEqual((await store.findSubject(APP, record.subject)).record, {
        ...record,
        epoch: 2,
        revision: 2,
      });
    },
  ],
  [
    "keeps the subjects of two apps apart, and a subject's name from running into the app's",
    async ({ store }) => {
      const now = await store.now();
      await store.replaceSubject(subjectAt(now, { app: "a", subject: "b:c" }), 0);
      assert.equal((await store.findSubject("a:b", "c")).record, null);
      assert.equal((await store.findSubject("a", "b")).record, null);
      assert.equal((await store.findSubject("b", "b:c")).record, null);
      assert.equal((await store.findSubject("a", "b:c")).record?.revision, 1);
    },
  ],
  [
    "of many that change a subject at once exactly one succeeds",
    async ({ store, peer }) => {
      const record = subjectAt(await store.now());
      for (const revision of [0, 1]) {
        const outcomes = await Promise.all(
          [...Array(WRITERS).keys()].map((at) =>
            (at % 2 === 0 ? store : peer).replaceSubject({ ...record, epoch: at }, revision),
          ),
        );
        assert.equal(outcomes.filter((outcome) => outcome === "done").length, 1);
      }
    },
  ],
  [
    "finds a session together with what is kept of its subject, from the moment that it is acknowledged",
    async ({ store, peer, advance }) => {
      const record = await inserted(store, "a");
      const { app, subject, secretHash } = record;
      await store.replaceSubject(subjectAt(await store.now(), { subject: "bob", epoch: 9 }), 0);
      await store.replaceSubject(subjectAt(await store.now(), { app: "other", epoch: 9 }), 0);
      const ways: readonly ((one: SessionStore) => Promise<readonly (Found | null)[]>)[] = [
        async (one) => [await one.find("a")],
        async (one) => [await one.findBySecret(secretHash)],
        async (one) => (await one.listBySubject(app, subject, null, 10)).found,
        (one) => one.due(app, 10),
      ];
      await advance(IDLE_TIMEOUT);
      for (let revision = 0; revision < 3; revision++) {
        for (const one of [store, peer])
          for (const way of ways) {
            const found = await way(one);
            assert.deepEqual(
              found.map((each) => [each?.record.sid, each?.subject?.revision ?? 0]),
              [["a", revision]],
            );
          }
        const changed = subjectAt(await store.now(), { epoch: revision + 1 });
        const node = revision % 2 === 0 ? store : peer;
        assert.equal(await node.replaceSubject(changed, revision), "done");
      }
    },
  ],
  [
    "lists the sessions of a subject in its app that have no end",
    async ({ store, peer }) => {
      const a = await inserted(store, "a");
      const b = await inserted(store, "b");
      await inserted(store, "c", { ended: { reason: "revoked", endedAt: a.startedAt } });
      await inserted(store, "d", { subject: "bob" });
      await inserted(store, "e", { app: "other" });
      assert.deepEqual(await listed(peer, a), ["a", "b"]);
      const ended = { reason: "revoked", endedAt: a.startedAt } as const;
      const notice = { attempts: 0, nextAt: a.startedAt + IDLE_TIMEOUT };
      await store.replace({ ...b, ended, notice }, { revision: 0 });
      for (const one of [store, peer]) assert.deepEqual(await listed(one, a), ["a"]);
    },
  ],
  [
    "lists many sessions in pages, each of them though others end and come between two pages",
    async ({ store, peer }) => {
      const sids = [...Array(MANY).keys()].map((at) => `sid-${at}`);
      const records = await insertedMany(store, sids);
      const [first] = records;
      assert.ok(first);
      const { app, subject } = first;
      assert.deepEqual(await listed(peer, first, 50), [...sids].sort());
      const seen = new Set<string>();
      let pages = 0;
      let after: string | null = null;
      do {
        const page: SessionPage = await peer.listBySubject(app, subject, after, 50);
        assert.ok(page.found.length < MANY / 2, "a page holds far more than was asked for");
        for (const { record } of page.found) {
          if (seen.has(record.sid)) continue;
          seen.add(record.sid);
          const ended = { reason: "revoked", endedAt: record.startedAt } as const;
          assert.equal((await store.replace({ ...record, ended }, { revision: 0 })).outcome, "done");
        }
        await inserted(store, `new-${pages++}`);
        after = page.next;
      } while (after !== null && pages < MANY);
      for (const sid of sids) assert.ok(seen.has(sid), `${sid} was in no page`);
    },
  ],
  [
    "lists few sessions behind very many that have ended",
    async ({ store, peer }) => {
      const past = await insertedMany(
        store,
        [...Array(MANY).keys()].map((at) => `past-${at}`),
      );
      const ended = { reason: "signed-out", endedAt: await store.now() } as const;
      for (const record of past) await store.replace({ ...record, ended }, { revision: 0 });
      const live = await inserted(store, "live");
      assert.deepEqual(await peer.listBySubject(live.app, live.subject, null, 10), {
        found: [{ record: live, subject: null, now: await store.now() }],
        next: null,
      });
    },
  ],
  [
    "still lists a session whose life was made longer, after the others are forgotten",
    async ({ store, advance }) => {
      const a = await inserted(store, "a");
      await inserted(store, "b");
      await advance(ABSOLUTE_TIMEOUT - IDLE_TIMEOUT);
      const longer = { ...a, authenticatedAt: await store.now() };
      assert.equal((await store.replace(longer, { revision: 0 })).outcome, "done");
      await advance(24 * 60 * 60_000 + 2 * IDLE_TIMEOUT);
      await store.purge();
      assert.deepEqual(await listed(store, a), ["a"]);
      assert.equal((await store.findBySecret(a.secretHash))?.record.sid, "a");
    },
  ],
];
