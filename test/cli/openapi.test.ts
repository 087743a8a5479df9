/** `docs/openapi.json` against a real sidecar: every path, method and status in it is answered, and no other. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HttpBrowser, send } from "../adapters/support/http-browser.js";
import { CLIENT_ID, type FakeProvider, startFakeProvider } from "../server/support/fake-provider.js";
import { createTestKey } from "../server/support/test-browser.js";
import { type RedisServer, startRedis } from "../stores/support/redis-server.js";
import { ROOT, temporaryFolder } from "./support/program.js";
import { BASIC, cookieFrom, type RunningSidecar, startSidecar } from "./support/sidecar.js";

type Members = Readonly<Record<string, unknown>>;

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses?: Members }>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, { readonly properties: Members }>> };
}

const document = JSON.parse(readFileSync(join(ROOT, "docs/openapi.json"), "utf8")) as OpenApi;
const METHODS = ["get", "post", "delete", "put", "patch"];

/** `GET /check 204` and so on. */
const documented = Object.entries(document.paths).flatMap(([path, operations]) =>
  Object.entries(operations)
    .filter(([method]) => METHODS.includes(method))
    .flatMap(([method, { responses = {} }]) =>
      Object.keys(responses).map((status) => `${method.toUpperCase()} ${path} ${status}`),
    ),
);

const folder = temporaryFolder();
const answered = new Set<string>();
let redis: RedisServer;
let sidecar: RunningSidecar;
/** For an app that keeps its own session, and has a provider. */
let beside: RunningSidecar;
let provider: FakeProvider;

beforeAll(async () => {
  redis = await startRedis();
  const limits = { status: 20, failures: 3 };
  const policy = { ...BASIC.policy, maxSessions: 3 };
  sidecar = await startSidecar(folder, { ...BASIC, policy, limits, store: redis.url, pseudonyms: "own" });
  provider = await startFakeProvider(Date.now);
  const idp = { issuer: provider.issuer, clientId: CLIENT_ID, privateAddresses: ["loopback"] };
  beside = await startSidecar(folder, { ...BASIC, idp, identify: { cookie: "JSESSIONID" } });
});

afterAll(async () => {
  await Promise.all([sidecar, beside].map(({ program }) => program.stop()));
  await redis.stop();
  await provider.close();
  folder.remove();
});

/** Which of the document's paths a path is. */
function template(path: string): string {
  const [bare = ""] = path.split("?");
  if (bare in document.paths) return bare;
  return bare
    .replace(/^\/sessions\/[^/]+/, "/sessions/{sid}")
    .replace(/^\/curfew\/locales\/.*$/, "/curfew/locales/{tag}.json");
}

function call(...args: Parameters<RunningSidecar["call"]>) {
  return callTo(sidecar, ...args);
}

async function callTo(called: RunningSidecar, ...args: Parameters<RunningSidecar["call"]>) {
  const answer = await called.call(...args);
  answered.add(`${args[0]} ${template(args[1])} ${answer.status}`);
  return answer;
}

/** Of the public listener, what comes back is written down too. */
class WatchedBrowser extends HttpBrowser {
  override async send(...args: Parameters<HttpBrowser["send"]>) {
    const answer = await super.send(...args);
    answered.add(`${args[0]} ${template(args[1])} ${answer.status}`);
    return answer;
  }
}

async function signedIn(subject: string): Promise<WatchedBrowser> {
  const browser = new WatchedBrowser(sidecar.publicUrl, await createTestKey());
  browser.cookie = cookieFrom(await call("POST", "/sessions", { subject }));
  await browser.ask();
  return browser;
}

const LARGE = { cookie: "x".repeat(70_000), subject: "ann" };

async function askEverything(browser: HttpBrowser): Promise<void> {
  const { cookie } = browser;
  const navigation = { "sec-fetch-mode": "navigate", authorization: "" };
  const with_ = (headers: Record<string, string>) => ({ ...(cookie === null ? {} : { cookie }), ...headers });
  for (const path of ["/check", "/explain"]) {
    await call("GET", `${path}?mode=forward`, undefined, navigation);
    await call("GET", `${path}?fresh=5`, undefined, with_({}));
    await call("GET", path);
    await call("GET", path, undefined, with_({}));
    await call("GET", `${path}?roles=admin`, undefined, with_({}));
  }
  for (const path of ["/healthz", "/readyz", "/metrics"]) await call("GET", path);
  await call("GET", "/authorization", undefined, with_({}));
  await call("GET", "/sessions?subject=ann");
  await call("GET", "/sessions");
  await call("DELETE", "/sessions?subject=nobody");
  await call("DELETE", "/sessions");
  await call("DELETE", "/sessions/nobody");
  await call("DELETE", "/sessions/nobody?reason=idle");
  await call("POST", "/sessions/nobody/end-others");
  await call("POST", "/sessions/nobody/end-others?actor=");
  for (const method of ["GET", "DELETE"]) {
    await call(method, "/pseudonyms?subject=nobody");
    await call(method, "/pseudonyms");
  }
  await call("GET", "/outbox");
  await call("POST", "/outbox/replay?id=nothing");
  for (const path of ["/sessions", "/sessions/reauthenticate", "/sessions/moved"]) {
    await call("POST", path, LARGE);
    await call("POST", path, {});
  }
  await call("POST", "/sessions/reauthenticate", { subject: "ann", cookie });
  await call("POST", "/sessions/reauthenticate", { subject: "ann" });
  await call("POST", "/sessions/moved", { oldId: "nobody", newId: "0123456789abcdef" });
  for (const operation of documented.filter(
    (line) => line.endsWith(" 401") && / \/(?:sessions|outbox|pseudonyms)/.test(line),
  )) {
    const [method = "", path = ""] = operation.split(" ");
    await call(method, path.replace("{sid}", "abc"), undefined, { authorization: "Bearer wrong" });
  }
}

test("every path, method and status of the document is answered, and no other", async () => {
  const browser = await signedIn("ann");
  await browser.post("/curfew/key", { binding: "x" });
  await browser.bind();
  await browser.beat(Date.now());
  await askEverything(browser);

  // Who may not sign in.
  const headers = { "sec-fetch-site": "cross-site" };
  await call("POST", "/sessions", { subject: "ann" }, headers);
  const own = { subject: "own", id: "an-id-of-the-apps-own", authenticatedAt: Date.now() };
  await callTo(beside, "POST", "/sessions", own);
  await callTo(beside, "POST", "/sessions", own);
  await callTo(beside, "POST", "/sessions/moved", { oldId: own.id, newId: "another-id-of-the-apps-own" });

  // What the provider tells, while its keys are away and once they are there.
  for (const isDown of [true, false]) {
    provider.isDown = isDown;
    for (const token of [await provider.token({ sub: "nobody" }), "none"]) {
      const post = {
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: `logout_token=${token}`,
      };
      const { status } = await send(beside.publicUrl, "POST", "/curfew/idp/logout", post);
      answered.add(`POST /curfew/idp/logout ${status}`);
    }
  }

  // The protocol, refused in every way.
  const anonymous = new WatchedBrowser(sidecar.publicUrl, await createTestKey());
  anonymous.cookie = "__Host-curfew=nothing";
  const late = await signedIn("late");
  await late.bind();
  const messages = {
    "/curfew/key": { binding: "x" },
    "/curfew/heartbeat": { heartbeat: "x" },
    "/curfew/end": { sid: "x" },
  };
  for (const [path, message] of Object.entries(messages)) {
    await late.post(path, { ...message, more: true });
    await late.post(path, message, { "sec-fetch-site": "cross-site" });
    await late.post(path, "x".repeat(5_000));
    await late.post(path, message);
    const sid = late.live.sid;
    late.status = { ...late.live, sid: browser.live.sid };
    if (path === "/curfew/key") await late.bind();
    else if (path === "/curfew/heartbeat") await late.beat(Date.now());
    late.status = { ...late.live, sid };
    anonymous.status = late.live;
    if (path === "/curfew/key") await anonymous.bind();
    else if (path === "/curfew/heartbeat") await anonymous.beat(Date.now());
    else await anonymous.post(path, { sid });
  }
  await anonymous.ask();
  await send(sidecar.publicUrl, "GET", "/curfew/session", {
    headers: { cookie: `${late.cookie}; ${late.cookie}` },
  }).then(({ status }) => answered.add(`GET /curfew/session ${status}`));
  await late.beat(Date.now());
  await late.post("/curfew/end", { sid: late.live.sid });

  // The script include and its words.
  const script = await anonymous.get("/curfew/curfew.js");
  await anonymous.get("/curfew/curfew.js", { "if-none-match": String(script.headers.etag) });
  const words = await anonymous.get("/curfew/locales/en.json");
  await anonymous.get("/curfew/locales/en.json", { "if-none-match": String(words.headers.etag) });
  await anonymous.get("/curfew/locales/tlh.json");

  // Too many.
  const busy = await signedIn("busy");
  await busy.bind();
  for (let count = 0; count < 20; count++) await busy.ask();
  const other = await createTestKey();
  const forger = new WatchedBrowser(sidecar.publicUrl, { ...busy.key, sign: other.sign });
  Object.assign(forger, { cookie: busy.cookie, status: busy.live });
  for (let count = 0; count < 4; count++) await forger.beat(Date.now());
  const unbound = await signedIn("unbound");
  const thief = new WatchedBrowser(sidecar.publicUrl, { ...unbound.key, sign: other.sign });
  Object.assign(thief, { cookie: unbound.cookie, status: unbound.live });
  for (let count = 0; count < 4; count++) await thief.bind();

  await redis.kill();
  await askEverything(unbound);
  await call("POST", "/sessions", { subject: "ann" });
  for (const [path, message] of Object.entries(messages)) await unbound.post(path, message);
  await unbound.ask();
  await unbound.bind();
  await unbound.beat(Date.now());

  const slow = documented.filter((line) => line.endsWith(" 408"));
  expect(slow.length).toBeGreaterThan(0);
  // A body that does not come takes 10 s.
  const expected = documented.filter((line) => !slow.includes(line));
  expect([...answered].sort((a, b) => a.localeCompare(b))).toEqual(
    expected.sort((a, b) => a.localeCompare(b)),
  );
});

test("every reference of the document leads somewhere, and every part is referred to", () => {
  const text = JSON.stringify(document);
  const references = [...text.matchAll(/"\$ref":"#\/components\/(\w+)\/(\w+)"/g)].map(
    ([, kind, name]) => `${kind}/${name}`,
  );
  const { securitySchemes: _token, ...kinds } = document.components as unknown as Record<string, Members>;
  const parts = Object.entries(kinds).flatMap(([kind, members]) =>
    Object.keys(members).map((name) => `${kind}/${name}`),
  );
  expect(new Set(references)).toEqual(new Set(parts));
});
