import { expect } from "@playwright/test";
import { type HttpAnswer, HttpBrowser, send } from "../test/adapters/support/http-browser.js";
import { freePort } from "../test/free-port.js";
import { type Environment, type Example, installExample } from "./examples.js";
import { test as base, pacedEnd } from "./pace.js";

/** An example without a page of its own to look at: real requests are enough. */
interface ServerExample {
  readonly name: string;
  /** What turns the sources into the server. */
  readonly build?: readonly [program: string, ...args: string[]];
  readonly typecheck: readonly string[];
  readonly start: (port: number) => readonly [args: readonly string[], environment: Environment];
  readonly signIn: Parameters<typeof HttpBrowser.signedIn>[1];
  readonly guarded: string;
}

const JSON_SIGN_IN = {
  headers: { "content-type": "application/json" },
  body: '{"name":"ann","password":"demo"}',
};
const FORM_SIGN_IN = {
  headers: { "content-type": "application/x-www-form-urlencoded" },
  body: "name=ann&password=demo",
};
const withTsx = (port: number) => [["--import", "tsx", "src/start.ts"], { PORT: String(port) }] as const;

const FASTIFY: ServerExample = {
  name: "fastify",
  typecheck: ["--noEmit"],
  start: withTsx,
  signIn: JSON_SIGN_IN,
  guarded: "/notes",
};
const HONO: ServerExample = { ...FASTIFY, name: "hono" };
const NEXT: ServerExample = {
  name: "next",
  build: ["next", "build"],
  typecheck: ["--noEmit"],
  start: (port) => [["node_modules/next/dist/bin/next", "start", "-H", "127.0.0.1", "-p", String(port)], {}],
  signIn: FORM_SIGN_IN,
  guarded: "/api/notes",
};
const NUXT: ServerExample = {
  name: "nuxt",
  build: ["nuxt", "build"],
  typecheck: ["--noEmit", "-p", ".nuxt/tsconfig.server.json"],
  start: (port) => [[".output/server/index.mjs"], { HOST: "127.0.0.1", PORT: String(port) }],
  signIn: FORM_SIGN_IN,
  guarded: "/api/notes",
};

const QUIET = { NEXT_TELEMETRY_DISABLED: "1", NUXT_TELEMETRY_DISABLED: "1" };
const NAVIGATION = { "sec-fetch-mode": "navigate", accept: "text/html" };

const test = base.extend<{ readonly serve: (example: ServerExample) => Promise<string> }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from this pattern
  serve: async ({}, use) => {
    const installed: Example[] = [];
    await use(async ({ name, build, typecheck, start }) => {
      const example = installExample(name);
      installed.push(example);
      if (build !== undefined) example.run(build[0], build.slice(1), QUIET);
      example.run("typescript", typecheck);
      const [args, environment] = start(await freePort());
      return (await example.start(args, { ...QUIET, ...environment })).url;
    });
    for (const example of installed) await example.remove();
  },
});

// npm installs each of them, and two are built.
test.setTimeout(pacedEnd(300_000));

for (const example of [FASTIFY, HONO]) {
  test(`the ${example.name} example guards its routes and keeps to its session`, async ({ serve }) => {
    const url = await serve(example);
    const browser = await expectGuardedSession(url, example);
    expect((await browser.send("POST", "/transfer")).body).toEqual({ paid: true });
    await expectEnd(browser, example);
  });
}

test("the Next example guards a page, a route and an action", async ({ serve }) => {
  const url = await serve(NEXT);
  const signedOut = await send(url, "GET", "/", { headers: NAVIGATION });
  expect([signedOut.status, signedOut.headers.location]).toEqual([307, "/login"]);
  expect((await send(url, "GET", "/login", { headers: NAVIGATION })).text).toContain('action="/sign-in"');

  const browser = await expectGuardedSession(url, NEXT);
  const page = await browser.get("/", NAVIGATION);
  expect(page.text).toContain("ann");
  expect(page.headers["cache-control"]).toContain("no-store");
  const action = /name="(\$ACTION_ID_[0-9a-f]+)"/.exec(page.text)?.[1] ?? "";
  expect((await postAction(browser, action, "Buy milk")).status).toBeLessThan(400);
  expect((await browser.get("/api/notes")).text).toBe('["Buy milk"]');

  await expectEnd(browser, NEXT);
  const late = await postAction(browser, action, "Too late");
  expect([late.status, late.headers.location]).toEqual([303, "/login"]);
  const again = await HttpBrowser.signedIn(url, NEXT.signIn);
  expect((await again.get("/api/notes")).text).toBe('["Buy milk"]');
});

test("the Nuxt example guards its pages and its API", async ({ serve }) => {
  const url = await serve(NUXT);
  const signedOut = await send(url, "GET", "/?open=1", { headers: NAVIGATION });
  expect([signedOut.status, signedOut.headers.location]).toEqual([303, "/login?return=%2F%3Fopen%3D1"]);
  expect((await send(url, "GET", "/login", { headers: NAVIGATION })).text).toContain('action="/sign-in"');

  for (const path of [
    "/login/../api/notes",
    "/curfew/../api/notes",
    "/_nuxt/../api/notes",
    "/curfew/%2e%2e/api/notes",
    "/_nuxt/%2e%2e/api/notes",
    "/api/%6eotes",
    "//api/notes",
    "/curfew/notes",
    "/LOGIN",
  ]) {
    const { status, text } = await send(url, "GET", path, { headers: { accept: "application/json" } });
    expect([303, 400, 401, 404], path).toContain(status);
    expect(text, path).not.toContain("Buy milk");
  }

  const browser = await expectGuardedSession(url, NUXT);
  expect((await browser.post("/api/notes", { note: "Buy milk" })).text).toContain("Buy milk");
  const page = await browser.get("/", NAVIGATION);
  expect(page.text).toContain("Buy milk");
  expect(page.headers["cache-control"]).toBe("no-store");

  await expectEnd(browser, NUXT);
  expect((await browser.post("/api/notes", { note: "Too late" })).status).toBe(401);
});

/** Signed out nothing is to be had; signed in the key binds, a heartbeat counts and the script include is there. */
async function expectGuardedSession(url: string, { guarded, signIn }: ServerExample): Promise<HttpBrowser> {
  expectProblem(await send(url, "GET", guarded), "urn:curfew:no-session");
  const { status, headers } = await send(url, "GET", `${guarded}?page=2`, { headers: NAVIGATION });
  expect([status, new URLSearchParams(headers.location?.split("?")[1]).get("return")]).toEqual([
    303,
    `${guarded}?page=2`,
  ]);
  const browser = await HttpBrowser.signedIn(url, signIn);
  const { idleExpiresAt, key } = browser.live;
  expect(key).toBe(browser.key.thumbprint);
  const answer = await browser.get(guarded);
  expect([answer.status, answer.headers["cache-control"]]).toEqual([200, "no-store"]);
  expect((await browser.ask()).body.idleExpiresAt).toBe(idleExpiresAt);
  expect((await browser.beat(browser.live.now)).status).toBe(200);
  expect(browser.live.idleExpiresAt).toBeGreaterThanOrEqual(idleExpiresAt);
  for (const path of ["/curfew/curfew.js", "/curfew/locales/en.json"])
    expect((await browser.get(path)).status, path).toBe(200);
  const large = await browser.post("/curfew/heartbeat", `{"heartbeat":"${"a".repeat(1_000_000)}"}`);
  expect([large.status, large.body.type]).toEqual([413, "urn:curfew:too-large"]);
  return browser;
}

async function expectEnd(browser: HttpBrowser, { guarded }: ServerExample): Promise<void> {
  const { cookie } = browser;
  expect((await browser.post("/curfew/end", { sid: browser.live.sid })).status).toBe(204);
  browser.cookie = cookie;
  expectProblem(await browser.get(guarded), "urn:curfew:session-ended");
}

function expectProblem({ status, headers, body }: HttpAnswer, type: string): void {
  expect([status, body.type, headers["content-type"]]).toEqual([401, type, "application/problem+json"]);
  expect(headers["cache-control"]).toBe("no-store");
}

/** What the page's form posts before its script has loaded. */
function postAction(browser: HttpBrowser, action: string, note: string): Promise<HttpAnswer> {
  const part = (name: string, value: string) =>
    `--part\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const headers = { "content-type": "multipart/form-data; boundary=part", origin: browser.url };
  const body = `${part(action, "")}${part("note", note)}--part--\r\n`;
  return browser.send("POST", "/", { headers, body });
}
