/** What a WSGI app sees behind nginx and Caddy of headers that a browser makes up. WSGI reads `_` and `-` as one. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { send } from "../adapters/support/http-browser.js";
import { FORGED, namedIn } from "./support/forged-names.js";
import { type Folder, temporaryFolder } from "./support/program.js";
import { type RunningProxy, startCaddy, startNginx } from "./support/proxies.js";
import { BASIC, cookieFrom, type RunningSidecar, startSidecar } from "./support/sidecar.js";
import { startWsgiApp, type WsgiApp } from "./support/wsgi-app.js";

const folders: Folder[] = [];
const proxies: RunningProxy[] = [];
let wsgi: WsgiApp;
let sidecar: RunningSidecar;

beforeAll(async () => {
  folders.push(temporaryFolder());
  wsgi = await startWsgiApp();
  sidecar = await startSidecar(newFolder(), BASIC);
}, 60_000);

afterAll(async () => {
  for (const { program } of [...proxies, wsgi, sidecar]) await program.stop();
  for (const folder of folders) folder.remove();
});

function newFolder(): Folder {
  const folder = temporaryFolder();
  folders.push(folder);
  return folder;
}

const behind = () => ({ sidecar, appPort: wsgi.port });

/** `refuses`: what the proxy lets through, the sidecar refuses. */
const PROXIES = [
  { name: "nginx", start: () => startNginx(newFolder(), behind()), refuses: false },
  {
    name: "nginx that lets underscores through",
    start: () => startNginx(newFolder(), behind(), "underscores_in_headers on;"),
    refuses: true,
  },
  { name: "Caddy", start: () => startCaddy(newFolder(), behind()), refuses: false },
];

/** These the proxies replace or take away themselves, so the sidecar never refuses them. */
const EXACT = /^(Curfew-[A-Z][a-z]+|X-Original-URI)$/;
const DROPPED_BY_NGINX = /\./;

describe.each(PROXIES)("behind $name", ({ start, refuses }) => {
  let url: string;
  let cookie: string;
  let sid: string;

  beforeAll(async () => {
    const proxy = await start();
    proxies.push(proxy);
    url = proxy.url;
    const started = await sidecar.call("POST", "/sessions", { subject: "alice", roles: ["nurse"] });
    cookie = cookieFrom(started);
    sid = String(started.body.sid);
  }, 60_000);

  const forwarded = () => ({
    HTTP_X_FORWARDED_FOR: "127.0.0.1",
    HTTP_X_FORWARDED_HOST: new URL(url).host,
    HTTP_X_FORWARDED_PROTO: "http",
  });

  test("the app sees who is signed in, and the body", async () => {
    const { status, body } = await send(url, "POST", "/notes", { headers: { cookie }, body: "12345" });
    expect([status, body.body]).toEqual([200, 5]);
    expect(namedIn(body)).toEqual({
      ...forwarded(),
      HTTP_CURFEW_SUBJECT: "alice",
      HTTP_CURFEW_SID: sid,
      HTTP_CURFEW_ROLES: "nurse",
      HTTP_CURFEW_EXPIRES_AT: expect.stringMatching(/^\d{13}$/),
      HTTP_CURFEW_SESSION: "active",
    });
  });

  test.each(FORGED)("who is signed in gains nothing by %s: %s", async (name, value) => {
    const answer = await send(url, "GET", "/notes", { headers: { cookie, [name]: value } });
    if (refuses && !EXACT.test(name) && !DROPPED_BY_NGINX.test(name)) {
      expect([answer.status, answer.body.code], answer.text).toEqual([400, "header-name"]);
      return;
    }
    expect(answer.status, answer.text).toBe(200);
    expect(namedIn(answer.body)).toMatchObject({
      ...forwarded(),
      HTTP_CURFEW_SUBJECT: "alice",
      HTTP_CURFEW_SID: sid,
      HTTP_CURFEW_ROLES: "nurse",
    });
  });

  test.each([
    "close, Curfew-Subject",
    "keep-alive, curfew-roles, Curfew-Sid",
    "CURFEW-ROLES",
    "Curfew-Expires-At,close",
    "X-Forwarded-For, X-Forwarded-Host, X-Forwarded-Proto, X-Forwarded-Uri, X-Original-URI",
  ])("nobody has a header of the proxy's taken away by Connection: %s", async (connection) => {
    const { status, body } = await send(url, "GET", "/notes", { headers: { cookie, connection } });
    expect(status).toBe(200);
    expect(namedIn(body)).toEqual({
      ...forwarded(),
      HTTP_CURFEW_SUBJECT: "alice",
      HTTP_CURFEW_SID: sid,
      HTTP_CURFEW_ROLES: "nurse",
      HTTP_CURFEW_EXPIRES_AT: expect.stringMatching(/^\d{13}$/),
      HTTP_CURFEW_SESSION: "active",
    });
  });

  test("nobody says who they are where nobody has to be signed in", async () => {
    const headers = Object.fromEntries(FORGED);
    for (const method of ["GET", "POST"]) {
      const { status, body } = await send(url, method, "/login", { headers });
      expect(status).toBe(200);
      const { HTTP_X_ORIGINAL_URI: _told, ...named } = namedIn(body);
      expect(named).toEqual(forwarded());
    }
  });

  test.each(["/admin/%2e%2e/login", "/admin/x/../../login", "//login", "/%6cogin", "/admin%2f..%2flogin"])(
    "a path that only the proxy takes for the open one, %s, reaches the app as the open one or not at all",
    async (path) => {
      const { status, body } = await send(url, "GET", `${path}?return=%2Fa&b=%26`);
      if (status === 200)
        expect(Object(body.environ)).toMatchObject({
          PATH_INFO: "/login",
          QUERY_STRING: "return=%2Fa&b=%26",
        });
      else expect(status).toBe(401);
    },
  );

  test("an address of another form is asked about by its path", async () => {
    const { host } = new URL(url);
    const stale = { subject: "alice", authenticatedAt: Date.now() - 6 * 60_000 };
    const old = cookieFrom(await sidecar.call("POST", "/sessions", stale));
    for (const path of ["/transfer", `http://${host}/transfer`, "/%74ransfer", "/TRANSFER/x", "//transfer"]) {
      const { status, body } = await send(url, "GET", path, { headers: { cookie: old } });
      expect([status, body.type], path).toEqual([401, "urn:curfew:step-up"]);
    }
  });
});
