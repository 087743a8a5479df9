/** The stream of news over HTTP/2, where one connection carries all of a browser's requests. */
import { type ClientHttp2Session, connect, createServer, type Http2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import fastify, { type FastifyInstance } from "fastify";
import { afterEach, describe, expect, test } from "vitest";
import * as onFastify from "../../src/server/adapters/fastify.js";
import * as onNode from "../../src/server/adapters/node.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import type { SessionVerifierOptions } from "../../src/server/verifier/options.js";
import { signIn } from "../../src/testing/sign-in.js";
import { SILENT } from "../server/support/test-verifier.js";

interface Mounted {
  readonly server: Http2Server;
  readonly sessions:
    | Pick<onNode.SessionVerifier, "end" | "start" | "close">
    | onFastify.FastifySessionVerifier;
}

type Mount = (options: SessionVerifierOptions) => Promise<Mounted>;

const onHttp2: Mount = async (options) => {
  const sessions = onNode.createSessionVerifier(options);
  const routes = sessions.routes();
  return {
    sessions,
    server: createServer((request, response) => routes(request as never, response as never)),
  };
};

const onHttp2ByFastify: Mount = async (options) => {
  const app = fastify({ http2: true }) as unknown as FastifyInstance;
  const sessions = onFastify.createSessionVerifier(options);
  await app.register(sessions.routes());
  await app.ready();
  return { sessions, server: app.server as unknown as Http2Server };
};

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

async function serve(mount: Mount) {
  const store = memoryStore();
  const options = {
    policy: { idle: "15m", absolute: "12h" },
    store,
    signInUrl: "/login",
    logger: SILENT,
    limits: { streams: 1 },
  };
  const { server, sessions } = await mount(options);
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  open.push(() => {
    client.destroy();
    server.close();
  });
  const person = await signIn(onNode.createSessionVerifier(options), { subject: "ann" });
  return { server, sessions, client, cookie: person.cookie, sid: person.sid };
}

/** A stream on the browser's one connection. */
async function openStream(client: ClientHttp2Session, cookie: string) {
  const stream = client.request({ ":path": "/curfew/events", cookie });
  let text = "";
  stream.setEncoding("utf8");
  stream.on("data", (part: string) => {
    text += part;
  });
  const ended = new Promise<string>((resolve) => {
    stream.once("close", () => resolve(text));
  });
  const status = await new Promise<number | undefined>((resolve) => {
    stream.once("response", (headers) => resolve(headers[":status"]));
  });
  return { status, ended, text: () => text, close: () => stream.close() };
}

describe.each([
  ["Node", onHttp2],
  ["Fastify", onHttp2ByFastify],
])("on %s", (_name, mount) => {
  test("the stream stands, tells of the end and is over", async () => {
    const { client, cookie, sid, sessions } = await serve(mount);
    const stream = await openStream(client, cookie);
    expect(stream.status).toBe(200);
    await expect.poll(stream.text).toContain("data: {}\n\n");
    await sessions.end(sid);
    expect(await stream.ended).toContain("event: end\ndata: {}\n\n");
  });

  test("a page that goes gives its place back, and its connection goes on", async () => {
    const { client, cookie } = await serve(mount);
    const first = await openStream(client, cookie);
    expect((await openStream(client, cookie)).status).toBe(503);
    first.close();
    await expect.poll(async () => (await openStream(client, cookie)).status).toBe(200);
  });

  test("a server that closes ends the stream within a second or so", async () => {
    const { client, cookie, server } = await serve(mount);
    const stream = await openStream(client, cookie);
    server.close();
    await stream.ended;
  });
});
