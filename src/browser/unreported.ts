/** Activity that no server has heard of when the page goes: written down at once, reported by the next page. */
import { isObject } from "../protocol/members.js";

export interface Unreported {
  /** Synchronous on purpose: nothing else is sure to happen on `pagehide`. */
  write(name: string, activity: { readonly sid: string; readonly activeAt: number }): void;
  /** The latest activity of this session that was left here, and forgets it; null where there is none. */
  take(name: string, sid: string): number | null;
}

type PlainStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

export function createUnreported(storage: () => PlainStorage = () => localStorage): Unreported {
  const read = (key: string, sid: string): number | null => {
    const value: unknown = JSON.parse(storage().getItem(key) ?? "null");
    return isObject(value) && value.sid === sid && Number.isSafeInteger(value.activeAt)
      ? (value.activeAt as number)
      : null;
  };
  return {
    write(name, { sid, activeAt }) {
      try {
        const latest = Math.max(activeAt, read(keyOf(name), sid) ?? 0);
        storage().setItem(keyOf(name), JSON.stringify({ sid, activeAt: latest }));
      } catch {
        // Storage is refused or full: then keepalive was the only hope.
      }
    },
    take(name, sid) {
      try {
        const activeAt = read(keyOf(name), sid);
        if (activeAt !== null) storage().removeItem(keyOf(name));
        return activeAt;
      } catch {
        return null;
      }
    },
  };
}

function keyOf(name: string): string {
  return `curfew:${name}:unreported`;
}
