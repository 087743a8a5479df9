/** What a page's browser keeps of a session, and the ways to do harm to it. */
import type { Page } from "@playwright/test";

export interface Kept {
  /** The ids of the records in IndexedDB, in their order. */
  readonly records: readonly string[];
  readonly unreported: string | null;
}

/** Looks without making a database where there is none. */
export function keptIn(page: Page): Promise<Kept> {
  return page.evaluate(async () => {
    const unreported = localStorage.getItem("curfew:curfew:unreported");
    const databases = await indexedDB.databases();
    if (!databases.some(({ name }) => name === "curfew:curfew")) return { records: [], unreported };
    const opening = indexedDB.open("curfew:curfew");
    const database = await new Promise<IDBDatabase>((go) => {
      opening.onsuccess = () => go(opening.result);
    });
    if (!database.objectStoreNames.contains("session")) return { records: [], unreported };
    const reading = database.transaction("session").objectStore("session").getAllKeys();
    const keys = await new Promise<IDBValidKey[]>((go) => {
      reading.onsuccess = () => go(reading.result);
    });
    database.close();
    return { records: keys.map(String), unreported };
  });
}

/** Deletes the whole database, as an app's own cleaning does. Resolves with `done`, or `blocked` where a page holds it. */
export function dropDatabase(page: Page): Promise<string> {
  return page.evaluate(
    () =>
      new Promise<string>((go) => {
        const deleting = indexedDB.deleteDatabase("curfew:curfew");
        deleting.onsuccess = () => go("done");
        deleting.onblocked = () => go("blocked");
      }),
  );
}

/** Deletes the key's record and the last status, as in the developer tools. */
export function clearRecords(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const opening = indexedDB.open("curfew:curfew");
    const database = await new Promise<IDBDatabase>((go) => {
      opening.onsuccess = () => go(opening.result);
    });
    const transaction = database.transaction("session", "readwrite");
    transaction.objectStore("session").clear();
    return new Promise<string>((go) => {
      transaction.oncomplete = () => {
        database.close();
        go("done");
      };
    });
  });
}

/** Puts another key of the same kind under the session's id. */
export function replaceKey(page: Page, sid: string): Promise<string> {
  return page.evaluate(async (id) => {
    const curve = { name: "ECDSA", namedCurve: "P-256" };
    const { privateKey, publicKey } = await crypto.subtle.generateKey(curve, false, ["sign", "verify"]);
    const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", publicKey);
    const other = { privateKey, jwk: { kty, crv, x, y }, kid: "another-key" };
    const opening = indexedDB.open("curfew:curfew");
    const database = await new Promise<IDBDatabase>((go) => {
      opening.onsuccess = () => go(opening.result);
    });
    const transaction = database.transaction("session", "readwrite");
    transaction.objectStore("session").put(other, `${id}/key`);
    return new Promise<string>((go) => {
      transaction.oncomplete = () => {
        database.close();
        go("done");
      };
    });
  }, sid);
}

/** From the next page on, IndexedDB drops every write, keeps null for every value, or refuses. */
export function loseWrites(page: Page, how: "nothing" | "null" | "throw"): Promise<unknown> {
  return page.addInitScript((way) => {
    const { put, get } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = function (this: IDBObjectStore, value: unknown, key?: IDBValidKey) {
      if (way === "throw") throw new DOMException("refused", "QuotaExceededError");
      if (way === "nothing") return get.call(this, "nothing") as IDBRequest<IDBValidKey>;
      const isKey = typeof value === "object" && value !== null && "privateKey" in value;
      return put.call(this, isKey ? { ...value, privateKey: null } : value, key);
    };
  }, how);
}
