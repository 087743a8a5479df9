/**
 * Measures a group of two apps over one Redis: how soon an end of the group in one app is a 401 in the other, how soon the
 * other's open pages hear of it, and what a group costs a check and a heartbeat. Over HTTP on this machine, Redis included:
 * `npx tsx bench/group.ts`.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createSessionVerifier, type SessionVerifier } from "../src/server/adapters/node.js";
import { redisStore } from "../src/server/stores/redis/store.js";
import type { SessionVerifierOptions } from "../src/server/verifier/options.js";
import { createTestKey, TestBrowser } from "../test/server/support/test-browser.js";
import { startRedis } from "../test/stores/support/redis-server.js";

const TIMES = 200;
const LIMITS = { idle: "15m", absolute: "12h", warning: "2m" };

const redis = await startRedis();
const open = async (options: Partial<SessionVerifierOptions>): Promise<SessionVerifier> => {
  const sessions = createSessionVerifier({
    policy: LIMITS,
    signInUrl: "/login",
    store: redisStore(redis.url),
    logger: { info: () => {}, warn: () => {}, error: console.error },
    ...options,
  });
  await sessions.ready();
  return sessions;
};
const shared = { ...LIMITS, activity: "group", justification: "Measured." } as const;
const mail = await open({ name: "mail", group: { name: "bench" } });
const crm = await open({ name: "crm", policy: shared, group: { name: "bench", trusts: ["mail"] } });
const alone = await open({ name: "alone" });

const [routes, guard] = [crm.routes(), crm.guard()];
const server = createServer((request, response) =>
  routes(request, response, () => guard(request, response, () => void response.end("in"))),
);
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

async function signedIn(sessions: SessionVerifier, group?: string): Promise<TestBrowser> {
  const browser = new TestBrowser(sessions, await createTestKey());
  await browser.signIn(`person ${group}`, group === undefined ? {} : { group });
  if ((await browser.bind()).status !== 200) throw new Error("the key was refused");
  return browser;
}

async function statusIn(headers: Record<string, string>): Promise<number> {
  const answer = await fetch(`${url}/api`, { headers });
  await answer.text();
  return answer.status;
}

function told(what: string, took: number[]): void {
  took.sort((a, b) => a - b);
  const share = (part: number) => `${took[Math.ceil(part * took.length) - 1]?.toFixed(1)} ms`;
  console.log(`${what}, ${took.length} times: p50 ${share(0.5)}, p99 ${share(0.99)}, at most ${share(1)}`);
}

const toAnswer: number[] = [];
for (let at = 0; at < TIMES; at++) {
  const group = `one sign-in, number ${at}`;
  const [a, b] = [await signedIn(mail, group), await signedIn(crm, group)];
  const headers = { cookie: b.cookie ?? "" };
  if ((await statusIn(headers)) !== 200) throw new Error("the session does not live");
  const startedAt = performance.now();
  const ended = mail.end(a.live.sid, "revoked", { scope: "group" });
  while ((await statusIn(headers)) !== 401);
  toAnswer.push(performance.now() - startedAt);
  await ended;
}
told("an end of the group in one app to a 401 in the other", toAnswer);

// Nobody asks: the app finds out by itself.
const unasked: number[] = [];
const waiting: Promise<void>[] = [];
for (let at = 0; at < TIMES; at++) {
  const group = `another sign-in, number ${at}`;
  const [a, b] = [await signedIn(mail, group), await signedIn(crm, group)];
  const check = await crm.check(b.request("/"));
  if (check.status !== "active") throw new Error("the session does not live");
  const startedAt = performance.now();
  const heard = () => void unasked.push(performance.now() - startedAt);
  waiting.push(new Promise((resolve) => check.signal.addEventListener("abort", () => resolve(heard()))));
  await mail.end(a.live.sid, "revoked", { scope: "group" });
}
await Promise.all(waiting);
told("the same to the other's open connections where nobody asks", unasked);

for (const [what, sessions, group] of [
  ["without a group", alone, undefined],
  ["in a group", crm, "a sign-in for the cost"],
] as const) {
  const [checks, beats]: [number[], number[]] = [[], []];
  for (let at = 0; at < TIMES; at++) {
    const browser = await signedIn(sessions, group && `${group}, number ${at}`);
    const startedAt = performance.now();
    await sessions.check(browser.request("/"));
    const checkedAt = performance.now();
    checks.push(checkedAt - startedAt);
    const heartbeat = await browser.heartbeat(Date.now());
    const signedAt = performance.now();
    if ((await browser.post("/curfew/heartbeat", { heartbeat })).status !== 200)
      throw new Error("the heartbeat was refused");
    beats.push(performance.now() - signedAt);
  }
  told(`a check ${what}`, checks);
  told(`a heartbeat ${what}`, beats);
}

server.closeAllConnections();
await new Promise((resolve) => server.close(resolve));
for (const sessions of [mail, crm, alone]) await sessions.close();
await redis.stop();
