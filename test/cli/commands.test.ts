/** The commands as processes: start, readiness, sockets, the way they stop, and the end of every session. */
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { postgresMigration } from "../../src/server/stores/postgres/store.js";
import { sqliteStore } from "../../src/server/stores/sqlite/store.js";
import { liveRecord } from "../stores/support/every-store.js";
import { until } from "../stores/support/redis-server.js";
import { type Folder, temporaryFolder } from "./support/program.js";
import {
  BASIC,
  type Config,
  cookieFrom,
  type RunningSidecar,
  runCurfew,
  startSidecar,
  TOKEN,
  writeConfig,
} from "./support/sidecar.js";

let folder: Folder;
let running: RunningSidecar[];

beforeEach(() => {
  folder = temporaryFolder();
  running = [];
});

afterEach(async () => {
  await Promise.all(running.map(({ program }) => program.stop("SIGKILL")));
  folder.remove();
});

async function start(
  config: Config = {},
  env: Readonly<Record<string, string>> = {},
): Promise<RunningSidecar> {
  const sidecar = await startSidecar(folder, { ...BASIC, ...config }, env);
  running.push(sidecar);
  return sidecar;
}

const onSqlite = () => ({ store: `sqlite:${folder.file("curfew.db")}` });
const onSocket = () => ({
  listen: { public: "127.0.0.1:0", private: `unix:${folder.file("private.sock")}` },
});

describe("curfew serve", () => {
  test.each(["SIGTERM", "SIGINT"] as const)(
    "ends cleanly at %s, and its log is JSON by the line",
    async (signal) => {
      const { program } = await start();
      expect(await program.stop(signal)).toBe(0);
      const [ready, ...log] = program.lines;
      expect(ready).toMatch(/^Curfew sidecar ready: public http:\/\/127\.0\.0\.1:\d+, private http:/);
      expect(log.length).toBeGreaterThan(0);
      for (const line of log)
        expect(JSON.parse(line)).toEqual({
          time: expect.stringMatching(/^\d{4}-.*Z$/),
          level: expect.stringMatching(/^(info|warn|error)$/),
          message: expect.any(String),
        });
    },
  );

  test("says that it is not ready before it stops answering", async () => {
    const sidecar = await start({ drain: "60s" });
    const { cookie } = await signedIn(sidecar);
    sidecar.program.child.kill("SIGTERM");
    const notReady = async () => (await sidecar.ask("GET", "/readyz")).status === 503;
    await until(notReady, "/readyz goes on saying 200");
    expect((await sidecar.ask("GET", "/readyz")).body.detail).toBe("The sidecar is stopping.");
    expect((await sidecar.ask("GET", "/healthz")).status).toBe(200);
    expect((await sidecar.check(cookie)).status).toBe(204);
    sidecar.program.child.kill("SIGTERM");
    expect(await sidecar.program.ended).toBe(null);
  });

  test("keeps sessions over a restart", async () => {
    const first = await start(onSqlite());
    const { cookie } = await signedIn(first);
    expect(await first.program.stop()).toBe(0);
    const second = await start(onSqlite());
    expect((await second.check(cookie)).status).toBe(204);
  });

  test("takes the service token from the environment first", async () => {
    const token = "another-token-of-the-environment-0123456789";
    const sidecar = await start({}, { CURFEW_SERVICE_TOKEN: token });
    expect((await sidecar.call("GET", "/sessions?subject=a")).status).toBe(401);
    const headers = { authorization: `Bearer ${token}` };
    expect((await sidecar.call("GET", "/sessions?subject=a", undefined, headers)).status).toBe(200);
  });

  test("ends with the sentence where the address is taken, or the store is not to be had", async () => {
    const taken = await start();
    const address = taken.privateAt.replace("http://", "");
    const refused: readonly [Config, string][] = [
      [{ listen: { public: "127.0.0.1:0", private: address } }, "something else listens there"],
      [{ store: "redis://127.0.0.1:1" }, "Redis"],
      [{ store: "postgres://ann:hunter2@127.0.0.1:1/app" }, "PostgreSQL cannot be asked"],
    ];
    for (const [config, words] of refused) {
      const program = runCurfew(["serve", "-c", writeConfig(folder, { ...BASIC, ...config })]);
      expect(await program.ended).toBe(1);
      expect(program.lines.join("\n")).toContain(words);
      expect(program.lines.join("\n")).not.toContain("Curfew sidecar ready");
    }
  });

  test("writes the audit trail into each file", async () => {
    const files = [folder.file("a.jsonl"), folder.file("b.jsonl")];
    const sidecar = await start({ audit: files.map((file) => `jsonl:${file}`) });
    const { sid } = await signedIn(sidecar);
    for (const file of files)
      expect(
        readFileSync(file, "utf8")
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line)),
      ).toMatchObject([{ type: "policy_in_force" }, { type: "session_created", sid }]);
  });
});

describe("on a Unix socket", () => {
  test("answers every call, for the owner and the group alone", async () => {
    const sidecar = await start(onSocket());
    expect(sidecar.privateAt).toBe(`unix:${folder.file("private.sock")}`);
    expect(statSync(folder.file("private.sock")).mode & 0o777).toBe(0o660);
    const { cookie } = await signedIn(sidecar);
    expect((await sidecar.check(cookie)).headers["curfew-subject"]).toBe("ann");
    expect((await sidecar.ask("GET", "/readyz")).status).toBe(200);
    expect(await sidecar.program.stop()).toBe(0);
    expect(existsSync(folder.file("private.sock"))).toBe(false);
  });

  test("takes the place of a socket that a killed process left behind", async () => {
    const first = await start(onSocket());
    await first.program.stop("SIGKILL");
    expect(existsSync(folder.file("private.sock"))).toBe(true);
    const second = await start(onSocket());
    expect((await second.ask("GET", "/healthz")).status).toBe(200);
  });

  test("leaves a socket that somebody answers on, and any other file, where it is", async () => {
    const owner = createServer();
    await new Promise<void>((resolve) => owner.listen(folder.file("private.sock"), resolve));
    const config = writeConfig(folder, { ...BASIC, ...onSocket() });
    const beside = runCurfew(["serve", "-c", config]);
    expect(await beside.ended).toBe(1);
    expect(beside.lines.join("\n")).toContain("something else listens there");
    await new Promise((resolve) => owner.close(resolve));
    writeFileSync(folder.file("private.sock"), "a file");
    expect(await runCurfew(["serve", "-c", config]).ended).toBe(1);
    expect(readFileSync(folder.file("private.sock"), "utf8")).toBe("a file");
  });
});

describe("curfew end-all", () => {
  const endAll = async (...args: readonly string[]) => {
    const config = writeConfig(folder, { ...BASIC, ...onSqlite(), serviceToken: undefined }, "end-all.json");
    const program = runCurfew(["end-all", "--config", config, ...args]);
    return { code: await program.ended, said: program.lines.join("\n") };
  };

  test("ends every session beside a running sidecar, and says how many", async () => {
    const sidecar = await start(onSqlite());
    const cookies = [await signedIn(sidecar), await signedIn(sidecar, "bob"), await signedIn(sidecar, "bob")];
    const asked = await endAll();
    expect([asked.code, asked.said]).toEqual([
      1,
      'This ends every session of the app "curfew". Say --yes to do it.',
    ]);
    for (const { cookie } of cookies) expect((await sidecar.check(cookie)).status).toBe(204);

    const bob = await endAll("--yes", "--subject", "bob");
    expect([bob.code, bob.said]).toEqual([0, 'Ended 2 sessions of the app "curfew" and the subject "bob".']);
    const [ann, ...others] = cookies;
    expect((await sidecar.check(ann?.cookie ?? null)).status).toBe(204);
    for (const { cookie } of others) expect((await sidecar.check(cookie)).body.reason).toBe("revoked");

    const all = await endAll("--yes");
    expect([all.code, all.said]).toEqual([0, 'Ended 1 session of the app "curfew".']);
    expect((await sidecar.check(ann?.cookie ?? null)).body.reason).toBe("revoked");
    expect((await endAll("--yes")).said).toBe('Ended 0 sessions of the app "curfew".');
  });

  test("refuses a store that no other process can reach, and one that does not answer", async () => {
    for (const [store, words] of [
      ["memory:", "sessions in memory end with their own process"],
      ["redis://127.0.0.1:1", "Redis"],
    ] as const) {
      const config = writeConfig(folder, { ...BASIC, store, serviceToken: TOKEN });
      const program = runCurfew(["end-all", "--yes", "--config", config]);
      expect(await program.ended).toBe(1);
      expect(program.lines.join("\n")).toContain(words);
    }
  });
});

describe("curfew outbox", () => {
  test("lists dead letters, and puts one back", async () => {
    const now = Date.now();
    const store = sqliteStore(folder.file("curfew.db"));
    const letter = { id: "letter", to: "webhook", since: now, attempts: 40, nextAt: now } as const;
    const outbox = [{ ...letter, failure: "the webhook answered 500", deadAt: now }];
    const ended = { reason: "idle", endedAt: now } as const;
    await store.insert(liveRecord(now, "a"));
    await store.replace(liveRecord(now, "a", { ended, outbox }), { revision: 0 });
    await store.close();
    const config = writeConfig(folder, { ...BASIC, ...onSqlite(), serviceToken: undefined }, "outbox.json");
    const outboxCommand = async (...args: readonly string[]) => {
      const program = runCurfew(["outbox", ...args, "--config", config]);
      return [await program.ended, program.lines.join("\n")];
    };
    const [code, said] = await outboxCommand("list");
    expect([code, JSON.parse(String(said))]).toEqual([
      0,
      {
        id: "letter",
        to: "webhook",
        sid: "a",
        subject: "ann",
        reason: "idle",
        endedAt: now,
        attempts: 40,
        failure: "the webhook answered 500",
        deadAt: now,
      },
    ]);
    expect((await outboxCommand("replay", "another"))[0]).toBe(1);
    expect(await outboxCommand("replay", "letter")).toEqual([
      0,
      "Put 1 dead letter back; a running node tells them.",
    ]);
    expect(await outboxCommand("list")).toEqual([0, ""]);
  });
});

describe("curfew store sql", () => {
  test("prints the migration that the store runs, for the names that it is given", async () => {
    const names = { schema: "app", prefix: "own" };
    const program = runCurfew(["store", "sql", "--schema", names.schema, "--prefix", names.prefix]);
    expect(await program.ended).toBe(0);
    expect(`${program.lines.join("\n")}\n`).toBe(postgresMigration(names));
  });

  test("refuses a name that would need quoting", async () => {
    const program = runCurfew(["store", "sql", "--schema", 'a"b']);
    expect(await program.ended).toBe(1);
    expect(program.lines.join("\n")).toContain("schema must be 1 to 30 small letters, digits or _");
  });
});

test("an unknown command is refused, and --help names every one", async () => {
  const unknown = runCurfew(["server"]);
  expect(await unknown.ended).toBe(1);
  const help = runCurfew(["--help"]);
  expect(await help.ended).toBe(0);
  for (const name of ["serve", "policy", "end-all"])
    expect(help.lines.join("\n")).toContain(`  ${name} [options]`);
  expect(help.lines.join("\n")).toMatch(/^ {2}store /m);
  const version = runCurfew(["--version"]);
  expect(await version.ended).toBe(0);
  expect(version.lines[0]).toMatch(/^\d+\.\d+\.\d+$/);
});

async function signedIn(sidecar: RunningSidecar, subject = "ann") {
  const answer = await sidecar.call("POST", "/sessions", { subject });
  expect(answer.status, answer.text).toBe(201);
  return { sid: String(answer.body.sid), cookie: cookieFrom(answer) };
}
