import { readFileSync } from "node:fs";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import {
  type PostgresStoreOptions,
  postgresMigration,
  postgresStore,
} from "../../src/server/stores/postgres/store.js";
import { recordAt } from "../../src/testing/store-conformance-records.js";
import { paced } from "../timing.js";
import {
  type PostgresServer,
  startPostgres,
  startStandby,
  switchedAddress,
} from "./support/postgres-server.js";
import { until } from "./support/redis-server.js";
import {
  expectEnded,
  expectRecovery,
  expectUnavailable,
  signedInBrowser,
  type Watched,
  watchedVerifier,
} from "./support/watched-verifier.js";

const PATIENCE = paced(60_000);
let server: PostgresServer;
let count = 0;
beforeAll(async () => {
  server = await startPostgres({ settings: ["wal_level=replica", "max_wal_senders=4"] });
}, PATIENCE);
afterAll(() => server.stop());

function opened(target: Parameters<typeof postgresStore>[0], options: PostgresStoreOptions = {}) {
  const store = postgresStore(target, options);
  onTestFinished(() => store.close());
  return store;
}

function watched(address: string, options: PostgresStoreOptions = {}): Watched {
  const verifier = watchedVerifier(postgresStore(address, options));
  onTestFinished(() => verifier.sessions.close());
  return verifier;
}

/** A verifier, a browser with a live session, and one whose session was ended. */
async function inUse(address = server.url, options: PostgresStoreOptions = {}) {
  const prefix = `test_${count++}`;
  const verifier = watched(address, { prefix, ...options });
  const browser = await signedInBrowser(verifier.sessions);
  const ended = await signedInBrowser(verifier.sessions);
  await verifier.sessions.end(ended.live.sid);
  return { prefix, verifier, browser, ended };
}

/** How many statements wait for a lock. */
async function waiting(): Promise<number> {
  const { rows } = await server.admin.query(
    "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'",
  );
  return rows.length;
}

describe("a PostgreSQL that", { timeout: PATIENCE }, () => {
  test("is killed and restarted: 503, and the same sessions and ends afterwards", async () => {
    const { verifier, browser, ended } = await inUse();
    await server.kill();
    await expectUnavailable("PostgreSQL is killed", verifier, browser);
    expect(verifier.log.join("\n")).toMatch(/postgres store failed/);
    await server.restart();
    await expectRecovery(verifier, browser);
    await expectEnded(verifier, ended);
  });

  test("hangs without closing its connections: 503, and recovers", async () => {
    const { verifier, browser, ended } = await inUse();
    await server.freeze();
    await expectUnavailable("PostgreSQL hangs", verifier, browser);
    server.thaw();
    await expectRecovery(verifier, browser);
    await expectEnded(verifier, ended);
  });

  test("somebody has locked the table of: 503, nothing piles up behind the lock, and recovers", async () => {
    const { prefix, verifier, browser, ended } = await inUse();
    const holder = await server.admin.connect();
    await holder.query(`BEGIN; LOCK TABLE ${prefix}_sessions`);
    await expectUnavailable("a table is locked", verifier, browser);
    // The sweeper goes on asking.
    await until(async () => (await waiting()) <= 3, "statements pile up");
    await holder.query("ROLLBACK");
    holder.release();
    await expectRecovery(verifier, browser);
    await expectEnded(verifier, ended);
  });

  test("somebody holds the row of: 503 for what would change it, and recovers", async () => {
    const { prefix, verifier, browser } = await inUse();
    const holder = await server.admin.connect();
    await holder.query("BEGIN");
    await holder.query(`SELECT 1 FROM ${prefix}_sessions WHERE sid = $1 FOR UPDATE`, [browser.live.sid]);
    expect((await browser.beat(Date.now())).status).toBe(503);
    await expect(verifier.sessions.end(browser.live.sid)).rejects.toMatchObject({ status: 503 });
    expect((await browser.ask()).status).toBe(200);
    // What has waited for too long is not done later.
    await until(async () => (await waiting()) === 0, "statements wait for ever");
    await holder.query("ROLLBACK");
    holder.release();
    await expectRecovery(verifier, browser);
  });

  test("was set to read only: 503 for reads too, with the cause in the log, and recovers", async () => {
    const { verifier, browser, ended } = await inUse();
    const set = async (value: string) => {
      await server.admin.query(`ALTER SYSTEM SET default_transaction_read_only = ${value}`);
      await server.admin.query("SELECT pg_reload_conf()");
      const asked = async () =>
        (await server.admin.query("SHOW default_transaction_read_only")).rows[0]
          .default_transaction_read_only;
      await until(async () => (await asked()) === value, "the setting does not change");
    };
    await set("on");
    await until(async () => (await browser.ask()).status === 503, "it is read all the same");
    await expectUnavailable("PostgreSQL is read only", verifier, browser);
    await expect(verifier.sessions.end(browser.live.sid)).rejects.toMatchObject({ status: 503 });
    expect(verifier.log.join("\n")).toMatch(/takes no writes here.*must lead to the primary/);
    const admin = new pg.Client(server.url);
    await admin.connect();
    await admin.query("SET default_transaction_read_only = off");
    await admin.query("ALTER SYSTEM RESET default_transaction_read_only");
    await admin.query("SELECT pg_reload_conf()");
    await admin.end();
    await expectRecovery(verifier, browser);
    await expectEnded(verifier, ended);
  });

  test("has no connection left for this user: 503 with the reason, and recovers", async () => {
    const { prefix } = await inUse();
    const role = `crowded_${count++}`;
    await server.admin.query(`CREATE ROLE ${role} LOGIN SUPERUSER CONNECTION LIMIT 1`);
    await server.admin.query(`ALTER ROLE ${role} NOSUPERUSER`);
    await server.admin.query(`GRANT ALL ON ALL TABLES IN SCHEMA public TO ${role}`);
    const address = server.url.replace("postgres@", `${role}@`);
    const first = new pg.Client(address);
    await first.connect();
    const store = opened(address, { prefix });
    await expect(store.now()).rejects.toMatchObject({ code: "53300" });
    await expect(store.check?.()).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(/too many connections for role/),
    });
    await first.end();
    await until(async () => store.now().then(Boolean, () => false), "no connection is free");
  });

  test("ends its connections one by one: nobody hears of it", async () => {
    const { verifier, browser } = await inUse();
    for (let round = 0; round < 5; round++) {
      await server.admin.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'curfew'",
      );
      await until(async () => (await browser.ask()).status === 200, "the connections are not replaced");
    }
    await expectRecovery(verifier, browser);
  });

  test("is led to by an address from which nothing comes any more: 503, and recovers by itself", async () => {
    const address = await switchedAddress(server);
    onTestFinished(() => address.stop());
    const { verifier, browser } = await inUse(address.url);
    address.swallow();
    const startedAt = performance.now();
    expect((await browser.beat(Date.now())).status).toBe(503);
    await expectRecovery(verifier, browser);
    console.info(`replaced after ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
  });

  test("has lost its rows: no session, and a heartbeat makes none", async () => {
    const { prefix, verifier, browser } = await inUse();
    await server.admin.query(`TRUNCATE ${prefix}_sessions`);
    expect((await browser.beat(Date.now())).body.type).toBe("urn:curfew:no-session");
    expect((await browser.ask()).body.type).toBe("urn:curfew:no-session");
    expect(await verifier.sessions.list("ann")).toEqual([]);
    expect((await server.admin.query(`SELECT 1 FROM ${prefix}_sessions`)).rows).toEqual([]);
  });

  test("has lost its tables: 503 with what to do, and recovers", async () => {
    const { prefix, verifier, browser } = await inUse();
    await server.admin.query(`ALTER TABLE ${prefix}_sessions RENAME TO ${prefix}_away`);
    await expectUnavailable("a table is gone", verifier, browser);
    await expect(verifier.sessions.end(browser.live.sid)).rejects.toThrow(/run `curfew store sql`/);
    await server.admin.query(`ALTER TABLE ${prefix}_away RENAME TO ${prefix}_sessions`);
    await expectRecovery(verifier, browser);
  });

  test("was restored from an older backup: what it brings back is ended by endEverything()", async () => {
    const { prefix, verifier, browser } = await inUse();
    await server.admin.query(`CREATE TABLE ${prefix}_backup AS SELECT * FROM ${prefix}_sessions`);
    await verifier.sessions.end(browser.live.sid);
    await server.admin.query(
      `DELETE FROM ${prefix}_sessions; INSERT INTO ${prefix}_sessions SELECT * FROM ${prefix}_backup`,
    );
    expect((await browser.ask()).status).toBe(200);
    expect(await verifier.sessions.endEverything()).toBe(1);
    await expectEnded(verifier, browser);
  });
});

test("a PostgreSQL whose disk is full: 503, no end that is acknowledged and lost, and recovers", {
  timeout: PATIENCE,
}, async () => {
  // The shell's limit on the size of files, in blocks of 512 or 1,024 bytes; no multiple of a page, so that the last
  // write is cut short, as on a full disk. The log of changes has files of 16 MB.
  const small = await startPostgres({ largestFile: 34_001 });
  onTestFinished(() => small.stop());
  const { verifier, browser, ended } = await inUse(small.url, { prefix: "curfew" });
  const copy = `INSERT INTO curfew_sessions
    SELECT md5(random()::text) || at, md5(random()::text) || at, app, subject_key, revision, false, NULL, NULL, purge_at,
      written_at, repeat('x', $2) FROM curfew_sessions, generate_series(1, $1) AS at LIMIT $1`;
  let code = "";
  for (const [rows, size] of [
    [5_000, 1_500],
    [100, 1_500],
    [100, 1],
    [1, 1],
  ])
    for (code = ""; code === ""; )
      code = await small.admin.query(copy, [rows, size]).then(
        () => "",
        (error: { code?: string }) => error.code ?? "?",
      );
  expect(code).toBe("53100");
  const signIn = new Request("https://app.test/sign-in", { method: "POST" });
  await expect(verifier.sessions.start(signIn, { subject: "bob" })).rejects.toMatchObject({ status: 503 });
  const end = verifier.sessions.end(browser.live.sid);
  const isEnded = await end.then(
    () => true,
    () => false,
  );
  await small.admin.query("DELETE FROM curfew_sessions WHERE record LIKE 'x%'");
  await small.admin.query("VACUUM curfew_sessions");
  if (isEnded) await expectEnded(verifier, browser);
  else await expectRecovery(verifier, browser);
  await expectEnded(verifier, ended);
  await verifier.sessions.start(signIn, { subject: "bob" });
});

describe("behind an address that follows the primary", { timeout: PATIENCE }, () => {
  test("a failover: a standby is refused, and once it is promoted no acknowledged end is lost", async () => {
    const primary = await startPostgres();
    onTestFinished(() => primary.stop());
    const standby = await startStandby(primary);
    onTestFinished(() => standby.stop());
    await primary.admin.query("ALTER SYSTEM SET synchronous_standby_names = '*'");
    await primary.admin.query("SELECT pg_reload_conf()");
    const address = await switchedAddress(primary);
    onTestFinished(() => address.stop());
    const { verifier, browser, ended } = await inUse(address.url, { prefix: "curfew" });

    // The name leads to the standby before anybody has promoted it.
    address.lead(standby);
    await expectUnavailable("the address leads to a standby", verifier, browser);
    expect(verifier.log.join("\n")).toMatch(/it is a standby by now.*must lead to the primary/);
    await expect(opened(standby.url).check?.()).rejects.toThrow(
      /led to a standby of PostgreSQL.*give it the primary's address/,
    );

    address.lead(primary);
    await expectRecovery(verifier, browser);
    const late = await signedInBrowser(verifier.sessions);
    await verifier.sessions.end(late.live.sid);
    await primary.kill();
    await expectUnavailable("the primary is gone", verifier, browser);
    await standby.admin.query("SELECT pg_promote()");
    address.lead(standby);
    await expectRecovery(verifier, browser);
    await expectEnded(verifier, ended);
    await expectEnded(verifier, late);
  });
});

describe("at start", { timeout: PATIENCE }, () => {
  const role = async (rules = "") => {
    const name = `role_${count++}`;
    await server.admin.query(`CREATE ROLE ${name} LOGIN`);
    if (rules !== "") await server.admin.query(rules.replaceAll("NAME", name));
    return { name, address: server.url.replace("postgres@", `${name}@`) };
  };

  test("a user who may only read is refused, with the fix", async () => {
    const { address } = await role("ALTER ROLE NAME SET default_transaction_read_only = on");
    await expect(opened(address).check?.()).rejects.toThrow(
      /may only read here \(default_transaction_read_only is on.*SET default_transaction_read_only = off/,
    );
  });

  test("a PostgreSQL before 13 is refused", async () => {
    await server.admin.query(`CREATE SCHEMA IF NOT EXISTS old;
      CREATE OR REPLACE FUNCTION old.current_setting(name text) RETURNS text LANGUAGE sql AS $$
        SELECT CASE name WHEN 'server_version_num' THEN '120017' WHEN 'server_version' THEN '12.17'
          ELSE pg_catalog.current_setting(name) END $$;
      GRANT USAGE ON SCHEMA old TO PUBLIC`);
    const { address } = await role("ALTER ROLE NAME SET search_path = old, pg_catalog");
    await expect(opened(address).check?.()).rejects.toThrow(
      "needs PostgreSQL 13 or later; this one is 12.17",
    );
  });

  test("a database that cannot keep every text is refused, with the fix", async () => {
    await server.admin.query("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0");
    await expect(opened(server.url.replace(/postgres$/, "latin")).check?.()).rejects.toThrow(
      /whose encoding is UTF8, and this one has LATIN1: CREATE DATABASE/,
    );
  });

  test("a server that may lose the last moments is told of", async () => {
    const warnings: string[] = [];
    const store = opened(server.url, { prefix: `test_${count++}` });
    store.onWarning?.((warning) => warnings.push(warning.message));
    await store.check?.();
    expect(warnings).toEqual([expect.stringMatching(/^PostgreSQL has fsync = off, .*acknowledged ends/)]);
  });

  test("a user who may make no tables is told what to run, and may then do no more than docs/operations.md says", async () => {
    const { name, address } = await role();
    const names = { schema: `app_${count++}`, prefix: "own" };
    const refused = opened(address, names);
    await expect(refused.check?.()).rejects.toThrow(
      /the tables app_\d+\.own_… are not in PostgreSQL.*permission denied.*run what `curfew store sql` prints/,
    );
    await server.admin.query(postgresMigration(names));
    await expect(refused.check?.()).rejects.toThrow(/may not read its tables.*GRANT USAGE/);
    const page = readFileSync(new URL("../../docs/operations.md", import.meta.url), "utf8");
    const rules = [...page.matchAll(/^(GRANT .+;)$/gm)].map(([, rule = ""]) => rule);
    expect(rules.length).toBeGreaterThan(1);
    for (const rule of rules)
      await server.admin.query(
        rule
          .replaceAll("public", names.schema)
          .replaceAll("curfew_", "own_")
          .replace(/TO curfew;/, `TO ${name};`),
      );
    const verifier = watched(address, { ...names, migrate: false });
    await verifier.sessions.ready();
    const browser = await signedInBrowser(verifier.sessions);
    await expectRecovery(verifier, browser);
    await browser.reauthenticate("ann");
    expect(await verifier.sessions.endEverything()).toBe(1);
    await expectEnded(verifier, browser);
    expect(verifier.log.filter((line) => !line.includes("fsync"))).toEqual([]);
  });

  test("tables that must be there and are not are told of", async () => {
    const store = opened(server.url, { prefix: `test_${count++}`, migrate: false });
    await expect(store.check?.()).rejects.toThrow(
      /options\.migrate is false.*run what `curfew store sql` prints/,
    );
  });

  test("of many nodes that make the tables at once all can use them", async () => {
    const names = { schema: `app_${count++}`, prefix: "many" };
    const stores = [...Array(12)].map(() => opened(server.url, { ...names, connections: 1 }));
    await Promise.all(stores.map((store) => store.check?.()));
    const secrets = await Promise.all(stores.map((store) => store.secret()));
    expect(new Set(secrets).size).toBe(1);
    const record = recordAt(Date.now(), "a");
    const outcomes = await Promise.all(stores.map((store) => store.insert(record)));
    expect(outcomes.filter((outcome) => outcome === "done")).toHaveLength(1);
  });

  test("tables that a release far ahead has changed are refused; those of the next release are not", async () => {
    const prefix = `test_${count++}`;
    await opened(server.url, { prefix }).check?.();
    const set = (version: number) =>
      server.admin.query(`UPDATE ${prefix}_meta SET value = '${version}' WHERE name = 'version'`);
    await set(9);
    await expect(opened(server.url, { prefix }).check?.()).rejects.toThrow(
      `the tables public.${prefix}_… in PostgreSQL are of version 9, and this release of Curfew uses versions up to 2; run the release that changed them, or give postgresStore another prefix`,
    );
    await set(2);
    await opened(server.url, { prefix }).check?.();
    const { rows } = await server.admin.query(`SELECT value FROM ${prefix}_meta WHERE name = 'version'`);
    expect(rows).toEqual([{ value: "2" }]);
  });

  test.each([
    ["that cannot be reached", "postgres://ann:hunter2@127.0.0.1:1/app", "ECONNREFUSED"],
    ["without that database", "/nowhere", 'database "nowhere" does not exist'],
  ])("a PostgreSQL %s is unavailable, and no mistake in the configuration", async (_what, address, words) => {
    const target = address.startsWith("/") ? server.url.replace(/\/postgres$/, address) : address;
    const asked = await Promise.resolve(opened(target).check?.()).catch((error: unknown) => error);
    expect(asked).toMatchObject({ code: "unavailable", message: expect.stringContaining(words) });
    expect(String(asked)).not.toContain("hunter2");
  });

  test.each([
    ["mysql://ann:hunter2@host/app", /no address of PostgreSQL; write "postgres:\/\/user/],
    ["postgres://ann:hunter2@ho st/app", /no address of PostgreSQL/],
    [7 as unknown as string, /needs the address of a database/],
  ])("the target %s is refused, without its password", (target, message) => {
    expect(() => postgresStore(target)).toThrow(message);
    expect(() => postgresStore(target)).toThrow(/^(?!.*hunter2)/);
  });

  test("a wrong option is refused", () => {
    const open = (options: object) => () => postgresStore("postgres://a@b/c", options);
    expect(open({ schema: 'a"; DROP TABLE b; --' })).toThrow(/options\.schema must be 1 to 30 small letters/);
    expect(open({ prefix: "1a" })).toThrow(/options\.prefix must be/);
    expect(open({ connections: 0 })).toThrow(/options\.connections must be 1 or more/);
    expect(open({ news: "host" })).toThrow(/options\.news was given a text that is no address/);
    expect(() => postgresMigration({ schema: "A" })).toThrow(/small letters/);
  });
});
