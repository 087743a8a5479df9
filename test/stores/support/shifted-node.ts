/** A node whose own clocks are wrong: a verifier on a Redis, asked line by line over its standard input. */

import { performance } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { createSessionVerifier } from "../../../src/server/adapters/node.js";
import { redisStore } from "../../../src/server/stores/redis/store.js";
import { createTestKey, TestBrowser } from "../../server/support/test-browser.js";
import { SILENT } from "../../server/support/test-verifier.js";

const [url = "", shift = "0"] = process.argv.slice(2);
const realNow = Date.now.bind(Date);
Date.now = () => realNow() + Number(shift);
const realMonotonic = performance.now.bind(performance);
performance.now = () => realMonotonic() + Math.abs(Number(shift));

const sessions = createSessionVerifier({
  policy: { idle: "2s", absolute: "1h", warning: "500ms", heartbeat: "200ms", unsafeForTesting: true },
  store: redisStore(url),
  signInUrl: "/login",
  logger: SILENT,
});
await sessions.ready();
const key = await createTestKey();
process.stdout.write(`${JSON.stringify({ ready: true, clock: Date.now() })}\n`);
for await (const line of createInterface(process.stdin)) {
  const { cookie } = JSON.parse(line) as { cookie: string | null };
  const browser =
    cookie === null
      ? await TestBrowser.signedIn(sessions, { bind: false })
      : Object.assign(new TestBrowser(sessions, key), { cookie });
  const { status, body } = await browser.ask();
  const { now, expiresAt, reason, endedAt } = body;
  const answer = { status, now, expiresAt, reason, endedAt, cookie: browser.cookie };
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
