/** Whatever a store throws, an app catches the errors that the package exports, with the driver's own as their cause. */
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  ConfigurationError,
  createSessionVerifier,
  memoryStore,
  type SessionStore,
  type SessionVerifier,
  StoreUnavailableError,
} from "../../src/server/index.js";
import { openDatabase } from "../../src/server/stores/sqlite/driver.js";
import { sqliteStore } from "../../src/server/stores/sqlite/store.js";
import { ORIGIN, TestBrowser } from "./support/test-browser.js";
import { createTestVerifier, SILENT } from "./support/test-verifier.js";

/** What a driver throws: nothing that the package knows. */
class DriverError extends Error {
  readonly code = "ECONNRESET";
}

const FAILURES: Readonly<Record<string, () => unknown>> = {
  "rejects with an error of its driver": () => Promise.reject(new DriverError("the driver's own words")),
  "throws one before it has promised anything": () => {
    throw new DriverError("the driver's own words");
  },
  "rejects with what is no error": () => Promise.reject("a text"),
};

/** `all` gives a list in pieces, and `onClockStep` promises nothing. */
function failing(method: string, fail: () => unknown): () => unknown {
  if (method === "all")
    return async function* () {
      yield await fail();
    };
  if (method !== "onClockStep") return fail;
  return () => {
    throw new DriverError("the driver's own words");
  };
}

const METHODS = [
  "now",
  "secret",
  "insert",
  "find",
  "findBySecret",
  "listBySubject",
  "replace",
  "findSubject",
  "replaceSubject",
  "all",
] as const;

/** Everything of the public face that asks the store. */
function calls(
  sessions: SessionVerifier,
  browser: TestBrowser,
): Readonly<Record<string, () => Promise<unknown>>> {
  const post = () => browser.request("/", { method: "POST" });
  const { sid } = browser.live;
  return {
    start: () => sessions.start(post(), { subject: "ann" }),
    reauthenticate: () => sessions.reauthenticate(post(), { subject: "ann" }),
    update: () => sessions.update(post(), { roles: [] }),
    signOut: () => sessions.signOut(post()),
    authorization: () => sessions.authorization(post()),
    find: () => sessions.find(sid),
    end: () => sessions.end(sid),
    endOwn: () => sessions.endOwn("own-session-id-0001"),
    endAll: () => sessions.endAll("ann"),
    endOthers: () => sessions.endOthers(sid),
    endEverything: () => sessions.endEverything(),
    list: () => sessions.list("ann"),
    moved: () => sessions.moved("own-session-id-0001", "own-session-id-0002"),
  };
}

async function rejectionOf(work: () => Promise<unknown>): Promise<unknown> {
  try {
    await work();
    return null;
  } catch (error) {
    return error;
  }
}

describe.each(Object.entries(FAILURES))("a store of one's own that %s", (_name, fail) => {
  test.each(METHODS)("in %s() lets no call throw anything but the package's errors", async (method) => {
    const store = memoryStore();
    const { sessions } = createTestVerifier({ store });
    onTestFinished(() => sessions.close());
    const browser = await TestBrowser.signedIn(sessions);
    Object.assign(store, { [method]: failing(method, fail) });
    let failed = 0;
    for (const [name, call] of Object.entries(calls(sessions, browser))) {
      const error = await rejectionOf(call);
      if (error === null || (error instanceof Error && error.name === "SessionError")) continue;
      failed++;
      expect(error, name).toBeInstanceOf(StoreUnavailableError);
      expect(error, name).toMatchObject({ code: "unavailable", status: 503 });
    }
    if (!["secret"].includes(method)) expect(failed).toBeGreaterThan(0);
    expect(["ok", "unavailable"]).toContain((await sessions.health()).status);
    const answer = await sessions.handle(browser.request("/curfew/session"));
    expect([200, 401, 503]).toContain(answer.status);
  });

  test.each([
    ...METHODS.filter((method) => method !== "all" && method !== "listBySubject"),
    "check",
    "onClockStep",
  ])("in %s() from the start: ready() rejects with one of them, and health() says so", async (method) => {
    const lines: string[] = [];
    const store = Object.assign(memoryStore(), { [method]: failing(method, fail) });
    const sessions = createSessionVerifier({
      policy: { idle: "15m", absolute: "12h" },
      signInUrl: "/login",
      store,
      logger: { ...SILENT, error: (line) => lines.push(line) },
    });
    onTestFinished(() => sessions.close());
    const error = await rejectionOf(() => sessions.ready());
    // Neither is asked for before the first request.
    if (method === "findBySecret" || method === "findSubject") return expect(error).toBeNull();
    expect(error).toBeInstanceOf(StoreUnavailableError);
    const { cause } = error as StoreUnavailableError;
    expect(cause instanceof DriverError || cause === "a text").toBe(true);
    expect(await sessions.health()).toMatchObject({ status: "unavailable", drift: { status: "unknown" } });
    expect((await sessions.handle(new Request(`${ORIGIN}/curfew/session`))).status).toBe(503);
    if (cause instanceof DriverError) expect(lines.join("\n")).toContain("the driver's own words");
  });

  test("in close() is told of by close(), which works once however often it is called", async () => {
    let closed = 0;
    const store: SessionStore = Object.assign(memoryStore(), {
      close() {
        closed++;
        return fail() as Promise<void>;
      },
    });
    const { sessions } = createTestVerifier({ store });
    const errors = [await rejectionOf(() => sessions.close()), await rejectionOf(() => sessions.close())];
    for (const error of errors) expect(error).toBeInstanceOf(StoreUnavailableError);
    expect(closed).toBe(1);
  });
});

test("a store that is closed is unavailable", async () => {
  const folder = mkdtempSync(join(tmpdir(), "curfew-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { sessions } = createTestVerifier({ store: sqliteStore(join(folder, "a.db")) });
  const browser = await TestBrowser.signedIn(sessions);
  await sessions.close();
  await sessions.close();
  for (const call of Object.values(calls(sessions, browser)))
    expect(await rejectionOf(call)).toMatchObject({ name: "StoreUnavailableError" });
  expect(await sessions.health()).toMatchObject({ status: "unavailable", drift: { status: "unknown" } });
});

describe("an SQLite file that cannot be used is refused at start with what to write instead:", () => {
  function folder(): string {
    const made = mkdtempSync(join(tmpdir(), "curfew-"));
    onTestFinished(() => rmSync(made, { recursive: true, force: true }));
    return made;
  }

  /** A good database with sessions in it, closed. */
  async function filled(): Promise<string> {
    const file = join(folder(), "sessions.db");
    const { sessions } = createTestVerifier({ store: sqliteStore(file) });
    for (let at = 0; at < 200; at++)
      await sessions.start(new Request(ORIGIN, { method: "POST" }), { subject: `ann ${at}` });
    await sessions.close();
    // Not every driver writes back what is in the log beside the file.
    const { database } = openDatabase(file);
    database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    database.close();
    for (const beside of ["-wal", "-shm"]) rmSync(`${file}${beside}`, { force: true });
    return file;
  }

  function overwritten(file: string, from: number): string {
    const size = readFileSync(file).length;
    const open = openSync(file, "r+");
    writeSync(open, Buffer.alloc(Math.max(0, size - from), 0xa5), 0, Math.max(0, size - from), from);
    closeSync(open);
    return file;
  }

  test.each<[string, () => string | Promise<string>]>([
    ["in a folder that does not exist", () => join(folder(), "no", "a.db")],
    [
      "below a file",
      () => {
        const file = join(folder(), "file");
        writeFileSync(file, "");
        return join(file, "a.db");
      },
    ],
    [
      "a folder",
      () => {
        const path = join(folder(), "a.db");
        mkdirSync(path);
        return path;
      },
    ],
    [
      "a text",
      () => {
        const file = join(folder(), "a.db");
        writeFileSync(file, "this is no database ".repeat(300));
        return file;
      },
    ],
    ["a database whose header was overwritten", async () => overwritten(await filled(), 0)],
    ["a database whose schema was overwritten", async () => overwritten(await filled(), 100)],
    [
      "a database that was cut short",
      async () => {
        const file = await filled();
        truncateSync(file, 1_000);
        return file;
      },
    ],
  ])("%s", async (_name, make) => {
    const path = await make();
    const error = await rejectionOf(async () => sqliteStore(path));
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(String(error)).toMatch(/sqliteStore cannot (?:open|use) ".*; give /);
  });

  test("a database whose pages were overwritten is unavailable, or refused, and never throws the driver's own", async () => {
    const path = overwritten(await filled(), 4_096);
    const sessions = await (async () => createTestVerifier({ store: sqliteStore(path) }).sessions)().catch(
      (error: unknown) => error,
    );
    if (sessions instanceof Error) return expect(sessions).toBeInstanceOf(ConfigurationError);
    const verifier = sessions as SessionVerifier;
    onTestFinished(() => verifier.close().catch(() => {}));
    for (const call of [
      () => verifier.ready(),
      () => verifier.list("ann 7"),
      () => verifier.endAll("ann 7"),
    ]) {
      const error = await rejectionOf(call);
      expect(
        error === null || error instanceof StoreUnavailableError || error instanceof ConfigurationError,
      ).toBe(true);
    }
    expect(["ok", "unavailable"]).toContain((await verifier.health()).status);
  });
});
