/** A node that ends sessions and tells a webhook of them, says each end that it has come back from on a line, and kills itself at the step that it is told. */
import { createSessionVerifier } from "../../../src/server/adapters/node.js";
import { recordAt } from "../../../src/testing/store-conformance-records.js";
import { SILENT } from "../../server/support/test-verifier.js";
import { killedNode } from "./killed-node.js";

const [url = "", startAt = "", name = "", sessionCount = "", killAt = "", ...reach] = process.argv.slice(2);
const LIVES = { idleTimeout: 15 * 60_000, absoluteTimeout: 12 * 60 * 60_000 };
const { clock, opened, store, begin } = killedNode(Number(startAt), Number(killAt), reach);
const sessions = createSessionVerifier({
  policy: { idle: "15m", absolute: "12h", warning: "2m" },
  store,
  signInUrl: "/login",
  logger: SILENT,
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
begin();
for (let at = 0; at < Number(sessionCount); at++) {
  await sessions.end(`${name}-${at}`);
  process.stdout.write(`${name}-${at}\n`);
}
for (let at = 0; at < Number(sessionCount); at++)
  while ((await opened.find(`${name}-${at}`))?.record.outbox?.length !== 0)
    await new Promise((resolve) => setTimeout(resolve, 20));
await sessions.close();
