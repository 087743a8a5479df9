/** Activity that no server has heard of when the page goes: written down at once, reported by the next page. */
import { isObject } from "../../protocol/members.js";

/**
 * `activeAt` is server time. A page that goes before its first answer knows neither session nor server time: then `sid`
 * is null and `activeAt` is the wall clock's.
 */
interface UnreportedActivity {
  readonly sid: string | null;
  readonly activeAt: number;
  /** When this browser last sent a heartbeat, server time; 0 where nobody knows. */
  readonly beatAt: number;
}

export interface Unreported {
  /** Synchronous on purpose: nothing else is sure to happen on `pagehide`. */
  write(name: string, activity: UnreportedActivity): void;
  /** The latest activity of this session that was left here, and forgets it; null where there is none. */
  take(name: string, sid: string | null): UnreportedActivity | null;
  /** Whosever it is. */
  forget(name: string): void;
}

type PlainStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

export function createUnreported(storage: () => PlainStorage = () => localStorage): Unreported {
  const read = (key: string, sid: string | null): UnreportedActivity | null => {
    const value: unknown = JSON.parse(storage().getItem(key) ?? "null");
    if (!isObject(value) || value.sid !== sid) return null;
    const { activeAt, beatAt } = value;
    return Number.isSafeInteger(activeAt) && Number.isSafeInteger(beatAt)
      ? { sid, activeAt: activeAt as number, beatAt: beatAt as number }
      : null;
  };
  return {
    write(name, activity) {
      try {
        const known = read(keyOf(name), activity.sid);
        const latest = Math.max(activity.activeAt, known?.activeAt ?? 0);
        storage().setItem(keyOf(name), JSON.stringify({ ...activity, activeAt: latest }));
      } catch {
        // Storage is refused or full: then keepalive was the only hope.
      }
    },
    take(name, sid) {
      try {
        const activity = read(keyOf(name), sid);
        if (activity !== null) storage().removeItem(keyOf(name));
        return activity;
      } catch {
        return null;
      }
    },
    forget(name) {
      try {
        storage().removeItem(keyOf(name));
      } catch {
        // Storage is refused: nothing was kept.
      }
    },
  };
}

function keyOf(name: string): string {
  return `curfew:${name}:unreported`;
}
