import pg from "pg";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { SessionRecord } from "../../src/server/record/session.js";
import type { PostgresClient, PostgresPool } from "../../src/server/stores/postgres/driver.js";
import { type PostgresStoreOptions, postgresStore } from "../../src/server/stores/postgres/store.js";
import type { SessionStore } from "../../src/server/stores/store.js";
import { inserted, recordAt, subjectAt } from "../../src/testing/store-conformance-records.js";
import { TestBrowser } from "../server/support/test-browser.js";
import { createTestVerifier } from "../server/support/test-verifier.js";
import { paced } from "../timing.js";
import {
  type Bouncer,
  type PostgresServer,
  startPgBouncer,
  startPostgres,
} from "./support/postgres-server.js";
import { until } from "./support/redis-server.js";

const PATIENCE = paced(60_000);
const HOUR = 60 * 60_000;
const APP = "conformance";
let server: PostgresServer;
let bouncer: Bouncer;
let count = 0;
beforeAll(async () => {
  server = await startPostgres();
  bouncer = await startPgBouncer(server);
}, PATIENCE);
afterAll(async () => {
  await bouncer.stop();
  await server.stop();
});

async function opened(
  options: PostgresStoreOptions = {},
  target: Parameters<typeof postgresStore>[0] = server.url,
): Promise<SessionStore> {
  const store = postgresStore(target, options);
  onTestFinished(() => store.close());
  await store.check?.();
  return store;
}

const fresh = () => `test_${count++}`;

function poolOf(options: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool({ connectionString: server.url, ...options });
  onTestFinished(() => pool.end());
  return pool;
}

/** A pool that keeps what it is asked. */
function recording(pool: pg.Pool): { readonly pool: PostgresPool; readonly asked: object[] } {
  const asked: object[] = [];
  const connect = async (): Promise<PostgresClient> => {
    const client = await pool.connect();
    const query: PostgresClient["query"] = (one) => {
      asked.push(one);
      return client.query(one);
    };
    return {
      query,
      on: (event, listener) => client.on(event, listener),
      removeListener: (event, listener) => client.removeListener(event, listener),
      release: (destroy) => client.release(destroy),
    };
  };
  return { pool: { options: pool.options, connect, Client: pg.Client } as PostgresPool, asked };
}

async function endOf(store: SessionStore, record: SessionRecord): Promise<void> {
  const ended = { reason: "revoked", endedAt: await store.now() } as const;
  expect((await store.replace({ ...record, ended }, { revision: record.revision })).outcome).toBe("done");
}

describe("the PostgreSQL store", { timeout: PATIENCE }, () => {
  test("asks one unnamed statement for each call, and leaves nothing behind on a connection", async () => {
    const { pool, asked } = recording(poolOf({ max: 1 }));
    const store = await opened({ prefix: fresh(), news: false }, pool);
    const record = await inserted(store, "a");
    const settings = async () =>
      (await server.admin.query("SELECT count(*) FROM pg_prepared_statements")).rows;
    const before = await settings();
    const calls: readonly (() => Promise<unknown>)[] = [
      () => store.insert({ ...record, sid: "b", secretHash: "of b" }),
      () => store.find("a"),
      () => store.findBySecret(record.secretHash),
      () => store.replace({ ...record, secretHash: "new" }, { revision: 0, before: record.startedAt + HOUR }),
      () => store.listBySubject(APP, record.subject, null, 10),
      () => store.findSubject(APP, record.subject),
      () => store.replaceSubject(subjectAt(record.startedAt), 0),
      () => store.replaceSubject(subjectAt(record.startedAt), 1),
      () => store.due(APP, 10),
    ];
    for (const call of calls) {
      asked.length = 0;
      await call();
      expect(asked).toHaveLength(1);
      expect(asked[0]).not.toHaveProperty("name");
    }
    expect(await settings()).toEqual(before);
    const [client] = [await pool.connect()];
    const result = await client.query({ text: "SHOW lock_timeout", rowMode: "array", types: asTexts });
    client.release();
    expect(result).toMatchObject({ rows: [["0"]] });
  });

  test("writes a heartbeat without touching an index", async () => {
    const prefix = fresh();
    const store = postgresStore(server.url, { prefix });
    await store.check?.();
    let record = await inserted(store, "a");
    for (let beat = 0; beat < 20; beat++) {
      const lastActiveAt = record.lastActiveAt + 1_000;
      await store.replace({ ...record, lastActiveAt, nonce: `${beat}` }, { revision: record.revision });
      record = { ...record, lastActiveAt, revision: record.revision + 1 };
    }
    // A connection tells what it has done when it ends.
    await store.close();
    const told = async () => {
      const { rows } = await server.admin.query(
        `SELECT n_tup_upd::int AS all, n_tup_hot_upd::int AS hot FROM pg_stat_user_tables WHERE relname = '${prefix}_sessions'`,
      );
      return rows[0] as { readonly all: number; readonly hot: number };
    };
    await until(async () => (await told()).all >= 20, "the statistics do not come");
    expect((await told()).hot).toBe(20);
  });

  test("keeps its tables apart from those of another prefix and of another schema", async () => {
    const [prefix, schema] = [fresh(), fresh()];
    const one = await opened({ prefix });
    const record = await inserted(one, "a");
    for (const other of [await opened({ prefix: fresh() }), await opened({ prefix, schema })]) {
      expect(await other.find("a")).toBeNull();
      expect(await other.secret()).not.toBe(await one.secret());
      expect(await other.insert(record)).toBe("done");
    }
  });

  test("finds nothing by a sid that PostgreSQL could not keep, and never calls the store unavailable for it", async () => {
    const store = await opened({ prefix: fresh() });
    for (const sid of ["\u0000", "a\u0000b", "\ud800", "x".repeat(100_000)]) {
      expect(await store.find(sid)).toBeNull();
      expect((await store.replace(recordAt(1, sid), { revision: 0 })).outcome).toBe("missing");
    }
  });

  test("reads its own columns whatever the app has told pg of types", async () => {
    const types = { getTypeParser: () => () => "parsed by the app" } as unknown as pg.CustomTypesConfig;
    const store = await opened({ prefix: fresh() }, poolOf({ types }));
    const record = await inserted(store, "a");
    expect((await store.find("a"))?.record).toEqual(record);
    expect((await store.replace(record, { revision: 0 })).outcome).toBe("done");
  });

  test.each(["serializable", "repeatable read"])(
    "lets one of many writers succeed where the user's transactions are %s",
    async (isolation) => {
      const role = fresh();
      await server.admin.query(
        `CREATE ROLE ${role} LOGIN SUPERUSER; ALTER ROLE ${role} SET default_transaction_isolation = '${isolation}'`,
      );
      const store = await opened({ prefix: fresh() }, server.url.replace("postgres@", `${role}@`));
      const record = await inserted(store, "a");
      for (const revision of [0, 1]) {
        const writers = [...Array(20).keys()].map((at) =>
          store.replace({ ...record, nonce: `${at}` }, { revision }),
        );
        const outcomes = (await Promise.all(writers)).map(({ outcome }) => outcome);
        expect(outcomes.sort()).toEqual([...Array(19).fill("changed"), "done"]);
      }
    },
  );

  test("forgets very many at once, and what another node forgets meanwhile", async () => {
    const prefix = fresh();
    const [one, other] = [await opened({ prefix }), await opened({ prefix })];
    const record = await inserted(one, "a");
    await server.admin.query(
      `INSERT INTO ${prefix}_sessions SELECT sid || at, secret_hash || at, app, subject_key, revision, false, NULL, NULL,
         1, written_at, record FROM ${prefix}_sessions, generate_series(1, 2500) AS at`,
    );
    const left = async () => {
      await Promise.all([one.purge(), other.purge()]);
      const sids: string[] = [];
      for await (const { sid } of one.all(APP)) sids.push(sid);
      return sids;
    };
    await until(async () => (await left()).length === 1, "it forgets no more");
    expect(await left()).toEqual([record.sid]);
  });

  test("lets a person sign in, act and sign out behind PgBouncer, on two nodes", async () => {
    const prefix = fresh();
    const nodes = [0, 1].map(
      () => createTestVerifier({ store: postgresStore(bouncer.url, { prefix, news: server.url }) }).sessions,
    );
    onTestFinished(async () => void (await Promise.all(nodes.map((node) => node.close()))));
    await Promise.all(nodes.map((node) => node.ready()));
    const [one, two] = nodes;
    if (one === undefined || two === undefined) throw new Error("there are two");
    const browser = await TestBrowser.signedIn(one);
    expect((await browser.beat(browser.live.now)).status).toBe(200);
    await two.end(browser.live.sid);
    expect((await browser.ask()).body).toMatchObject({ reason: "revoked" });
  });
});

const asTexts = { getTypeParser: () => (text: string) => text };

describe("of what had begun when a person's sessions were ended together, on another node", {
  timeout: PATIENCE,
}, () => {
  /** A node whose changes wait until they are let go. */
  async function heldNode(prefix: string) {
    const store = await opened({ prefix, news: false });
    const held: (() => void)[] = [];
    let isHolding = false;
    const wait = async () => {
      if (isHolding) await new Promise<void>((release) => held.push(release));
    };
    const { sessions } = createTestVerifier({
      store: {
        ...store,
        async insert(record) {
          await wait();
          return store.insert(record);
        },
        async replace(record, expected) {
          await wait();
          return store.replace(record, expected);
        },
        close: async () => {},
      },
    });
    onTestFinished(() => sessions.close());
    await sessions.ready();
    return {
      sessions,
      hold() {
        isHolding = true;
      },
      isHeld: () => held.length > 0,
      release() {
        isHolding = false;
        for (const release of held.splice(0)) release();
      },
    };
  }

  test.each(["endAll", "endOthers"] as const)("%s leaves nothing alive", async (end) => {
    const prefix = fresh();
    const here = await heldNode(prefix);
    const there = createTestVerifier({ store: postgresStore(server.url, { prefix, news: false }) }).sessions;
    onTestFinished(() => there.close());
    await there.ready();
    const request = (cookie = "") =>
      new Request("https://app.test/", { method: "POST", headers: { cookie } });
    const cookieOf = (headers: Headers) => headers.getSetCookie()[0]?.split(";")[0] ?? "";
    const signIn = async (subject: string) => {
      const { session, headers } = await there.start(request(), { subject });
      return { sid: session.sid, cookie: cookieOf(headers) };
    };
    const begun: readonly ((cookie: string, subject: string) => Promise<string>)[] = [
      async (_cookie, subject) => cookieOf((await here.sessions.start(request(), { subject })).headers),
      async (cookie, subject) => cookieOf((await here.sessions.start(request(cookie), { subject })).headers),
      async (cookie, subject) =>
        cookieOf((await here.sessions.reauthenticate(request(cookie), { subject })).headers),
      async (cookie) => {
        await here.sessions.update(request(cookie), { roles: ["nurse"] });
        return cookie;
      },
    ];
    for (const [at, begin] of begun.entries()) {
      const subject = `person ${at}`;
      const [own, other] = [await signIn(subject), await signIn(subject)];
      here.hold();
      const begins = begin(other.cookie, subject).catch(() => other.cookie);
      await until(here.isHeld, "nothing is begun");
      await (end === "endAll" ? there.endAll(subject) : there.endOthers(own.sid));
      here.release();
      const cookies = [await begins, other.cookie];
      for (const { sessions } of [here, { sessions: there }])
        for (const cookie of cookies)
          expect([at, (await sessions.check(request(cookie))).status]).not.toEqual([at, "active"]);
      const left = (await there.list(subject)).map(({ sid }) => sid);
      expect([at, left]).toEqual([at, end === "endAll" ? [] : [own.sid]]);
    }
  });
});

describe("a clock of PostgreSQL that is set back", { timeout: PATIENCE }, () => {
  /** A user for whom the server's clock can be set, by a function before the server's own in the search path. */
  async function shifted() {
    const name = fresh();
    await server.admin.query(`CREATE SCHEMA ${name};
      CREATE TABLE ${name}.shift AS SELECT interval '0' AS by;
      CREATE FUNCTION ${name}.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
        $$ SELECT pg_catalog.clock_timestamp() + by FROM ${name}.shift $$;
      CREATE ROLE ${name} LOGIN SUPERUSER;
      ALTER ROLE ${name} SET search_path = ${name}, pg_catalog, public`);
    const address = server.url.replace("postgres@", `${name}@`);
    const prefix = fresh();
    return {
      open: () => opened({ prefix }, address),
      set: (by: number) =>
        server.admin.query(`UPDATE ${name}.shift SET by = $1 * interval '1 millisecond'`, [by]),
    };
  }

  test("gives nobody time on a node that has seen it, which tells of the step once", async () => {
    const { open, set } = await shifted();
    const store = await open();
    const steps: number[] = [];
    store.onClockStep((step) => steps.push(step));
    const record = await inserted(store, "a");
    const before = await store.now();
    await set(-HOUR);
    expect(await store.now()).toBeGreaterThanOrEqual(before);
    const deadline = record.startedAt + 1;
    const late = await store.replace({ ...record, nonce: "late" }, { revision: 0, before: deadline });
    expect(late.outcome).toBe("late");
    expect(late.now).toBeGreaterThanOrEqual(before);
    expect(steps).toHaveLength(1);
    expect(Math.abs((steps[0] ?? 0) + HOUR)).toBeLessThan(2_000);
  });

  test("gives a session no time on a node that starts after it", async () => {
    const { open, set } = await shifted();
    const first = await open();
    const record = await inserted(first, "a");
    const { now: writtenAt } = await first.replace({ ...record, nonce: "written late" }, { revision: 0 });
    await set(-HOUR);
    const after = await open();
    expect((await after.find("a"))?.now).toBeGreaterThanOrEqual(writtenAt);
    const late = await after.replace(record, { revision: 1, before: writtenAt });
    expect(late.outcome).toBe("late");
  });

  test("that is set forward ends what is due by it", async () => {
    const { open, set } = await shifted();
    const store = await open();
    const record = await inserted(store, "a");
    await set(HOUR);
    expect((await store.due(APP, 10)).map(({ record: { sid } }) => sid)).toEqual(["a"]);
    expect((await store.replace(record, { revision: 0, before: record.startedAt + 60_000 })).outcome).toBe(
      "late",
    );
  });
});

describe("news of ends", { timeout: PATIENCE }, () => {
  interface Node {
    readonly store: SessionStore;
    readonly asked: readonly object[];
    readonly warnings: readonly string[];
    /** Asks as the verifier does, and gives what it heard. */
    hear(): Promise<readonly string[]>;
    /** How many statements it takes to hear of nothing. */
    cost(): Promise<number>;
  }

  async function node(
    prefix: string,
    options: PostgresStoreOptions = {},
    address = server.url,
  ): Promise<Node> {
    const { pool, asked } = recording(poolOf({ connectionString: address }));
    const store = await opened({ prefix, ...options }, pool);
    const warnings: string[] = [];
    store.onWarning?.(({ message }) => warnings.push(message));
    let since = (await store.endedSince?.(APP, null))?.next ?? "";
    const hear = async () => {
      const heard = await store.endedSince?.(APP, since);
      since = heard?.next ?? since;
      return heard?.sids ?? [];
    };
    const cost = async () => {
      await hear();
      const before = asked.length;
      await hear();
      return asked.length - before;
    };
    return { store, asked, warnings, hear, cost };
  }

  const listens = ({ cost }: Node) => until(async () => (await cost()) === 0, "it does not listen");
  async function heard({ hear }: Node, ...sids: readonly string[]): Promise<void> {
    const all = new Set<string>();
    const isAll = async () => {
      for (const sid of await hear()) all.add(sid);
      return all.size >= sids.length;
    };
    await until(isAll, "the end is not heard of");
    expect([...all].sort()).toEqual(sids);
  }

  test("a node that listens asks for nothing until another node has ended something", async () => {
    const prefix = fresh();
    const [here, there] = [await node(prefix), await node(prefix)];
    await listens(here);
    const [a, b] = [await inserted(there.store, "a"), await inserted(there.store, "b")];
    expect(await here.cost()).toBe(0);
    await endOf(there.store, a);
    await heard(here, "a");
    await endOf(there.store, b);
    await heard(here, "b");
    expect(here.warnings).toEqual([]);
  });

  test("what is open on one node ends when the session is ended on another", async () => {
    const prefix = fresh();
    const [here, there] = [0, 1].map(
      () => createTestVerifier({ store: postgresStore(server.url, { prefix }) }).sessions,
    );
    if (here === undefined || there === undefined) throw new Error("there are two");
    onTestFinished(async () => void (await Promise.all([here.close(), there.close()])));
    await Promise.all([here.ready(), there.ready()]);
    const browser = await TestBrowser.signedIn(here);
    const found = await here.check(
      new Request("https://app.test/", { headers: { cookie: browser.cookie ?? "" } }),
    );
    if (found.status !== "active") throw new Error("the session should live");
    await there.end(browser.live.sid);
    await until(() => found.signal.aborted, "the end is not heard of");
    expect(found.signal.reason).toMatchObject({ code: "session-ended", reason: "revoked" });
  });

  test("a node whose listening connection is ended asks meanwhile, and listens again", async () => {
    const prefix = fresh();
    const [here, there] = [await node(prefix), await node(prefix)];
    await listens(here);
    await server.admin.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN %'",
    );
    await until(async () => (await here.cost()) === 1, "it trusts a connection that is gone");
    await endOf(there.store, await inserted(there.store, "a"));
    await heard(here, "a");
    await listens(here);
  });

  test("behind PgBouncer a node hears by asking and says so, and listens where it is given an address that can", async () => {
    const prefix = fresh();
    const deaf = await node(prefix, {}, bouncer.url);
    await until(async () => {
      await deaf.hear();
      return deaf.warnings.length > 0;
    }, "it does not say that it hears nothing");
    expect(deaf.warnings).toEqual([
      expect.stringMatching(/LISTEN hears nothing.*PgBouncer in transaction mode.*give the store `news`/),
    ]);
    expect(await deaf.cost()).toBe(1);
    const there = await node(prefix, { news: server.url }, bouncer.url);
    await listens(there);
    await endOf(there.store, await inserted(there.store, "a"));
    await heard(deaf, "a");
    await endOf(deaf.store, await inserted(deaf.store, "b"));
    await heard(there, "a", "b");
    expect(there.warnings).toEqual([]);
  });

  test("an end whose transaction is done after that of a later one is heard of, and each once", async () => {
    const prefix = fresh();
    const here = await node(prefix, { news: false });
    const slow = await server.admin.connect();
    await slow.query(`BEGIN; INSERT INTO ${prefix}_ends (app, sid) VALUES ('${APP}', 'slow')`);
    await endOf(here.store, await inserted(here.store, "quick"));
    expect(await here.hear()).toEqual(["quick"]);
    expect(await here.hear()).toEqual([]);
    await slow.query("COMMIT");
    slow.release();
    expect(await here.hear()).toEqual(["slow"]);
    expect(await here.hear()).toEqual([]);
  });

  test("a node that was ahead of a database that was put back hears of what is there", async () => {
    const prefix = fresh();
    const { store } = await node(prefix, { news: false });
    await endOf(store, await inserted(store, "a"));
    const ahead = await store.endedSince?.(APP, "4000000000:4000000000:|0.0 0");
    expect(ahead?.sids).toEqual(["a"]);
    expect((await store.endedSince?.(APP, ahead?.next ?? ""))?.sids).toEqual([]);
  });
});
