/**
 * Measures an identity provider's part: how soon a logout token is a 401, and how many silent sign-ins after an idle end are
 * refused, 200 in each of four ways. Everything goes over HTTP on this machine: `npx tsx bench/sso.ts`.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createSessionVerifier } from "../src/server/adapters/node.js";
import { oidc } from "../src/server/idp/oidc.js";
import { memoryStore } from "../src/server/stores/memory.js";
import { CLIENT_ID, startFakeProvider } from "../test/server/support/fake-provider.js";

const TIMES = 200;
const IDLE = 15 * 60_000;

let ahead = 0;
const clock = { now: () => Date.now() + ahead, monotonic: () => performance.now() + ahead };
const provider = await startFakeProvider(clock.now);
const sessions = createSessionVerifier({
  policy: { idle: "15m", absolute: "12h", warning: "2m" },
  store: memoryStore({ clock }),
  signInUrl: "/login",
  logger: { info: () => {}, warn: () => {}, error: console.error },
  idp: oidc({ issuer: provider.issuer, clientId: CLIENT_ID, privateAddresses: ["loopback"] }),
});
await sessions.ready();
const [routes, guard] = [sessions.routes(), sessions.guard()];
const server = createServer((request, response) =>
  routes(request, response, () => guard(request, response, () => void response.end("in"))),
);
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

async function signIn(sid: string, authenticatedAt: number, cookie?: string): Promise<string> {
  const headers = cookie === undefined ? {} : { cookie };
  const told = { subject: `person ${sid}`, authenticatedAt, idp: { iss: provider.issuer, sid } };
  const started = await sessions.start(new Request(`${url}/callback`, { headers }), told);
  return started.headers.getSetCookie()[0]?.split(";")[0] ?? "";
}

async function statusOf(cookie: string): Promise<number> {
  const answer = await fetch(`${url}/api`, { headers: { cookie } });
  await answer.text();
  return answer.status;
}

const took: number[] = [];
for (let at = 0; at < TIMES; at++) {
  const cookie = await signIn(`logout-${at}`, clock.now());
  if ((await statusOf(cookie)) !== 200) throw new Error("the session does not live");
  const body = new URLSearchParams({ logout_token: await provider.token({ sid: `logout-${at}` }) });
  const startedAt = performance.now();
  const posted = fetch(`${url}/curfew/idp/logout`, { method: "POST", body });
  // Not until the provider is answered: the app asks meanwhile, as its pages do.
  while ((await statusOf(cookie)) !== 401);
  took.push(performance.now() - startedAt);
  if ((await posted).status !== 200) throw new Error("the token was refused");
}
took.sort((a, b) => a - b);
const share = (part: number) => `${took[Math.ceil(part * TIMES) - 1]?.toFixed(1)} ms`;
console.log(
  `logout token to 401, ${TIMES} times: p50 ${share(0.5)}, p99 ${share(0.99)}, at most ${share(1)}`,
);

const refused = {
  "with the cookie": 0,
  "without it": 0,
  "in another tab, with both": 0,
  "with an old cookie put back": 0,
};
for (let at = 0; at < TIMES; at++) {
  const sid = `idle-${at}`;
  const old = await signIn(sid, clock.now());
  const authenticatedAt = clock.now();
  const cookie = await signIn(sid, authenticatedAt, old);
  ahead += IDLE;
  const isRefused = async (attempt: Promise<string>) =>
    attempt.then(
      () => 0,
      (error: unknown) => Number(Object(error).code === "stale-authentication"),
    );
  refused["with the cookie"] += await isRefused(signIn(sid, authenticatedAt, cookie));
  refused["without it"] += await isRefused(signIn(sid, authenticatedAt));
  const [one, two] = [signIn(sid, authenticatedAt, cookie), signIn(sid, authenticatedAt, cookie)];
  refused["in another tab, with both"] += (await isRefused(one)) & (await isRefused(two));
  refused["with an old cookie put back"] += await isRefused(signIn(sid, authenticatedAt, old));
}
for (const [way, count] of Object.entries(refused))
  console.log(`silent sign-ins after an idle end refused ${way}: ${count} of ${TIMES}`);

server.closeAllConnections();
await new Promise((resolve) => server.close(resolve));
await sessions.close();
await provider.close();
