/**
 * Kills nodes with SIGKILL at every step of ending sessions and telling of them, and counts the ends that were lost; then
 * measures how soon after an end its webhook has it, and how many ends are told a second. Everything is on this machine, in
 * a SQLite file: `npx tsx bench/outbox.ts [KILLS]`.
 */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { createSessionVerifier } from "../src/server/adapters/node.js";
import { sqliteStore } from "../src/server/stores/sqlite/store.js";
import { createTestClock } from "../test/server/support/test-clock.js";
import { killAtSteps } from "../test/stores/support/outbox-kills.js";

const KILLS = Number(process.argv[2] ?? 1_000);
/** How many steps two ends take until both were told of. */
const STEPS = 24;
const TIMES = 200;
const MANY = 2_000;

const folder = mkdtempSync(join(tmpdir(), "curfew-"));
const clock = createTestClock();
const file = join(folder, "killed.db");
const killed = await killAtSteps({
  reach: ["sqlite", file],
  open: () => sqliteStore(file, { clock, durability: "relaxed" }),
  clock,
  steps: [...Array(KILLS).keys()].map((at) => (at % STEPS) + 1),
  atATime: 2,
});
console.log(
  `${killed.kills} of ${KILLS} nodes killed; ${killed.ends} ends written, ${killed.acknowledged} acknowledged: ${killed.lost.length} lost, ${killed.outOfOrder.length} out of order, ${killed.repeated} deliveries repeated`,
);

const heard = new Map<string, number>();
const server = createServer(async (request, response) => {
  const { sid } = (await json(request)) as { readonly sid: string };
  heard.set(sid, performance.now());
  response.writeHead(204).end();
}).listen(0, "127.0.0.1");
await once(server, "listening");
const address = server.address();
const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/`;
const sessions = createSessionVerifier({
  policy: { idle: "15m", absolute: "12h", warning: "2m" },
  store: sqliteStore(join(folder, "measured.db")),
  signInUrl: "/login",
  webhook: { url, secret: "webhook-secret-of-the-bench-0123456789" },
});
await sessions.ready();
const begin = async (subject: string) => {
  const started = await sessions.start(new Request("https://app.test/", { method: "POST" }), { subject });
  return started.session.sid;
};
const told = async (count: number) => {
  while (heard.size < count) await new Promise((resolve) => setTimeout(resolve, 1));
};

const delays: number[] = [];
for (let at = 1; at <= TIMES; at++) {
  const sid = await begin("ann");
  await sessions.end(sid);
  const endedAt = performance.now();
  await told(at);
  delays.push((heard.get(sid) ?? endedAt) - endedAt);
}
delays.sort((a, b) => a - b);
const share = (part: number) => `${delays[Math.ceil(part * TIMES) - 1]?.toFixed(1)} ms`;
console.log(`end to webhook, ${TIMES} times: p50 ${share(0.5)}, p99 ${share(0.99)}, at most ${share(1)}`);

const begun: string[] = [];
for (let at = 0; at < MANY; at++) begun.push(await begin(`person ${at}`));
const startedAt = performance.now();
await sessions.endEverything();
const endedIn = performance.now() - startedAt;
await told(TIMES + MANY);
const toldIn = performance.now() - startedAt;
console.log(
  `${MANY} sessions ended together in ${(endedIn / 1_000).toFixed(1)} s, the last told after ${(toldIn / 1_000).toFixed(1)} s: ${Math.round((MANY / toldIn) * 1_000)} a second`,
);
await sessions.close();
server.close();
rmSync(folder, { recursive: true });
