/** What this browser keeps of a session: the signing key and the last status, by sid, in a database of the app's own. */
import { createStore, delMany, get, type UseStore, update } from "idb-keyval";
import { isObject } from "../protocol/members.js";
import { type ActiveStatus, parseSessionStatus } from "../protocol/session-status.js";
import type { Clock } from "./clock.js";
import type { SigningKey } from "./signing.js";

/** The last status that a tab of this browser has heard. */
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
   * Keeps `key`, unless another tab has kept one for this session first, and drops what is left of an earlier session.
   * Answers what a reader finds; null where the browser refuses, or drops a key without an error.
   */
  keepKey(sid: string, key: SigningKey): Promise<SigningKey | null>;
  session(sid: string): Promise<StoredSession | null>;
  /** An older status never replaces a newer one; of the same millisecond, the one that came with a new nonce wins. */
  keepSession(session: StoredSession, isWritten: boolean): Promise<void>;
  /** The session that was kept last, whichever it was. */
  lastSession(): Promise<StoredSession | null>;
  forget(sid: string): Promise<void>;
}

/** IndexedDB can hang for ever instead of failing (https://bugs.webkit.org/show_bug.cgi?id=226547). */
const STORE_TIMEOUT = 1000;
const LAST = "last";

/** Opens the store of the app `name`. What the browser refuses to keep is kept in this tab's memory. */
export function openKeyStore(name: string, clock: Pick<Clock, "after">): KeyStore {
  const memory = new Map<string, unknown>();
  let store: UseStore | undefined;

  /** Runs against the database; on any failure the next call opens it anew. */
  async function attempt<Result>(run: (store: UseStore) => Promise<Result>): Promise<Result> {
    try {
      store ??= createStore(`curfew:${name}`, "session");
      return await within(STORE_TIMEOUT, run(store), clock);
    } catch (error) {
      store = undefined;
      throw error;
    }
  }
  const read = async (id: string): Promise<unknown> => {
    try {
      return (await attempt((opened) => get<unknown>(id, opened))) ?? memory.get(id);
    } catch {
      return memory.get(id);
    }
  };
  async function write(id: string, next: (old: unknown) => unknown): Promise<void> {
    try {
      await attempt((opened) => update<unknown>(id, next, opened));
    } catch {
      memory.set(id, next(memory.get(id)));
    }
  }
  async function forget(sid: string): Promise<void> {
    const ids = [sid, `${sid}/key`, LAST];
    for (const id of ids) memory.delete(id);
    await attempt((opened) => delMany(ids, opened)).catch(() => {});
  }

  return {
    key: async (sid) => keyOf(await read(`${sid}/key`)),
    async keepKey(sid, key) {
      const earlier = sessionOf(await read(LAST));
      if (earlier !== null && earlier.status.sid !== sid) await forget(earlier.status.sid);
      try {
        await attempt((opened) => update<unknown>(`${sid}/key`, (old) => keyOf(old) ?? key, opened));
        return keyOf(await attempt((opened) => get<unknown>(`${sid}/key`, opened)));
      } catch {
        return null;
      }
    },
    session: async (sid) => sessionOf(await read(sid)),
    async keepSession(session, isWritten) {
      const { sid, now } = session.status;
      await write(sid, (old) => {
        const known = sessionOf(old);
        if (known === null) return session;
        const beatAt = Math.max(known.beatAt, session.beatAt);
        return known.status.now > now || (known.status.now === now && !isWritten)
          ? { ...known, beatAt }
          : { ...session, beatAt };
      });
      await write(LAST, () => session);
    },
    lastSession: async () => sessionOf(await read(LAST)),
    forget,
  };
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
