/** The roles that the policy requires of a path, as the sidecar and a proxy in front of it hold them. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { send } from "../adapters/support/http-browser.js";
import { temporaryFolder } from "./support/program.js";
import { type RunningProxy, startCaddy, startNginx } from "./support/proxies.js";
import { BASIC, cookieFrom, type RunningSidecar, startSidecar } from "./support/sidecar.js";
import { startWsgiApp, type WsgiApp } from "./support/wsgi-app.js";

const folder = temporaryFolder();
let sidecar: RunningSidecar;
let wsgi: WsgiApp;
let proxies: readonly (readonly [string, RunningProxy])[];

const RULES = [
  { routes: ["/admin/**"], requireRoles: ["admin", "auditor"] },
  { routes: ["/admin/keys/**"], requireRoles: ["security"] },
  { routes: ["/reports/**"], requireRoles: ["admin"] },
  { routes: ["/**"] },
];

beforeAll(async () => {
  sidecar = await startSidecar(folder, { ...BASIC, policy: { ...BASIC.policy, rules: RULES } });
  wsgi = await startWsgiApp();
  const behind = { sidecar, appPort: wsgi.port };
  proxies = [
    ["nginx", await startNginx(folder, behind)],
    ["Caddy", await startCaddy(folder, behind)],
  ];
}, 60_000);

afterAll(async () => {
  for (const { program } of [...proxies.map(([, proxy]) => proxy), wsgi, sidecar]) await program.stop();
  folder.remove();
});

async function signedIn(...roles: string[]): Promise<string> {
  return cookieFrom(await sidecar.call("POST", "/sessions", { subject: "ann", roles }));
}

/** Many apps read each of them as /admin, or may. */
const ADMIN = [
  "/admin",
  "/admin/",
  "/Admin/users",
  "/ADMIN",
  "/%61dmin",
  "/%2561dmin",
  "//admin",
  "/./admin",
  "/x/../admin",
  "/x/%2e%2e/admin",
  "/x/..;/admin",
  "/admin;v=1/users",
  "/admin%2fusers",
  "/admin./users",
  "/admin%3f/x",
  "/Admin?x=/notes",
  "/%EF%BD%81dmin",
];

test.each(["x-original-uri", "x-forwarded-uri"])(
  "the sidecar asks for them by the path in %s",
  async (uri) => {
    const as = async (...roles: string[]) => {
      const cookie = await signedIn(...roles);
      return async (path: string) => (await sidecar.check(cookie, "?mode=nginx", { [uri]: path })).status;
    };
    const [nurse, auditor, both] = [await as("nurse"), await as("auditor"), await as("admin", "security")];
    expect([await nurse("/notes"), await auditor("/admin/x"), await both("/admin/x")]).toEqual([
      204, 204, 204,
    ]);
    for (const path of ADMIN) expect([await nurse(path), await both(path)], path).toEqual([403, 204]);
    for (const path of ["/admin/keys", "/ADMIN/KEYS/7", "/admin/keys/../x", "*", "/admin%00", ""])
      expect([await auditor(path), await both(path)], path).toEqual([403, 204]);
  },
);

test("the sidecar asks for all of them where nobody says the path", async () => {
  expect((await sidecar.check(await signedIn("auditor", "security"))).body.type).toBe("urn:curfew:forbidden");
  expect((await sidecar.check(await signedIn("admin", "security"))).status).toBe(204);
});

test("what the proxy asks for is needed besides", async () => {
  const headers = { "x-original-uri": "/admin" };
  expect((await sidecar.check(await signedIn("admin"), "?roles=auditor", headers)).status).toBe(403);
  expect((await sidecar.check(await signedIn("admin", "auditor"), "?roles=auditor", headers)).status).toBe(
    204,
  );
});

test.each(["nginx", "Caddy"])(
  "%s lets nobody without them pass, in no spelling of the path",
  async (name) => {
    const { url } = Object.fromEntries(proxies)[name] ?? { url: "" };
    const [nurse, admin] = [await signedIn("nurse"), await signedIn("admin", "auditor")];
    expect((await send(url, "GET", "/notes", { headers: { cookie: nurse } })).status).toBe(200);
    for (const path of [...ADMIN, "/reports", "/REPORTS/7"]) {
      const refused = await send(url, "GET", path, { headers: { cookie: nurse } });
      expect([refused.status, refused.body.type], path).toEqual([403, "urn:curfew:forbidden"]);
      expect((await send(url, "GET", path, { headers: { cookie: admin } })).status, path).toBe(200);
    }
  },
);
