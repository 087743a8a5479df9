import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { redisStore } from "../../src/server/stores/redis/store.js";
import { paced } from "../timing.js";
import { type RedisServer, startRedis, until } from "./support/redis-server.js";
import { expectUnavailable, signedInBrowser, watchedVerifier } from "./support/watched-verifier.js";

const PATIENCE = paced(60_000);

let redis: RedisServer;
let proxy: Server;
const connections: Socket[] = [];

beforeAll(async () => {
  redis = await startRedis();
  proxy = createServer((socket) => {
    const upstream = connect(redis.port, "127.0.0.1");
    for (const end of [socket, upstream]) end.on("error", () => {});
    socket.pipe(upstream).pipe(socket);
    connections.push(socket, upstream);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
}, PATIENCE);

afterAll(async () => {
  for (const socket of connections) socket.destroy();
  proxy.close();
  await redis.stop();
});

/** Nothing passes on the connections that are open, and nobody is told: as after a cable was pulled. */
function swallow(): void {
  for (const socket of connections.splice(0)) socket.unpipe().pause();
}

test("a connection that leads nowhere without saying so is replaced after some seconds", {
  timeout: PATIENCE,
}, async () => {
  const { port } = proxy.address() as AddressInfo;
  const verifier = watchedVerifier(redisStore(`redis://127.0.0.1:${port}`));
  const browser = await signedInBrowser(verifier.sessions);
  swallow();
  const startedAt = performance.now();
  await expectUnavailable("a connection leads nowhere", verifier, browser);
  await until(async () => (await browser.ask()).status === 200, "the connection is not replaced");
  console.info(`replaced after ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
  expect((await browser.beat(browser.live.now)).status).toBe(200);
  await verifier.sessions.close();
});
