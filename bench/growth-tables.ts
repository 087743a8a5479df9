/** What grows with the number of sessions, as tables. */
import type { ExpiryResult, GrowthResult } from "./growth.js";
import { count, millis, table } from "./tables.js";

export function growthTable(growth: readonly GrowthResult[]): string {
  return table(
    ["", "heartbeat", "check", "sign-in", "`list`", "`endAll`"],
    growth.map((one) => [
      `${one.store}, ${count(one.sessions)}`,
      ...[one.heartbeat, one.guard, one.signIn, one.list, one.endAll].map(count),
    ]),
  );
}

export function expiryTable(expiry: readonly ExpiryResult[]): string {
  return table(
    [
      "sessions",
      "within",
      "the last end is in the trail after",
      "each after its own deadline (p50)",
      "p99",
      "at most",
      "ends a second",
      "a request waits (p50)",
      "p99.9",
    ],
    expiry.map(({ sessions, within, lastEnd, lag, median, p999 }) => [
      count(sessions),
      millis(within),
      ...[lastEnd, lag.median, lag.p99, lag.most].map(millis),
      count((sessions * 1_000) / lastEnd),
      millis(median),
      millis(p999),
    ]),
  );
}
