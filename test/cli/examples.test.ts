/** The example configurations: those that are not run elsewhere are read, and the Python app's signature check is tried. */

import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { text as streamText } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { signedFields } from "../../src/server/outbox/webhook.js";
import { send } from "../adapters/support/http-browser.js";
import { freePort } from "../free-port.js";
import { startPythonApp } from "./support/nginx-app.js";
import { type Program, ROOT } from "./support/program.js";
import { runCurfew, TOKEN, WEBHOOK_SECRET } from "./support/sidecar.js";

const read = (file: string) => readFileSync(join(ROOT, file), "utf8");
/** Everything that the sidecar says of a session, and its status. */
const SAID = ["Session", "Subject", "Sid", "Roles", "Expires-At", "Status"].map((name) => `Curfew-${name}`);

/** The name with a hyphen or an underscore in each place. */
function spellings(name: string): readonly string[] {
  const [first = "", ...rest] = name.split("-");
  return rest.reduce(
    (begun, part) => begun.flatMap((text) => [`${text}-${part}`, `${text}_${part}`]),
    [first],
  );
}

describe("a configuration of the sidecar", () => {
  test.each(
    ["sidecar-python", "docker", "oidc-sidecar"].map((name) => `examples/${name}/curfew.config.json`),
  )("%s is one that curfew accepts", async (file) => {
    const env = { CURFEW_SERVICE_TOKEN: TOKEN, WEBHOOK_SECRET, ISSUER: "https://id.example.com" };
    const program = runCurfew(["policy", "--config", join(ROOT, file)], env);
    expect(await program.ended, program.lines.join("\n")).toBe(0);
  });

  test("the first one of the guide has what it needs", async () => {
    const [, text = ""] = /```json\n([\s\S]*?)```/.exec(read("docs/sidecar.md")) ?? [];
    expect(Object.keys(JSON.parse(text) as object)).toEqual([
      "policy",
      "store",
      "signInUrl",
      "trustProxy",
      "serviceToken",
    ]);
  });
});

describe("a configuration of a proxy", () => {
  test("nginx replaces or drops each header that says who it is, in every location that reaches the app", () => {
    const text = read("examples/nginx/curfew.conf");
    const server = text.slice(0, text.indexOf("\n  location "));
    for (const name of SAID) expect(server).toContain(`proxy_set_header ${name} `);
    const blocks = text.split(/\n {2}location /).slice(1);
    for (const block of blocks.filter((candidate) => candidate.includes("http://app")))
      expect(block).not.toContain("proxy_set_header");
  });

  test("Caddy passes refusals on as they are", () => {
    const text = read("examples/caddy/Caddyfile");
    const checks = [...text.matchAll(/uri (\S+)/g)].map(([, uri]) => uri);
    expect(checks).toEqual([
      "/check?mode=forward&fresh=5m",
      "/check?mode=forward&optional=1",
      "/check?mode=forward",
    ]);
    const copied = [...text.matchAll(/copy_headers (.*)/g)].map(([, names]) => names);
    for (const names of copied) expect(names?.split(" ")).toEqual(SAID.slice(0, 5));
  });

  test("Traefik takes the headers away in front of every router to the app, with underscores too", () => {
    const text = read("examples/traefik/curfew.yml");
    const forwarded = ["For", "Proto", "Host", "Uri", "Method"].map((name) => `X-Forwarded-${name}`);
    for (const name of [...SAID, "X-Original-URI", "X-Original-Method"])
      for (const spelling of spellings(name)) expect(text).toContain(` ${spelling}: ""\n`);
    for (const name of forwarded)
      for (const spelling of spellings(name).filter((other) => other !== name))
        expect(text).toContain(` ${spelling}: ""\n`);
    const routers = text.slice(text.indexOf("routers:"), text.indexOf("services:"));
    const toApp = routers.split(/\n {4}(?=\S)/).filter((router) => router.includes("service: app"));
    expect(toApp).toHaveLength(4);
    for (const router of toApp) expect(router).toMatch(/middlewares: \[curfew-strip/);
    expect(text.match(/trustForwardHeader: false/g)).toHaveLength(3);
    expect(text.match(/authResponseHeadersRegex: "\^Curfew-"/g)).toHaveLength(3);
  });

  test("the image runs as nobody special, and is asked whether it is ready", () => {
    const text = read("examples/docker/Dockerfile");
    expect(text).toMatch(/^FROM node:22-slim$/m);
    expect(text.indexOf("USER node")).toBeLessThan(text.indexOf('CMD ["node", "node_modules'));
    expect(text).toMatch(/HEALTHCHECK[\s\S]*\/readyz/);
  });
});

describe("the Python app", () => {
  let app: Program;
  let url: string;

  beforeAll(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    app = await startPythonApp(port, "http://127.0.0.1:1");
  });

  afterAll(async () => {
    await app.stop();
  });

  const body = JSON.stringify({ type: "session-ended", id: "i", sid: "s", reason: "idle" });
  const now = Math.floor(Date.now() / 1_000);
  const signatureOf = (text: string, secret: string, seconds: number, previousSecret = secret) =>
    String(signedFields(text, "id", { secret, previousSecret }, seconds)["Curfew-Signature"]);
  const deliver = async (signature: string) =>
    (await send(url, "POST", "/hooks/session-ended", { headers: { "curfew-signature": signature }, body }))
      .status;

  test("takes a delivery that the sidecar has signed just now", async () => {
    expect(await deliver(signatureOf(body, WEBHOOK_SECRET, now))).toBe(204);
    const other = "another-secret-of-somebody-else-0123";
    expect(await deliver(signatureOf(body, WEBHOOK_SECRET, now, other))).toBe(204);
    expect(await deliver(signatureOf(body, other, now, WEBHOOK_SECRET))).toBe(204);
  });

  test.each([
    ["without a signature", ""],
    ["with another secret", signatureOf(body, "another-secret-of-somebody-else-0123", now)],
    ["of another body", signatureOf(`${body} `, WEBHOOK_SECRET, now)],
    ["of ten minutes ago", signatureOf(body, WEBHOOK_SECRET, now - 600)],
    [
      "of ten minutes ago, dated anew",
      signatureOf(body, WEBHOOK_SECRET, now - 600).replace(/t=\d+/, `t=${now}`),
    ],
    ["without a time", `v1=${createHmac("sha256", WEBHOOK_SECRET).update(`.${body}`).digest("hex")}`],
    ["with nonsense", "t=,v1,=,é"],
  ])("refuses one %s", async (_name, signature) => {
    expect(await deliver(signature)).toBe(403);
  });

  /** Everything that comes back on one connection, until it is closed. */
  async function talk(text: string): Promise<string> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.end(text);
    return streamText(socket);
  }

  const hidden = "GET /api/me HTTP/1.1\r\nHost: a\r\nCurfew-Subject: root\r\n\r\n";
  const chunked = `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`;

  test.each([
    ["GET /login", `Content-Length: ${hidden.length}`, hidden],
    ["POST /login", `Content-Length: ${hidden.length}`, hidden],
    ["GET /login", "Transfer-Encoding: chunked", chunked],
    ["POST /login", "Transfer-Encoding: chunked", chunked],
    ["POST /login", "Content-Length: -1", hidden],
    ["POST /login", "Content-Length: 0\r\nContent-Length: 5", hidden],
    ["POST /login", "Content-Length: 999999", hidden],
    ["HEAD /login", `Content-Length: ${hidden.length}`, hidden],
    ["PUT /login", `Content-Length: ${hidden.length}`, hidden],
  ])("takes no part of the body of %s with %s for a request of somebody else", async (line, header, body) => {
    const said = await talk(`${line} HTTP/1.1\r\nHost: a\r\n${header}\r\n\r\n${body}`);
    expect(said.match(/^HTTP\/1\.1 /gm), said).toHaveLength(1);
    expect(said).not.toContain('"subject"');
  });

  test("serves nobody whom the proxy has not named", async () => {
    for (const [method, path] of [
      ["GET", "/"],
      ["GET", "/api/me"],
      ["POST", "/transfer"],
      ["POST", "/reauthenticate"],
    ] as const) {
      const headers = { curfew_subject: "root", "Curfew-Roles": "admin" };
      expect((await send(url, method, path, { headers })).status, path).toBe(403);
    }
    const named = await send(url, "GET", "/api/me", { headers: { "curfew-subject": "Zo%C3%AB" } });
    expect([named.status, named.body.subject]).toEqual([200, "Zoë"]);
  });

  test("signs nobody in where the sidecar is gone, and nobody with a wrong password", async () => {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const right = await send(url, "POST", "/login", { headers, body: "username=ann&password=demo" });
    expect([right.status, right.headers["set-cookie"]]).toEqual([503, undefined]);
    const wrong = await send(url, "POST", "/login", { headers, body: "username=ann&password=x" });
    expect(wrong.status).toBe(403);
  });
});
