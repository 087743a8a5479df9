/**
 * A node that ends sessions and tells a webhook of them, says each end that it has come back from on a line, and kills itself
 * with SIGKILL at the step that it is told: before a call of the store goes out, or when its answer has come.
 */
import { createSessionVerifier } from "../../../src/server/adapters/node.js";
import { postgresStore } from "../../../src/server/stores/postgres/store.js";
import { redisStore } from "../../../src/server/stores/redis/store.js";
import { sqliteStore } from "../../../src/server/stores/sqlite/store.js";
import type { SessionStore } from "../../../src/server/stores/store.js";
import { recordAt } from "../../../src/testing/store-conformance-records.js";

const [
  url = "",
  startAt = "",
  name = "",
  sessionCount = "",
  killAt = "",
  kind = "",
  where = "",
  prefix = "",
] = process.argv.slice(2);
const startedAt = performance.now();
const sinceStart = () => performance.now() - startedAt;
// Each node is half a minute further on than the one before, so that the leases of the dead ones have run out.
const clock = { now: () => Math.floor(Number(startAt) + sinceStart()), monotonic: sinceStart };
const STORES: Readonly<Record<string, () => SessionStore>> = {
  postgres: () => postgresStore(where, { clock, prefix }),
  redis: () => redisStore(where, { clock, prefix }),
  sqlite: () => sqliteStore(where, { clock, durability: "relaxed" }),
};
const LIVES = { idleTimeout: 15 * 60_000, absoluteTimeout: 12 * 60 * 60_000 };
let steps = Number.NEGATIVE_INFINITY;
const step = () => {
  if (++steps === Number(killAt)) process.kill(process.pid, "SIGKILL");
};

function stepping(store: SessionStore): SessionStore {
  return new Proxy(store, {
    get(target, method) {
      const value: unknown = Reflect.get(target, method);
      if (typeof value !== "function" || method === "all" || String(method).startsWith("on"))
        return typeof value === "function" ? value.bind(target) : value;
      return async (...values: unknown[]) => {
        step();
        const answer: unknown = await value.apply(target, values);
        step();
        return answer;
      };
    },
  });
}

const opened = STORES[kind]?.();
if (opened === undefined) throw new Error(`there is no store ${kind}`);
const sessions = createSessionVerifier({
  policy: { idle: "15m", absolute: "12h", warning: "2m" },
  store: stepping(opened),
  signInUrl: "/login",
  logger: { info: () => {}, warn: () => {}, error: () => {} },
  webhook: { url, secret: "webhook-secret-of-the-tests-0123456789" },
});
await sessions.ready();
for (let at = 0; at < Number(sessionCount); at++) {
  const sid = `${name}-${at}`;
  const now = clock.now();
  const before = { id: `${sid} before`, to: "webhook", since: now, attempts: 0, nextAt: now } as const;
  // Every second end must wait until something else was told: by the sweeper. The others are told at once.
  const outbox = at % 2 === 1 ? { outbox: [before] } : {};
  await opened.insert(recordAt(now, sid, { app: "curfew", ...LIVES, ...outbox }));
}
steps = 0;
for (let at = 0; at < Number(sessionCount); at++) {
  await sessions.end(`${name}-${at}`);
  process.stdout.write(`${name}-${at}\n`);
}
for (let at = 0; at < Number(sessionCount); at++)
  while ((await opened.find(`${name}-${at}`))?.record.outbox?.length !== 0)
    await new Promise((resolve) => setTimeout(resolve, 20));
await sessions.close();
