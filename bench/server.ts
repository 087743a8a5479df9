/** Measures the server's half. */
import { measureExpiry, measureGrowth } from "./growth.js";
import { measureHeartbeats } from "./heartbeats.js";
import { checkScale, OFFICE } from "./scale.js";
import { SCALE_INTERVAL, type ServerResults } from "./server-report.js";
import { measureSustained } from "./sustained.js";

/** @param isQuick less of everything: about a minute */
export async function measureServer(isQuick: boolean): Promise<ServerResults> {
  const [growth, expiry, people] = isQuick
    ? [[1_000, 10_000], [10_000], 10]
    : [[1_000, 10_000, 100_000], [10_000, 100_000], 30];
  return {
    heartbeats: await measureHeartbeats(isQuick),
    sustained: await measureSustained(isQuick ? 1_500 : 8_000),
    growth: await measureGrowth(growth),
    expiry: await inTurn(expiry, (sessions) => measureExpiry(sessions)),
    scale: await checkScale(OFFICE, SCALE_INTERVAL, people),
  };
}

async function inTurn<T, Result>(
  items: readonly T[],
  work: (item: T) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}
