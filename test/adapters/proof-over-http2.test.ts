/** A proof covers the body that arrives, over HTTP/2 too, where a body needs no length. */
import {
  type ClientHttp2Session,
  connect,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
} from "node:http2";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import fastify, { type FastifyInstance } from "fastify";
import { afterEach, describe, expect, test } from "vitest";
import * as onFastify from "../../src/server/adapters/fastify.js";
import * as onNode from "../../src/server/adapters/node.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import type { SessionVerifierOptions } from "../../src/server/verifier/options.js";
import { signIn } from "../../src/testing/sign-in.js";
import { SILENT } from "../server/support/test-verifier.js";

type Mount = (options: SessionVerifierOptions) => Promise<Http2Server>;

const onHttp2: Mount = async (options) => {
  const guard = onNode.createSessionVerifier(options).guard({ proof: true });
  return createServer((request, response) => {
    const [asked, answer] = [request as never, response as never];
    guard(asked, answer, () => {
      text(request).then(
        (body) => response.end(body),
        () => response.destroy(),
      );
    });
  });
};

const onHttp2ByFastify: Mount = async (options) => {
  const app = fastify({ http2: true }) as unknown as FastifyInstance;
  const sessions = onFastify.createSessionVerifier(options);
  app.all("/transfer", { onRequest: sessions.guard({ proof: true }) }, async ({ body }) => body ?? "");
  await app.ready();
  return app.server as unknown as Http2Server;
};

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

async function serve(mount: Mount) {
  const options = {
    policy: { idle: "15m", absolute: "12h" },
    store: memoryStore(),
    signInUrl: "/login",
    logger: SILENT,
  };
  const server = await mount(options);
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = connect(url);
  open.push(() => {
    client.destroy();
    server.close();
  });
  const person = await signIn(onNode.createSessionVerifier(options), { subject: "ann", origin: url });
  return { client, person, url };
}

interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly chunks?: readonly string[];
}

function send(client: ClientHttp2Session, { method = "POST", headers = {}, chunks = [] }: Sent) {
  const stream = client.request(
    {
      ":method": method,
      ":path": "/transfer",
      "content-type": "application/json",
      ...headers,
    },
    { endStream: false },
  );
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  return new Promise<{ status: number | undefined; body: string }>((resolve) => {
    stream.on("error", () => resolve({ status: undefined, body: "" }));
    stream.on("response", (answer: IncomingHttpHeaders) => {
      text(stream).then(
        (body) => resolve({ status: Number(answer[":status"]), body }),
        () => resolve({ status: undefined, body: "" }),
      );
    });
  });
}

const BODY = '{"to":"mallory","amount":1000000}';

describe.each([
  ["node:http2", onHttp2],
  ["Fastify", onHttp2ByFastify],
] as const)("over HTTP/2, on %s", (_name, mount) => {
  async function challenged(signed: string, method = "POST") {
    const { client, person } = await serve(mount);
    const headers = { cookie: person.cookie };
    const asked = await send(client, { method, headers });
    const { challenge } = JSON.parse(asked.body) as { challenge: string };
    const proof = person.proof({ challenge, method, path: "/transfer", body: signed });
    return { client, headers: { ...headers, "curfew-proof": proof } };
  }

  test.each([
    ["at once", [BODY]],
    ["in pieces", ['{"to":"mallory",', '"amount":1000000}']],
  ])("a body without a length, sent %s, does not pass by a proof of an empty one", async (_how, chunks) => {
    const { client, headers } = await challenged("");
    const { status, body } = await send(client, { headers, chunks });
    expect([status, JSON.parse(body).code]).toEqual([400, "body-consumed"]);
  });

  test("a body with a length passes by its own proof, and the app reads it", async () => {
    const { client, headers } = await challenged(BODY);
    const length = { "content-length": String(BODY.length) };
    const passed = await send(client, { headers: { ...headers, ...length }, chunks: [BODY] });
    expect([passed.status, JSON.parse(passed.body)]).toEqual([200, JSON.parse(BODY)]);
  });

  test.each(["0", "1", "40"])("a body with the false length %s passes by no proof", async (length) => {
    for (const signed of ["", BODY, BODY.slice(0, 1)]) {
      const { client, headers } = await challenged(signed);
      const sent = { headers: { ...headers, "content-length": length }, chunks: [BODY] };
      expect((await send(client, sent)).status).not.toBe(200);
    }
  });

  test("a request that ends with its headers has an empty body", async () => {
    const { client, headers } = await challenged("", "DELETE");
    const stream = client.request(
      { ":method": "DELETE", ":path": "/transfer", ...headers },
      { endStream: true },
    );
    const status = await new Promise((resolve) =>
      stream.on("response", (answer) => resolve(answer[":status"])),
    );
    expect(status).toBe(200);
  });
});
