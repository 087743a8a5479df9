/** The stream of news through real proxies, from a sidecar on one node, of ends on another: one Redis behind both. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type EventReader, openEvents } from "../adapters/support/event-reader.js";
import { send } from "../adapters/support/http-browser.js";
import { freePort } from "../free-port.js";
import { type RedisServer, startRedis } from "../stores/support/redis-server.js";
import { startPythonApp } from "./support/nginx-app.js";
import { type Folder, type Program, temporaryFolder } from "./support/program.js";
import { type RunningProxy, startCaddy, startNginx } from "./support/proxies.js";
import { BASIC, cookieFrom, type RunningSidecar, startSidecar } from "./support/sidecar.js";

const REACH = 10_000;
const GZIP = "gzip on; gzip_types *; gzip_proxied any; gzip_min_length 0; gzip_http_version 1.0;";
const ENCODE = "\tencode zstd gzip";

let redis: RedisServer;
const folders: Folder[] = [];
const programs: Program[] = [];
let near: RunningSidecar;
let far: RunningSidecar;
let appPort = 0;
const proxies = new Map<string, RunningProxy>();

function newFolder(): Folder {
  const folder = temporaryFolder();
  folders.push(folder);
  return folder;
}

async function node(): Promise<RunningSidecar> {
  const sidecar = await startSidecar(newFolder(), { ...BASIC, store: redis.url });
  programs.push(sidecar.program);
  return sidecar;
}

beforeAll(async () => {
  redis = await startRedis();
  [near, far] = await Promise.all([node(), node()]);
  appPort = await freePort();
  programs.push(await startPythonApp(appPort, near.privateAt));
  const behind = { sidecar: near, appPort };
  proxies.set("nginx", await startNginx(newFolder(), behind));
  proxies.set("nginx that compresses", await startNginx(newFolder(), behind, GZIP));
  proxies.set("Caddy", await startCaddy(newFolder(), behind));
  proxies.set("Caddy that compresses", await startCaddy(newFolder(), behind, ENCODE));
  for (const { program } of proxies.values()) programs.push(program);
}, 120_000);

afterAll(async () => {
  await Promise.all(programs.map((program) => program.stop()));
  await redis.stop();
  for (const folder of folders) folder.remove();
});

async function signedIn(): Promise<{ sid: string; cookie: string }> {
  const answer = await near.call("POST", "/sessions", { subject: "ann" });
  return { sid: String(answer.body.sid), cookie: cookieFrom(answer) };
}

async function openAt(url: string, cookie: string): Promise<EventReader> {
  const stream = await openEvents(url, { cookie, "accept-encoding": "gzip" });
  await stream.heard("data: {}\n\n");
  return stream;
}

describe.each(["no proxy", "nginx", "nginx that compresses", "Caddy", "Caddy that compresses"])(
  "behind %s",
  (name) => {
    const url = () => proxies.get(name)?.url ?? near.publicUrl;

    test("the stream stands at once, and an end on another node comes through within ten seconds", async () => {
      const { sid, cookie } = await signedIn();
      const stream = await openAt(url(), cookie);
      expect(stream.headers["content-type"]).toBe("text/event-stream");
      expect(stream.headers["cache-control"]).toBe("no-store, no-transform");
      await far.call("DELETE", `/sessions/${sid}`);
      const endedAt = performance.now();
      expect(await stream.ended).toContain("event: end\ndata: {}\n\n");
      expect(performance.now() - endedAt).toBeLessThan(REACH);
    });

    test("a page that goes gives its place back", async () => {
      const { cookie } = await signedIn();
      for (let times = 0; times < 12; times++) {
        const stream = await openAt(url(), cookie);
        stream.close();
        // Four at a time, unless they are given up as they go.
        await expect
          .poll(async () => {
            const next = await openEvents(url(), { cookie });
            next.close();
            return next.status;
          })
          .toBe(200);
      }
    });
  },
);

test("a reauthentication on another node is told of", async () => {
  const { cookie } = await signedIn();
  const stream = await openAt(near.publicUrl, cookie);
  expect(
    (await far.call("POST", "/sessions/reauthenticate", { subject: "ann", cookie })).status,
  ).toBeLessThan(300);
  await stream.heard("event: changed\ndata: {}\n\n");
  stream.close();
});

test("a sidecar that is stopped ends its streams at once, and takes no more", async () => {
  const sidecar = await startSidecar(newFolder(), { ...BASIC, store: redis.url, drain: "2s" });
  const { cookie } = await signedIn();
  const stream = await openAt(sidecar.publicUrl, cookie);
  const stopping = sidecar.program.stop();
  await stream.ended;
  const refused = await send(sidecar.publicUrl, "GET", "/curfew/events", { headers: { cookie } });
  expect(refused.status).toBe(503);
  await stopping;
});
