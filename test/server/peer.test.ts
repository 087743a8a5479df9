/** Who is at the other end of a connection: the lack of an address alone makes nobody a peer on a Unix socket. */
import { spawn } from "node:child_process";
import { linkSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import { connect as connectHttp2, createServer as createHttp2Server } from "node:http2";
import { connect, createServer as createNetServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { peerOf } from "../../src/server/platform/peer.js";

const closing: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

function newSocketPath(): string {
  const folder = mkdtempSync(join(tmpdir(), "curfew-"));
  closing.push(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "app.sock");
}

/** What `look` says of the first request that reaches the server. */
function firstSeen<T>(server: Server, look: (message: IncomingMessage) => T): Promise<T> {
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return new Promise((resolve) => {
    server.on("request", (message, response) => {
      resolve(look(message));
      response.end();
    });
  });
}

const listening = (server: Server) => new Promise((resolve) => server.once("listening", resolve));
const get = (target: object) =>
  request({ path: "/", ...target })
    .on("error", () => {})
    .end();
const portOf = (server: Server) => {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
};

test("a peer over TCP has its address, IPv4 inside IPv6 as IPv4", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  const seen = firstSeen(server, ({ socket }) => peerOf(socket));
  await listening(server);
  get({ host: "127.0.0.1", port: portOf(server) });
  expect(await seen).toBe("127.0.0.1");
  expect(peerOf({ remoteAddress: "::ffff:203.0.113.9" })).toBe("203.0.113.9");
  expect(peerOf({ remoteAddress: "fe80::1%eth0" })).toBe("fe80::1");
});

test("a peer over TCP that has gone is nobody", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  const seen = firstSeen(server, ({ socket }) => {
    socket.destroy();
    return [socket.remoteAddress, peerOf(socket)];
  });
  await listening(server);
  get({ host: "127.0.0.1", port: portOf(server) });
  expect(await seen).toEqual([undefined, null]);
});

test("a peer over TCP that has reset the connection is never a peer on a socket", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  const peers: (string | null)[] = [];
  closing.push(() => server.close());
  server.on("request", ({ socket }) => {
    peers.push(peerOf(socket));
    socket.once("close", () => peers.push(peerOf(socket)));
  });
  await listening(server);
  const closed = new Promise((resolve) =>
    server.once("connection", (socket) => socket.once("close", resolve)),
  );
  const client = connect(portOf(server), "127.0.0.1", () => {
    client.write("GET / HTTP/1.1\r\nHost: app.test\r\n\r\n", () => client.resetAndDestroy());
  });
  await closed;
  expect(peers).not.toContain("unix");
});

test("a peer on a Unix socket is one, while the server closes too", async () => {
  const path = newSocketPath();
  const server = createServer().listen(path);
  const seen = firstSeen(server, ({ socket }) => {
    const before = peerOf(socket);
    server.close();
    return [before, peerOf(socket)];
  });
  await listening(server);
  get({ socketPath: path });
  expect(await seen).toEqual(["unix", "unix"]);
});

test("a peer on a socket that was handed over is one", async () => {
  const path = newSocketPath();
  const outer = createNetServer().listen(path);
  await new Promise((resolve) => outer.once("listening", resolve));
  // Node has no public name for the descriptor of a listening socket, which a service manager has.
  const { fd } = Reflect.get(outer, "_handle") as { readonly fd: number };
  const program = fileURLToPath(new URL("support/handed-socket.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", program], {
    stdio: ["ignore", "pipe", "inherit", fd],
  });
  closing.push(() => child.kill());
  // Closing takes the name away, and the socket lives on under its second one.
  linkSync(path, `${path}-2`);
  outer.close();
  get({ socketPath: `${path}-2` });
  expect(JSON.parse(await text(child.stdout as Readable))).toBe("unix");
});

test("a peer on a Unix socket over HTTP/2 is one", async () => {
  const path = newSocketPath();
  const server = createHttp2Server().listen(path);
  closing.push(() => server.close());
  const seen = new Promise((resolve) => {
    server.on("request", (message, response) => {
      resolve(peerOf(message.socket));
      response.end();
    });
  });
  await new Promise((resolve) => server.once("listening", resolve));
  const session = connectHttp2("http://app.test", { createConnection: () => connect(path) });
  closing.push(() => session.destroy());
  session.request({ ":path": "/" }).resume().end();
  expect(await seen).toBe("unix");
});

test("what is no socket of a server is nobody", () => {
  for (const server of [
    undefined,
    null,
    "unix",
    {},
    { listening: true },
    { listening: false, address: () => null },
  ])
    expect(peerOf({ remoteAddress: undefined, server } as never)).toBeNull();
});
