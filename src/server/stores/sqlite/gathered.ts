/**
 * Gathers the writes that wait into one transaction: the way to the disk is the same for one and for a hundred. None is
 * acknowledged before the transaction is.
 */
import { afterThisTurn } from "../../platform/clock.js";
import type { SqlDatabase } from "./driver.js";
import { rollBack } from "./open.js";

interface GatheredWrites {
  /** Does the work in a transaction, which it may share with others. Rejects with what the work or SQLite throws. */
  write<T>(work: () => T): Promise<T>;
  /** Does what still waits, now. */
  flush(): void;
}

interface Waiting {
  /** @returns what to call once the transaction is acknowledged */
  work(): () => void;
  fail(error: unknown): void;
}

/** @param atEnd is done in each transaction, after its last work */
export function gatherWrites(database: SqlDatabase, atEnd: () => void): GatheredWrites {
  let waiting: Waiting[] = [];
  /** @returns whether it was begun; where another process has the file, each of them would wait for it in vain */
  const begin = (works: readonly Waiting[]): boolean => {
    try {
      database.exec("BEGIN IMMEDIATE");
      return true;
    } catch (error) {
      for (const { fail } of works) fail(error);
      return false;
    }
  };
  const transact = (works: readonly Waiting[]): void => {
    if (!begin(works)) return;
    try {
      const done = works.map(({ work }) => work());
      atEnd();
      database.exec("COMMIT");
      for (const acknowledge of done) acknowledge();
    } catch (error) {
      rollBack(database);
      if (works.length === 1) for (const { fail } of works) fail(error);
      // Nothing of it has happened. One alone may be what cannot be written, so each gets a transaction of its own.
      else for (const one of works) transact([one]);
    }
  };
  const flush = (): void => {
    const works = waiting;
    waiting = [];
    if (works.length > 0) transact(works);
  };
  return {
    flush,
    write: <T>(work: () => T) =>
      new Promise<T>((resolve, reject) => {
        if (waiting.length === 0) afterThisTurn(flush);
        const waits: Waiting = {
          work() {
            const result = work();
            return () => resolve(result);
          },
          fail: reject,
        };
        waiting.push(waits);
      }),
  };
}
