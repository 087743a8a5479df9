/** What a Redis that cannot be used is told of: by the package's errors, with the driver's own words and without a password. */
import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { ConfigurationError, StoreUnavailableError } from "../../src/server/index.js";
import { redisStore } from "../../src/server/stores/redis/store.js";
import { createTestVerifier, SILENT } from "../server/support/test-verifier.js";
import { type RedisServer, startRedis } from "./support/redis-server.js";

const PATIENCE = 60_000;
async function started(...settings: readonly string[]): Promise<RedisServer> {
  const server = await startRedis(...settings);
  onTestFinished(() => server.stop());
  return server;
}

async function asked(url: string) {
  const lines: string[] = [];
  const { sessions } = createTestVerifier({
    store: redisStore(url),
    logger: { ...SILENT, error: (line) => lines.push(line) },
  });
  onTestFinished(() => sessions.close());
  const error: unknown = await sessions.ready().then(
    () => null,
    (reason: unknown) => reason,
  );
  const calls = [
    () => sessions.list("ann"),
    () => sessions.endAll("ann"),
    () => sessions.endEverything(),
    () => sessions.end("x"),
  ];
  for (const call of calls) {
    const reason: unknown = await call().then(
      () => null,
      (rejection: unknown) => rejection,
    );
    expect(reason instanceof StoreUnavailableError || reason instanceof ConfigurationError).toBe(true);
  }
  expect(await sessions.health()).toMatchObject({ status: "unavailable", drift: { status: "unknown" } });
  expect((await sessions.handle(new Request("https://app.test/curfew/session"))).status).toBe(503);
  for (const said of [String(error), ...lines]) expect(said).not.toContain("s3cret");
  return { error, log: lines.join("\n") };
}

test("one that refuses connections", { timeout: PATIENCE }, async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  await new Promise((resolve) => server.close(resolve));
  const { error, log } = await asked(`redis://user:s3cret@127.0.0.1:${port}`);
  expect(error).toBeInstanceOf(StoreUnavailableError);
  expect(error).toMatchObject({ cause: expect.any(Error) });
  expect(`${String(error)} ${log}`).toContain("ECONNREFUSED");
});

test("one that wants a password, and another than it is given", { timeout: PATIENCE }, async () => {
  const { admin, port } = await started();
  await admin.call("ACL", "SETUSER", "app", "reset", "on", ">right", "~*", "+@all");
  await admin.call("ACL", "SETUSER", "default", "reset", "on", ">right", "~*", "+@all");
  for (const user of ["app:s3cret@", ""]) {
    const { error, log } = await asked(`redis://${user}127.0.0.1:${port}`);
    expect(error).toBeInstanceOf(StoreUnavailableError);
    expect(`${String(error)} ${log}`).toMatch(/WRONGPASS|NOAUTH/);
  }
});

test("one whose user may not run scripts", { timeout: PATIENCE }, async () => {
  const { admin, port } = await started();
  await admin.call("ACL", "SETUSER", "app", "reset", "on", ">s3cret", "~*", "+@all", "-@scripting");
  const { error } = await asked(`redis://app:s3cret@127.0.0.1:${port}`);
  expect(error).toBeInstanceOf(StoreUnavailableError);
  expect(String(error)).toMatch(/NOPERM/);
});

test("a replica", { timeout: PATIENCE }, async () => {
  const [master, replica] = [await started(), await started()];
  await replica.admin.call("REPLICAOF", "127.0.0.1", String(master.port));
  const { error } = await asked(replica.url);
  expect(error).toBeInstanceOf(ConfigurationError);
  expect(String(error)).toContain("led to a replica of Redis");
});

test("one that is full", { timeout: PATIENCE }, async () => {
  const { admin, url } = await started();
  await admin.set("filling", "x".repeat(2_000_000));
  await admin.config("SET", "maxmemory", "1mb");
  const { error } = await asked(url);
  expect(error).toBeInstanceOf(StoreUnavailableError);
  expect(String(error)).toMatch(/OOM/);
});
