/** No request passes a guard without a live session, whatever it says of itself. */
import { Agent, METHODS, request } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { createSessionVerifier } from "../../src/server/adapters/node.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import type { SessionVerifierOptions } from "../../src/server/verifier/options.js";
import { signIn } from "../../src/testing/sign-in.js";
import { SILENT } from "../server/support/test-verifier.js";
import { guardedApps, SECRET } from "./support/guarded-apps.js";
import { listen, stopServers } from "./support/test-app.js";

// Few connections, used again and again.
const agent = new Agent({ keepAlive: true, maxSockets: 8 });
afterEach(stopServers);
afterAll(() => agent.destroy());

const LISTED = "https://www.app.test";

const HEADERS: readonly Readonly<Record<string, string>>[] = [
  {},
  { "access-control-request-method": "GET" },
  { origin: LISTED, "access-control-request-method": "DELETE", "access-control-request-headers": "x-a" },
  { origin: "https://evil.test", "access-control-request-method": "GET" },
  { origin: "null", "access-control-request-method": "" },
  { origin: LISTED },
  { "access-control-request-private-network": "true", "access-control-request-method": "GET" },
  { "x-http-method-override": "OPTIONS", "access-control-request-method": "GET" },
  { "x-method-override": "OPTIONS" },
  { "sec-purpose": "prefetch", purpose: "prefetch" },
  { "x-moz": "prefetch" },
  {
    "sec-fetch-mode": "navigate",
    "sec-fetch-user": "?1",
    "sec-fetch-dest": "document",
    "sec-fetch-site": "same-origin",
  },
  { "sec-fetch-mode": "cors", "sec-fetch-site": "same-origin" },
  { "sec-fetch-mode": "websocket", connection: "Upgrade", upgrade: "websocket" },
  { connection: "Upgrade, HTTP2-Settings", upgrade: "h2c" },
  { "x-requested-with": "XMLHttpRequest" },
  { "hx-request": "true" },
  { "x-original-uri": "/curfew/session", "x-original-url": "/curfew/session", "x-rewrite-url": "/login" },
  { "x-forwarded-uri": "/login", "x-forwarded-method": "OPTIONS", "x-forwarded-prefix": "/curfew" },
  { "x-forwarded-for": "127.0.0.1", forwarded: "for=127.0.0.1;proto=https;host=localhost" },
  { "x-forwarded-host": "localhost", "x-real-ip": "127.0.0.1" },
  { authorization: "Bearer x", "curfew-subject": "ann", "curfew-roles": "admin" },
  { "curfew-proof": "e30.e30.AA" },
  { "user-agent": "kube-probe/1.30", "x-health-check": "1" },
  { cookie: "__Host-curfew=" },
  { cookie: "__Host-curfew=0000000000000000000000000000000000000000000" },
  { cookie: "__Host-curfew=a; __Host-curfew=b" },
  { cookie: "curfew=a; __Secure-curfew=b; __host-curfew=c; __Host-curfew.end=d" },
  { expect: "200-ok" },
  { range: "bytes=0-5", "if-none-match": "*" },
];

const PATHS = [
  "/",
  "/payroll",
  "/curfew",
  "/curfew/",
  "/curfew/payroll",
  "/curfew/payroll/../payroll",
  "/curfew/../payroll",
  "/curfew/%2e%2e/payroll",
  "/curfew/.%2e/payroll",
  "/curfew/..%2fpayroll",
  "/curfew%2f..%2fpayroll",
  "/curfew/..\\payroll",
  "/curfew//payroll",
  "//curfew/session",
  "/CURFEW/session",
  "/curfew/session/../../payroll",
  "/curfew/session;x",
  "/curfew/session%00",
  "/curfew/curfew.js/../../payroll",
  "/x/../curfew/payroll",
  "/curfew/null",
  "/null",
  "/login",
  "/login/",
  "/LOGIN",
  "/login?x",
  "/login?return=/payroll",
  "/login/../payroll",
  "/login/%2e%2e/payroll",
  "/login%2f..%2fpayroll",
  "/login;/../payroll",
  "/login/payroll",
  "/%6cogin",
  "//login",
  "/login%00",
  "/login%20",
  "http://evil.test/payroll",
  "http://evil.test/curfew/session",
  "http://evil.test/login",
];

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Every method in plain and as a preflight; every header and every path with the methods that a handler may ignore. */
const TABLE: readonly Asked[] = [
  ...[...METHODS.filter((method) => method !== "CONNECT"), "BREW", "get"].flatMap((method) =>
    HEADERS.slice(0, 4).map((headers) => ({ method, path: "/payroll", headers })),
  ),
  ...["GET", "HEAD", "POST", "OPTIONS", "PROPFIND"].flatMap((method) => [
    ...HEADERS.map((headers) => ({ method, path: "/payroll", headers })),
    ...PATHS.map((path) => ({ method, path, headers: {} })),
    ...PATHS.map((path) => ({ method, path, headers: HEADERS[2] ?? {} })),
  ]),
];

interface Seen {
  readonly status: number;
  readonly body: string;
  readonly secret: boolean;
}

/** A connection that is closed without an answer tells nothing either. */
const CLOSED: Seen = { status: 0, body: "", secret: false };

function ask(url: string, { method, path, headers }: Asked): Promise<Seen> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const asked = request({ agent, hostname, port, method, path, headers }, async (response) => {
      const body = await text(response).catch(() => "");
      const { statusCode: status = 0 } = response;
      resolve({ status, body, secret: body.includes(SECRET) || response.headers["x-secret"] !== undefined });
    });
    asked.on("error", () => resolve(CLOSED));
    asked.on("upgrade", (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode ?? 0, body: "", secret: true });
    });
    asked.end();
  });
}

function isAnsweredWithoutSession({ status, body, secret }: Seen, { method, path }: Asked): boolean {
  // The protocol's own calls, where the app serves them, answer for themselves.
  const isOwn = /^\/curfew\/(?:session|curfew\.js)(?:[?].*)?$/.test(path);
  return (
    secret ||
    (status >= 200 && status < 300 && !(status === 204 && body === "" && method === "OPTIONS") && !isOwn)
  );
}

function options(): SessionVerifierOptions {
  return {
    policy: { idle: "15m", absolute: "12h" },
    store: memoryStore(),
    signInUrl: "/login",
    origins: [LISTED],
    logger: SILENT,
  };
}

describe.each(guardedApps)("on $name", ({ listener }) => {
  test("nothing but a live session opens the guard, by no method, header or spelling of the path", async () => {
    const url = await listen(await listener(options()));
    const passed = await Promise.all(
      TABLE.map(async (asked) => isAnsweredWithoutSession(await ask(url, asked), asked) && asked),
    );
    expect(passed.filter((asked) => asked !== false)).toEqual([]);
  });

  test.each([{ roles: "admin" }, { fresh: "5m" }, { proof: true }, { scope: "pay" }, { cacheable: true }])(
    "a guard with %j answers a preflight itself, and lets nobody pass",
    async (rules) => {
      const url = await listen(await listener(options(), rules));
      for (const headers of HEADERS.slice(0, 4)) {
        const { status, body, secret } = await ask(url, { method: "OPTIONS", path: "/payroll", headers });
        expect(secret).toBe(false);
        if ("access-control-request-method" in headers) expect([status, body]).toEqual([204, ""]);
        else expect([303, 401]).toContain(status);
      }
    },
  );

  test("a live session opens it", async () => {
    const own = options();
    const url = await listen(await listener(own));
    const { cookie } = await signIn(createSessionVerifier(own), { subject: "ann" });
    const seen = await ask(url, { method: "GET", path: "/payroll", headers: { cookie } });
    expect([seen.status, seen.secret]).toEqual([200, true]);
    const preflight = await ask(url, {
      method: "OPTIONS",
      path: "/payroll",
      headers: { cookie, "access-control-request-method": "GET" },
    });
    expect([preflight.status, preflight.secret]).toEqual([204, false]);
  });
});
