/** What a browser keeps of a session, against an IndexedDB in memory. */
import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { beforeEach, expect, test, vi } from "vitest";
import { makeSigningKey, signMessage } from "../../src/browser/key/signing.js";
import { openKeyStore } from "../../src/browser/key/store.js";
import type { ActiveStatus } from "../../src/protocol/session-status.js";
import { FakeClock } from "./fake-clock.js";
import { FakeServer } from "./fake-server.js";

let clock: FakeClock;
let status: ActiveStatus;

beforeEach(async () => {
  globalThis.indexedDB = new IDBFactory();
  clock = new FakeClock();
  const server = new FakeServer(clock);
  server.signIn();
  const answer = await server.transport().session(null);
  if (answer.type !== "active") throw new Error("the fake server does not answer");
  status = answer.status;
});

const open = (name = "curfew") => openKeyStore(name, clock);
const kept = (now: number, nonce: string) => ({
  status: { ...status, now, nonce },
  beatAt: 0,
  wallOffset: 0,
});

test("keeps a key that signs after the store was opened again and that nobody can read", async () => {
  const made = await makeSigningKey();
  await open().keepKey(status.sid, made);
  const found = await open().key(status.sid);
  if (found === null) throw new Error("the key is gone");
  expect(found.kid).toBe(made.kid);
  expect(found.privateKey.extractable).toBe(false);
  await expect(crypto.subtle.exportKey("pkcs8", found.privateKey)).rejects.toThrow();
  expect(await signMessage(found, "test", {})).toMatch(/^[\w-]+\.[\w-]+\.[\w-]{86}$/);
});

test("keeps the key of the tab that was first", async () => {
  const [first, second] = [await makeSigningKey(), await makeSigningKey()];
  expect((await open().keepKey(status.sid, first))?.kid).toBe(first.kid);
  expect((await open().keepKey(status.sid, second))?.kid).toBe(first.kid);
});

test("separates apps and sessions", async () => {
  await open().keepKey(status.sid, await makeSigningKey());
  expect(await open("other").key(status.sid)).toBeNull();
  expect(await open().key("other")).toBeNull();
});

test("drops what is left of every other session", async () => {
  const store = open();
  await store.keepKey("earlier", await makeSigningKey());
  await store.keepKey("closed with its tab", await makeSigningKey());
  await store.keepKey(status.sid, await makeSigningKey());
  await store.keepSession(kept(1, "n"), true);
  await store.forgetOthers(status.sid);
  expect([await store.key("earlier"), await store.key("closed with its tab")]).toEqual([null, null]);
  expect(await store.key(status.sid)).not.toBeNull();
  expect(await store.session(status.sid)).not.toBeNull();
});

test("drops everything but what a tab has heard of since", async () => {
  const store = open();
  await store.keepKey(status.sid, await makeSigningKey());
  await store.keepSession({ ...kept(5000, "n"), wallOffset: 100 }, true);
  await store.forgetAll(5100);
  expect(await store.key(status.sid)).not.toBeNull();
  await store.forgetAll(5101);
  expect([await store.key(status.sid), await store.lastSession()]).toEqual([null, null]);
});

test("puts a bound key in the place of whatever stands there", async () => {
  const store = open();
  const [bound, other] = [await makeSigningKey(), await makeSigningKey()];
  await store.keepKey(status.sid, other);
  expect((await store.keepKey(status.sid, bound, true))?.kid).toBe(bound.kid);
  expect((await store.key(status.sid))?.kid).toBe(bound.kid);
});

test("answers null where the store takes a key and loses it", async () => {
  const store = open();
  const lossy = vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(function (this: IDBObjectStore) {
    return this.get("nothing");
  });
  expect(await store.keepKey(status.sid, await makeSigningKey())).toBeNull();
  lossy.mockRestore();
});

test("lets go of a database that somebody deletes, and opens it anew", async () => {
  const store = open();
  await store.keepKey(status.sid, await makeSigningKey());
  await new Promise((resolve, reject) => {
    const deleting = indexedDB.deleteDatabase("curfew:curfew");
    deleting.onsuccess = resolve;
    deleting.onblocked = reject;
  });
  expect(await store.key(status.sid)).toBeNull();
  expect(await store.keepKey(status.sid, await makeSigningKey())).not.toBeNull();
});

test("forgets a session that is over", async () => {
  const store = open();
  await store.keepKey(status.sid, await makeSigningKey());
  await store.keepSession(kept(1, "n"), true);
  await store.forget(status.sid);
  expect([await store.key(status.sid), await store.session(status.sid), await store.lastSession()]).toEqual([
    null,
    null,
    null,
  ]);
});

test("never lets an older status replace a newer one", async () => {
  const store = open();
  await store.keepSession({ ...kept(2, "new"), beatAt: 2 }, true);
  await store.keepSession(kept(1, "old"), true);
  await store.keepSession(kept(2, "asked in the same millisecond"), false);
  expect(await store.session(status.sid)).toMatchObject({ status: { nonce: "new" }, beatAt: 2 });
  await store.keepSession(kept(2, "accepted in the same millisecond"), true);
  expect(await store.session(status.sid)).toMatchObject({
    status: { nonce: "accepted in the same millisecond" },
  });
});

test("takes nothing from the store that it cannot read", async () => {
  const store = open();
  await store.keepSession({ ...kept(1, "n"), status: { sid: status.sid } as ActiveStatus }, true);
  expect(await store.session(status.sid)).toBeNull();
});

test("tries a failed open again at the next call", async () => {
  const store = open();
  const spy = vi.spyOn(indexedDB, "open").mockImplementation(() => {
    throw new DOMException("refused", "SecurityError");
  });
  expect(await store.keepKey(status.sid, await makeSigningKey())).toBeNull();
  spy.mockRestore();
  expect(await store.keepKey(status.sid, await makeSigningKey())).not.toBeNull();
});

test("waits a second for a database that hangs, then goes on in memory", async () => {
  const store = open();
  vi.spyOn(indexedDB, "open").mockImplementation(() => ({}) as IDBOpenDBRequest);
  const keeping = store.keepSession(kept(1, "n"), true);
  await clock.advance(3000);
  await keeping;
  const reading = store.session(status.sid);
  await clock.advance(1000);
  expect(await reading).toMatchObject({ status: { nonce: "n" } });
});

test("leaves no connection open where the database was slow and is opened anew", async () => {
  const opened: IDBDatabase[] = [];
  const closed: IDBDatabase[] = [];
  const { transaction, close } = IDBDatabase.prototype;
  vi.spyOn(IDBDatabase.prototype, "close").mockImplementation(function (this: IDBDatabase) {
    closed.push(this);
    close.call(this);
  });
  const transacting = vi.spyOn(IDBDatabase.prototype, "transaction");
  transacting.mockImplementation(function (this: IDBDatabase, ...given: Parameters<typeof transaction>) {
    if (!opened.includes(this)) opened.push(this);
    return transaction.apply(this, given);
  });
  const store = open();
  try {
    for (const turn of [1, 2, 3]) {
      await store.keepSession(kept(turn, `n${turn}`), true);
      // The disk stands still for a moment.
      const late = vi.spyOn(IDBObjectStore.prototype, "get").mockReturnValueOnce({} as IDBRequest);
      const reading = store.session(status.sid);
      await vi.waitFor(() => expect(late).toHaveBeenCalled());
      await clock.advance(1_000);
      await reading;
      late.mockRestore();
    }
    expect(await store.session(status.sid)).toMatchObject({ status: { nonce: "n3" } });
    expect(opened).toHaveLength(4);
    expect(closed).toEqual(opened.slice(0, 3));
  } finally {
    vi.restoreAllMocks();
  }
});
