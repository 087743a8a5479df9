/** A Redis and a folder for SQLite files, there for all tests of a file. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { type RedisServer, startRedis } from "./redis-server.js";

/** Called while a test file is read; what it gives can be used within tests. */
export function redisAndFolder(): { readonly redis: () => RedisServer; readonly folder: () => string } {
  let redis: RedisServer;
  let folder = "";
  beforeAll(async () => {
    redis = await startRedis();
    folder = mkdtempSync(join(tmpdir(), "curfew-"));
  }, 60_000);
  afterAll(async () => {
    await redis.stop();
    rmSync(folder, { recursive: true });
  });
  return { redis: () => redis, folder: () => folder };
}
