/** What this browser keeps of a session: the signing key and the last status, in a database of the app's own. */
import { createStore, get, promisifyRequest, type UseStore, update } from "idb-keyval";
import { isObject } from "../../protocol/members.js";
import { type ActiveStatus, parseSessionStatus } from "../../protocol/session-status.js";
import type { Clock } from "../platform/clock.js";
import type { SigningKey } from "./signing.js";

/** The last status that a tab of this browser has had. */
export interface StoredSession {
  readonly status: ActiveStatus;
  /** The server's time of this browser's last heartbeat; 0 before the first. */
  readonly beatAt: number;
  /** The wall clock minus the server's, when this was written. */
  readonly wallOffset: number;
}

export interface KeyStore {
  key(sid: string): Promise<SigningKey | null>;
  /**
   * Keeps `key`, unless another tab has kept one for this session first. Answers what a reader finds; null where the
   * browser refuses, or drops a key without an error. `isBound`: the server knows this very key, so it replaces any other.
   */
  keepKey(sid: string, key: SigningKey, isBound?: boolean): Promise<SigningKey | null>;
  session(sid: string): Promise<StoredSession | null>;
  /** An older status never replaces a newer one; of the same millisecond, the one that came with a new nonce wins. */
  keepSession(session: StoredSession, isWritten: boolean): Promise<void>;
  /** The session that was kept last, whichever it was. */
  lastSession(): Promise<StoredSession | null>;
  forget(sid: string): Promise<void>;
  /** Keeps nothing but what belongs to `sid`. */
  forgetOthers(sid: string): Promise<void>;
  /** Keeps nothing, unless a tab has heard of a live session since `since` by the wall clock. */
  forgetAll(since: number): Promise<void>;
  /** Keeps no connection open, once what is under way is done. */
  close(): void;
}

interface Connection {
  readonly store: UseStore;
  close(): void;
}

/** IndexedDB can hang for ever instead of failing (https://bugs.webkit.org/show_bug.cgi?id=226547). */
const STORE_TIMEOUT = 1000;
const LAST = "last";

/** Opens the store of the app `name`. What the browser refuses to keep is kept in this tab's memory. */
export function openKeyStore(name: string, clock: Pick<Clock, "after">): KeyStore {
  const memory = new Map<string, unknown>();
  let connection: Promise<Connection> | undefined;
  let running = 0;
  let isClosed = false;

  function open(): Promise<Connection> {
    const store = createStore(`curfew:${name}`, "session");
    const opening: Promise<Connection> = store("readonly", ({ transaction: { db } }) => {
      // An app that deletes its databases at sign-out would wait for ours, and every later opening for that.
      db.onversionchange = () => shut(opening);
      return { store, close: () => db.close() };
    });
    return opening;
  }
  /** What is under way there is done first. The next call opens the database anew. */
  function shut(used: Promise<Connection> | undefined): void {
    if (connection === used) connection = undefined;
    used?.then(({ close }) => close()).catch(() => {});
  }
  /** Runs against the database; on any failure the next call opens it anew. */
  async function attempt<Result>(run: (store: UseStore) => Promise<Result>): Promise<Result> {
    running++;
    connection ??= open();
    const used = connection;
    try {
      return await within(
        STORE_TIMEOUT,
        used.then(({ store }) => run(store)),
        clock,
      );
    } catch (error) {
      // A database with listeners is kept by the browser for as long as it is open.
      shut(used);
      throw error;
    } finally {
      running--;
      if (isClosed) close();
    }
  }
  function close(): void {
    isClosed = true;
    if (running === 0) shut(connection);
  }
  const read = async (id: string): Promise<unknown> => {
    try {
      return (await attempt((opened) => get<unknown>(id, opened))) ?? memory.get(id);
    } catch {
      return memory.get(id);
    }
  };
  /** Deletes each record that `isStale`, in one step. */
  async function sweep(isStale: (id: string, last: StoredSession | null) => boolean): Promise<void> {
    const kept = sessionOf(memory.get(LAST));
    for (const id of memory.keys()) if (isStale(id, kept)) memory.delete(id);
    await attempt((opened) =>
      opened("readwrite", async (records) => {
        const last = sessionOf(await promisifyRequest<unknown>(records.get(LAST)));
        for (const id of await promisifyRequest(records.getAllKeys()))
          if (isStale(String(id), last)) records.delete(id);
        await promisifyRequest(records.transaction);
      }),
    ).catch(() => {});
  }
  const session = async (): Promise<StoredSession | null> => sessionOf(await read(LAST));

  return {
    key: async (sid) => keyOf(await read(keyIdOf(sid))),
    async keepKey(sid, key, isBound = false) {
      const id = keyIdOf(sid);
      try {
        await attempt((opened) =>
          update<unknown>(id, (old) => (isBound ? key : (keyOf(old) ?? key)), opened),
        );
        return keyOf(await attempt((opened) => get<unknown>(id, opened)));
      } catch {
        return null;
      }
    },
    async session(sid) {
      const last = await session();
      return last?.status.sid === sid ? last : null;
    },
    async keepSession(latest, isWritten) {
      const next = (old: unknown) => newerOf(sessionOf(old), latest, isWritten);
      try {
        await attempt((opened) => update<unknown>(LAST, next, opened));
      } catch {
        memory.set(LAST, next(memory.get(LAST)));
      }
    },
    lastSession: session,
    forget: (sid) => sweep((id, last) => id === keyIdOf(sid) || (id === LAST && last?.status.sid === sid)),
    forgetOthers: (sid) => sweep((id) => id !== LAST && id !== keyIdOf(sid)),
    close,
    forgetAll: (since) => sweep((_id, last) => last === null || last.status.now + last.wallOffset < since),
  };
}

const keyIdOf = (sid: string) => `${sid}/key`;

function newerOf(old: StoredSession | null, latest: StoredSession, isWritten: boolean): StoredSession {
  if (old?.status.sid !== latest.status.sid) return latest;
  const beatAt = Math.max(old.beatAt, latest.beatAt);
  const isOlder = old.status.now > latest.status.now || (old.status.now === latest.status.now && !isWritten);
  return { ...(isOlder ? old : latest), beatAt };
}

function within<Result>(period: number, work: Promise<Result>, clock: Pick<Clock, "after">): Promise<Result> {
  return new Promise((resolve, reject) => {
    const stop = clock.after(period, () =>
      reject(new Error(`the browser's storage did not answer within ${period} ms`)),
    );
    work.then(resolve, reject).finally(stop);
  });
}

function keyOf(value: unknown): SigningKey | null {
  return isObject(value) && value.privateKey instanceof CryptoKey && typeof value.kid === "string"
    ? (value as unknown as SigningKey)
    : null;
}

function sessionOf(value: unknown): StoredSession | null {
  if (!isObject(value)) return null;
  try {
    const status = parseSessionStatus(value.status);
    const { beatAt, wallOffset } = value;
    return status.status === "active" && typeof beatAt === "number" && typeof wallOffset === "number"
      ? { status, beatAt, wallOffset }
      : null;
  } catch {
    return null;
  }
}
