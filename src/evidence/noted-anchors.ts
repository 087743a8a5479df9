/**
 * Logs that vouch for each other's heads: where a log is anchored, a head of another that stands in it below its anchor is
 * fixed with it, and all that the other had until then. What begins nowhere outside anchors nothing.
 */

/** A head of one log as a record of another has it. */
export interface NotedHead {
  readonly origin: string;
  /** How many records the log had. */
  readonly size: number;
  /** Of the log that notes it, and the place of the record there. */
  readonly by: string;
  readonly seq: number;
}

export interface LogAnchor {
  /** So many of the log's records are vouched for. */
  readonly size: number;
  /** By which log, and how that one is anchored itself; null: from outside. */
  readonly through: { readonly head: NotedHead; readonly anchor: LogAnchor } | null;
}

/**
 * @param outside how many records of each log somebody outside vouches for; of a log that is broken 0
 * @param noted heads that were held against their logs, and are theirs
 * @returns the furthest anchor of each log
 */
export function anchorsOf(
  outside: ReadonlyMap<string, number>,
  noted: readonly NotedHead[],
): ReadonlyMap<string, LogAnchor> {
  const anchors = new Map<string, LogAnchor>();
  for (const [origin, size] of outside) anchors.set(origin, { size, through: null });
  for (let hasGrown = true; hasGrown; ) {
    hasGrown = false;
    for (const head of noted) {
      const [anchor, known] = [anchors.get(head.by), anchors.get(head.origin)];
      if (anchor === undefined || known === undefined) continue;
      if (head.seq >= anchor.size || head.size <= known.size) continue;
      anchors.set(head.origin, { size: head.size, through: { head, anchor } });
      hasGrown = true;
    }
  }
  return anchors;
}
