/** What a file or a Redis says of its own layout: of releases before, beside and far ahead of this one. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { redisStore } from "../../src/server/stores/redis/store.js";
import { openDatabase } from "../../src/server/stores/sqlite/driver.js";
import { sqliteStore } from "../../src/server/stores/sqlite/store.js";
import type { SessionStore } from "../../src/server/stores/store.js";
import * as before from "../compatibility/curfew-0.3.0/server.js";
import { TestBrowser } from "../server/support/test-browser.js";
import { createTestVerifier, SILENT } from "../server/support/test-verifier.js";
import { paced } from "../timing.js";
import { type RedisServer, startRedis } from "./support/redis-server.js";

const PATIENCE = paced(60_000);
const PROCESSES = 4;
const script = fileURLToPath(new URL("./support/sqlite-process.ts", import.meta.url));

let folder = "";
let redis: RedisServer;

beforeAll(async () => {
  redis = await startRedis();
}, PATIENCE);
afterAll(() => redis.stop());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "curfew-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const file = () => join(folder, "sessions.db");

function sql(statement: string): unknown {
  const { database } = openDatabase(file());
  try {
    // Other processes' sweepers may write meanwhile.
    database.exec("PRAGMA busy_timeout = 10000");
    return database.prepare(statement).get();
  } finally {
    database.close();
  }
}

function verifierBefore(store: SessionStore) {
  const policy = { idle: "15m", absolute: "12h", warning: "2m" };
  return before.createSessionVerifier({ policy, store, signInUrl: "/login", logger: SILENT });
}

const fileVersion = () => (sql("PRAGMA user_version") as { user_version: number }).user_version;

/** The version that this release gives a file. */
async function ownVersion(): Promise<number> {
  await sqliteStore(file()).close();
  return fileVersion();
}

/** Makes the file with the tables and the sessions of 0.3.0, and gives a browser that is signed in there. */
async function fileBefore(): Promise<TestBrowser> {
  const sessions = verifierBefore(before.sqliteStore(file()));
  const browser = await TestBrowser.signedIn(sessions);
  await sessions.close();
  return browser;
}

test("a file of the release before is taken over where it is, with its sessions", async () => {
  const browser = await fileBefore();
  expect(fileVersion()).toBe(0);
  const { sessions } = createTestVerifier({ store: sqliteStore(file()) });
  const again = Object.assign(new TestBrowser(sessions, browser.key), { cookie: browser.cookie });
  expect((await again.ask()).status).toBe(200);
  await sessions.close();
  expect(fileVersion()).toBeGreaterThan(0);
});

test("a file that the next release has changed is used as it is, and not changed back", async () => {
  const next = (await ownVersion()) + 1;
  sql(`PRAGMA user_version = ${next}`);
  const { sessions } = createTestVerifier({ store: sqliteStore(file()) });
  await TestBrowser.signedIn(sessions);
  await sessions.close();
  expect(fileVersion()).toBe(next);
});

test("a file that a release far ahead has changed is refused at start, with the version and what to do", async () => {
  const next = (await ownVersion()) + 1;
  sql("PRAGMA user_version = 9");
  expect(() => sqliteStore(file())).toThrow(
    `sessions.db": its tables are of version 9, and this release of Curfew uses versions up to ${next}; run the release that changed the file, or give another file`,
  );
  expect(fileVersion()).toBe(9);
});

test("a file that is no database is refused at start, with what to do", async () => {
  writeFileSync(file(), "not a database, and long enough to be told from an empty one");
  expect(() => sqliteStore(file())).toThrow(
    /sqliteStore cannot use ".*sessions\.db": .*give the path of an SQLite file/,
  );
});

/** Processes that have started, and open the file when they are told to. */
async function processes(count: number) {
  const all = [...Array(count).keys()].map(() => {
    const child = spawn(process.execPath, ["--import", "tsx", script, "open", file()], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    return {
      child,
      next: async () => JSON.parse(String((await lines.next()).value)) as { sid: string },
    };
  });
  await Promise.all(all.map(({ next }) => next()));
  return all;
}

test.each(["new", "of the release before"])(
  "of several processes that open a file that is %s at once, all can use it",
  {
    timeout: PATIENCE,
  },
  async (kind) => {
    const known = kind === "new" ? [] : [(await fileBefore()).live.sid];
    const all = await processes(PROCESSES);
    for (const { child } of all) child.stdin.write("open\n");
    const said = await Promise.all(all.map(({ next }) => next()));
    const store = sqliteStore(file());
    const sids: string[] = [];
    for await (const { sid, app } of store.all("curfew")) if (app === "curfew") sids.push(sid);
    await store.close();
    expect(sids).toEqual(expect.arrayContaining([...known, ...said.map(({ sid }) => sid)]));
    expect(fileVersion()).toBeGreaterThan(0);
    for (const { child } of all) child.kill("SIGKILL");
  },
);

test("a Redis that the release before has written to is taken over", async () => {
  const options = { prefix: "before" };
  const send = ([command = "", ...args]: readonly string[]) => redis.admin.call(command, ...args);
  const old = verifierBefore(before.redisStore({ send }, options));
  const browser = await TestBrowser.signedIn(old);
  const { sessions } = createTestVerifier({ store: redisStore(redis.url, options) });
  await sessions.ready();
  const again = Object.assign(new TestBrowser(sessions, browser.key), { cookie: browser.cookie });
  expect((await again.ask()).status).toBe(200);
  expect(await redis.admin.hget("before:constants", "layout")).toBe("1");
  await Promise.all([old.close(), sessions.close()]);
});

test("a Redis that a release far ahead has written to is refused at start; one of the next release is not", async () => {
  await redis.admin.hset("ahead:constants", "layout", "9");
  const { sessions } = createTestVerifier({ store: redisStore(redis.url, { prefix: "ahead" }) });
  await expect(sessions.ready()).rejects.toThrow(
    'the keys of "ahead" in Redis are of version 9, and this release of Curfew uses versions up to 2; run the release that wrote them, or give redisStore another prefix',
  );
  await sessions.close();
  await redis.admin.hset("ahead:constants", "layout", "2");
  const { sessions: beside } = createTestVerifier({ store: redisStore(redis.url, { prefix: "ahead" }) });
  await beside.ready();
  expect(await redis.admin.hget("ahead:constants", "layout")).toBe("2");
  await beside.close();
});
