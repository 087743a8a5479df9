/** `/check?optional=1`: for pages that are public and private, over HTTP and behind real proxies. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { send } from "../adapters/support/http-browser.js";
import { startRedis } from "../stores/support/redis-server.js";
import { FORGED, namedIn } from "./support/forged-names.js";
import { temporaryFolder } from "./support/program.js";
import { type RunningProxy, startCaddy, startNginx } from "./support/proxies.js";
import { BASIC, cookieFrom, type RunningSidecar, startSidecar } from "./support/sidecar.js";
import { startWsgiApp, type WsgiApp } from "./support/wsgi-app.js";

const folder = temporaryFolder();
let sidecar: RunningSidecar;
let wsgi: WsgiApp;
let nginx: RunningProxy;
let caddy: RunningProxy;

const RULES = [
  { routes: ["/admin/**"], requireRoles: ["admin"] },
  { routes: ["/payments/**"], fresh: "5m" },
  { routes: ["/desk/**"], idle: "5m" },
  { routes: ["/**"] },
];
const NAVIGATION = { "sec-fetch-mode": "navigate", "sec-fetch-site": "same-origin", "sec-fetch-user": "?1" };

beforeAll(async () => {
  const policy = { ...BASIC.policy, rules: RULES };
  sidecar = await startSidecar(folder, { ...BASIC, policy });
  wsgi = await startWsgiApp();
  nginx = await startNginx(folder, { sidecar, appPort: wsgi.port });
  caddy = await startCaddy(folder, { sidecar, appPort: wsgi.port });
}, 60_000);

afterAll(async () => {
  for (const { program } of [nginx, caddy, wsgi, sidecar]) await program.stop();
  folder.remove();
});

async function signedIn() {
  const answer = await sidecar.call("POST", "/sessions", { subject: "ann", roles: ["nurse"] });
  return { sid: String(answer.body.sid), cookie: cookieFrom(answer) };
}

async function signedOut(): Promise<string> {
  const { sid, cookie } = await signedIn();
  await sidecar.call("DELETE", `/sessions/${sid}?reason=signed-out`);
  return cookie;
}

/** There and empty, so that no proxy fills them otherwise. */
const NOBODY = { "curfew-subject": "", "curfew-sid": "", "curfew-roles": "", "curfew-expires-at": "" };
const MODES = ["plain", "nginx", "forward"];
const at = (path: string) => ({ "x-original-uri": path });
const told = (headers: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith("curfew-")));

describe("/check?optional=1", () => {
  test.each(MODES)("with mode=%s lets a request without a session pass, and names nobody", async (mode) => {
    for (const cookie of [null, "__Host-curfew=made-up"]) {
      const answer = await sidecar.check(cookie, `?optional=1&mode=${mode}`, at("/shop/"));
      expect([answer.status, answer.text]).toEqual([204, ""]);
      expect(told(answer.headers)).toEqual({ ...NOBODY, "curfew-session": "none" });
      expect(answer.headers["cache-control"]).toBe("no-store");
    }
  });

  test.each(MODES)("with mode=%s takes a session that has ended for none, and says so", async (mode) => {
    const answer = await sidecar.check(await signedOut(), `?optional=1&mode=${mode}`, at("/shop/"));
    expect(answer.status).toBe(204);
    expect(told(answer.headers)).toEqual({ ...NOBODY, "curfew-session": "ended" });
  });

  test("says whose a live session is, as any check does", async () => {
    const { sid, cookie } = await signedIn();
    const [optional, strict] = await Promise.all([
      sidecar.check(cookie, "?optional=1", at("/shop/")),
      sidecar.check(cookie, "", at("/shop/")),
    ]);
    expect(told(optional.headers)).toEqual(told(strict.headers));
    expect(told(optional.headers)).toMatchObject({
      "curfew-session": "active",
      "curfew-subject": "ann",
      "curfew-sid": sid,
    });
  });

  test("extends nothing, whatever the browser says of a navigation", async () => {
    const { cookie } = await signedIn();
    const expiries = new Set<unknown>();
    for (let time = 0; time < 5; time++) {
      const { headers } = await sidecar.check(cookie, "?optional=1&page=true", {
        ...NAVIGATION,
        ...at("/shop/"),
      });
      expiries.add(headers["curfew-expires-at"]);
    }
    expect(expiries.size).toBe(1);
  });

  test("lets nobody pass where the policy asks the path for what only a session has", async () => {
    const paths = ["/admin/x", "/Admin", "/x/..;/admin", "/shop/%2e%2e/admin", "/payments/1", "/desk/1"];
    for (const cookie of [null, await signedOut()])
      for (const path of paths)
        expect((await sidecar.check(cookie, "?optional=1", at(path))).status, path).toBe(401);
    const { cookie } = await signedIn();
    expect((await sidecar.check(cookie, "?optional=1", at("/admin/x"))).status).toBe(403);
    expect((await sidecar.check(null, "?optional=1")).status, "no path is told").toBe(401);
  });

  test("is explained as it was decided", async () => {
    const explain = (path: string) =>
      sidecar.ask("GET", "/explain?optional=1", { headers: { ...at(path), accept: "application/json" } });
    expect((await explain("/admin/x")).status).toBe(401);
    expect((await explain("/shop/")).status).toBe(503);
  });

  test.each(["fresh=5m", "idle=5m", "roles=admin", "scope=pay"])("is refused beside %s", async (other) => {
    const { cookie } = await signedIn();
    const answer = await sidecar.check(cookie, `?optional=1&${other}`, at("/shop/"));
    expect([answer.status, answer.body.code]).toEqual([400, "query"]);
  });

  test.each(["optional=0", "optional=true", "optional=", "optional=1&optional=1"])(
    "%s is no question",
    async (query) => {
      expect((await sidecar.check(null, `?${query}`, at("/shop/"))).status).toBe(400);
    },
  );

  test("two cookies are refused, not taken for none", async () => {
    const { cookie } = await signedIn();
    const answer = await sidecar.check(`${cookie}; ${cookie}`, "?optional=1&mode=nginx", at("/shop/"));
    expect([answer.status, answer.headers["curfew-status"]]).toEqual([403, "400"]);
  });

  test("a store that is away is no sign-out", async () => {
    const redis = await startRedis();
    const own = await startSidecar(folder, { ...BASIC, store: redis.url });
    try {
      const cookie = cookieFrom(await own.call("POST", "/sessions", { subject: "ann" }));
      await redis.stop();
      const answer = await own.check(cookie, "?optional=1&mode=nginx", at("/shop/"));
      expect([answer.status, answer.headers["curfew-status"]]).toEqual([403, "503"]);
    } finally {
      await own.program.stop();
    }
  });
});

describe.each([
  ["nginx", () => nginx.url],
  ["Caddy", () => caddy.url],
])("behind %s, a page that is public and private", (_name, url) => {
  const page = (headers: Readonly<Record<string, string>>, path = "/shop/shoes?size=9") =>
    send(url(), "GET", path, { headers });
  const curfewIn = (body: Parameters<typeof namedIn>[0]) =>
    Object.fromEntries(Object.entries(namedIn(body)).filter(([name]) => name.startsWith("HTTP_CURFEW_")));

  test("is there for nobody, and nobody says who they are", async () => {
    const { status, body, headers } = await page(
      Object.fromEntries(FORGED.filter(([name]) => !/[_.]/.test(name))),
    );
    expect(status).toBe(200);
    expect(curfewIn(body)).toEqual({ HTTP_CURFEW_SESSION: "none" });
    expect(Object(body.environ)).toMatchObject({ PATH_INFO: "/shop/shoes", QUERY_STRING: "size=9" });
    expect(headers["cache-control"]).toBe("no-store");
  });

  test.each(FORGED)("is told of nobody by %s: %s", async (name, value) => {
    const { status, body } = await page({ [name]: value });
    expect(status).toBe(200);
    expect(curfewIn(body)).toEqual({ HTTP_CURFEW_SESSION: "none" });
  });

  test("knows who is signed in", async () => {
    const { sid, cookie } = await signedIn();
    const { body } = await page({ cookie, "Curfew-Subject": "root" });
    expect(curfewIn(body)).toMatchObject({
      HTTP_CURFEW_SESSION: "active",
      HTTP_CURFEW_SUBJECT: "ann",
      HTTP_CURFEW_SID: sid,
    });
  });

  test("is there for whose session has ended, and is told so", async () => {
    const { status, body } = await page({ cookie: await signedOut(), "Curfew-Subject": "ann" });
    expect([status, curfewIn(body)]).toEqual([200, { HTTP_CURFEW_SESSION: "ended" }]);
  });

  test("is kept by no cache, as no guarded page is", async () => {
    const { cookie } = await signedIn();
    for (const path of ["/shop/", "/notes"])
      expect((await page({ cookie }, path)).headers["cache-control"], path).toBe("no-store");
  });

  test("opens no other page", async () => {
    for (const path of [
      "/notes",
      "/shop/../notes",
      "/shop/%2e%2e/notes",
      "/shop/..;/admin",
      "/shop/%2e%2e/admin",
    ]) {
      const { status } = await page({}, path);
      expect(status, path).toBe(401);
    }
  });
});
