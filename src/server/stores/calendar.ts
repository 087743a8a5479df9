/** Names by the time at which something is due, so that what is due is found without a look at all others. */

export interface Calendar {
  /** Puts a name at a time, and takes it from where it was. Null: it stands nowhere. */
  put(name: string, at: number | null): void;
  /** The names whose time has come, those of earlier seconds first. */
  until(now: number): Iterable<string>;
}

/** Names are kept by the second. */
const PAGE = 1_000;

export function createCalendar(): Calendar {
  const pages = new Map<number, Set<string>>();
  /** The seconds that have a page, in order. */
  const order: number[] = [];
  const times = new Map<string, number>();
  const takeAway = (name: string): void => {
    const at = times.get(name);
    if (at === undefined) return;
    times.delete(name);
    const number = Math.floor(at / PAGE);
    const page = pages.get(number);
    page?.delete(name);
    if (page?.size !== 0) return;
    pages.delete(number);
    order.splice(placeIn(order, number), 1);
  };
  const pageOf = (number: number): Set<string> => {
    const page = pages.get(number);
    if (page !== undefined) return page;
    const made = new Set<string>();
    pages.set(number, made);
    order.splice(placeIn(order, number), 0, number);
    return made;
  };
  return {
    put(name, at) {
      if (at !== null && times.get(name) === at) return;
      takeAway(name);
      if (at === null) return;
      times.set(name, at);
      pageOf(Math.floor(at / PAGE)).add(name);
    },
    *until(now) {
      // A copy: names are put elsewhere while they are walked over.
      for (const number of order.slice(0, placeIn(order, Math.floor(now / PAGE) + 1)))
        for (const name of pages.get(number) ?? []) if ((times.get(name) ?? now + 1) <= now) yield name;
    },
  };
}

/** Where a number stands, or would stand, among others in order. */
function placeIn(order: readonly number[], number: number): number {
  let [from, to] = [0, order.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((order[middle] ?? number) < number) from = middle + 1;
    else to = middle;
  }
  return from;
}
