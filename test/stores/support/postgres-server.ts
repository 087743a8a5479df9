/** Real PostgreSQL servers for tests: made and started on free ports in folders of their own, killed at the end. */

import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { pgbouncer, postgresFolder } from "../../../scripts/postgres.mjs";
import { freePort } from "../../free-port.js";
import { until } from "./redis-server.js";

export interface PostgresServer {
  readonly port: number;
  readonly url: string;
  /** For the test's own statements. */
  readonly admin: pg.Pool;
  /** `kill -9`; resolves once the process is gone. */
  kill(): Promise<void>;
  /** Stops all its processes as they are, with their connections open. */
  freeze(): Promise<void>;
  thaw(): void;
  /** On the same port and folder, after a kill. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

interface ServerOptions {
  /** Of `postgres`, such as `max_connections=20`. */
  readonly settings?: readonly string[];
  /** The largest file that it may write, in blocks of the shell's `ulimit -f`. */
  readonly largestFile?: number;
}

const FAST = ["fsync=off", "full_page_writes=off", "autovacuum=off", "shared_buffers=16MB"];
const HELP = "node scripts/install-postgres.mjs gets it";

/** The server refuses to run as root: there it runs as the user that Debian makes for it, or as nobody. */
const owner = ownerOf(["postgres", "nobody"]);

function ownerOf(names: readonly string[]): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {};
  for (const name of names)
    try {
      const id = (kind: string) =>
        Number(execFileSync("id", [kind, name], { encoding: "utf8", stdio: "pipe" }));
      return { uid: id("-u"), gid: id("-g") };
    } catch {
      // There is no such user.
    }
  throw new Error("PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody");
}

function program(name: string): string {
  const folder = postgresFolder();
  if (folder === undefined) throw new Error(`PostgreSQL cannot be found (${HELP})`);
  return folder + name;
}

function ownFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "curfew-postgres-"));
  if (owner.uid !== undefined && owner.gid !== undefined) chownSync(folder, owner.uid, owner.gid);
  return folder;
}

function runIn(folder: string, name: string, args: readonly string[]): void {
  execFileSync(program(name), args, { ...owner, cwd: folder, stdio: "pipe" });
}

/** Makes a server, starts it and waits until it answers. */
export function startPostgres(options: ServerOptions = {}): Promise<PostgresServer> {
  const folder = ownFolder();
  const made = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"];
  runIn(folder, "initdb", ["-D", join(folder, "data"), ...made]);
  return startIn(folder, options);
}

/** Makes a server that follows another one. */
export function startStandby(primary: PostgresServer): Promise<PostgresServer> {
  const folder = ownFolder();
  const from = ["-h", "127.0.0.1", "-p", `${primary.port}`, "-U", "postgres"];
  runIn(folder, "pg_basebackup", [
    "-D",
    join(folder, "data"),
    ...from,
    "-R",
    "--checkpoint=fast",
    "--no-sync",
  ]);
  return startIn(folder, {});
}

async function startIn(
  folder: string,
  { settings = [], largestFile }: ServerOptions,
): Promise<PostgresServer> {
  const port = await freePort();
  const own = [...FAST, "unix_socket_directories=", "listen_addresses=127.0.0.1", `port=${port}`];
  const args = ["-D", join(folder, "data"), ...[...own, ...settings].flatMap((setting) => ["-c", setting])];
  const limit = largestFile === undefined ? "" : `ulimit -f ${largestFile} && `;
  const start = () => started("sh", ["-c", `${limit}exec "$0" "$@"`, program("postgres"), ...args], folder);
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const admin = new pg.Pool({ connectionString: url, max: 3 });
  admin.on("error", () => {});
  const answers = () => admin.query("SELECT 1").then(Boolean, () => false);
  let child = start();
  // After a kill it waits for the processes of before to be gone.
  const starts = async () => {
    if (child.exitCode !== null) child = start();
    return answers();
  };
  await until(starts, "postgres does not answer");
  let frozen: readonly number[] = [];
  const thaw = () => {
    for (const pid of frozen) signal(pid, "SIGCONT");
    frozen = [];
  };
  const kill = async () => {
    thaw();
    const exited = once(child, "exit");
    if (child.exitCode === null && child.signalCode === null && child.kill("SIGKILL")) await exited;
  };
  return {
    port,
    url,
    admin,
    kill,
    async freeze() {
      const { rows } = await admin.query<{ pid: number }>("SELECT pid FROM pg_stat_activity");
      frozen = [child.pid ?? 0, ...rows.map(({ pid }) => pid)].filter(Boolean);
      for (const pid of frozen) signal(pid, "SIGSTOP");
    },
    thaw,
    async restart() {
      child = start();
      await until(starts, "postgres does not answer again");
    },
    async stop() {
      const ended = admin.end().catch(() => {});
      await kill();
      await ended;
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}

function started(command: string, args: readonly string[], folder: string): ChildProcess {
  const options: SpawnOptions = { ...owner, cwd: folder, stdio: "ignore" };
  const child = spawn(command, args, options);
  child.once("error", (error) => {
    throw new Error(`${command} cannot be started (${HELP}): ${error.message}`);
  });
  return child;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It is gone.
  }
}

export interface Bouncer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts PgBouncer before a server: each transaction may get another of its connections. */
export async function startPgBouncer({ port: behind }: PostgresServer, connections = 5): Promise<Bouncer> {
  const folder = ownFolder();
  const port = await freePort();
  const settings = [
    "[databases]",
    `postgres = host=127.0.0.1 port=${behind} dbname=postgres`,
    "[pgbouncer]",
    "listen_addr = 127.0.0.1",
    `listen_port = ${port}`,
    "unix_socket_dir =",
    "auth_type = trust",
    `auth_file = ${folder}/users.txt`,
    "pool_mode = transaction",
    `default_pool_size = ${connections}`,
    "max_client_conn = 200",
  ];
  writeFileSync(join(folder, "users.txt"), '"postgres" ""\n');
  writeFileSync(join(folder, "pgbouncer.ini"), `${settings.join("\n")}\n`);
  const name = pgbouncer();
  if (name === undefined) throw new Error(`pgbouncer cannot be found (${HELP})`);
  const child = started(name, ["-q", join(folder, "pgbouncer.ini")], folder);
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const asks = async () => {
    const client = new pg.Client(url);
    client.on("error", () => {});
    try {
      await client.connect();
      return true;
    } catch {
      return false;
    } finally {
      await client.end().catch(() => {});
    }
  };
  await until(asks, "pgbouncer does not answer");
  return {
    url,
    async stop() {
      const exited = once(child, "exit");
      if (child.exitCode === null && child.kill("SIGKILL")) await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface SwitchedAddress {
  readonly url: string;
  /** Leads new connections there, and breaks the old ones, as a name that follows the primary does. */
  lead(server: PostgresServer): void;
  /** Nothing passes on the connections that are open, and nobody is told: as after a cable was pulled. */
  swallow(): void;
  stop(): Promise<void>;
}

/** An address that can lead to one server and then to another. */
export async function switchedAddress(first: PostgresServer): Promise<SwitchedAddress> {
  let { port: target } = first;
  const sockets: Socket[] = [];
  const proxy = createServer((socket) => {
    const server = connect(target, "127.0.0.1");
    sockets.push(socket, server);
    for (const each of [socket, server])
      each.on("error", () => {}).on("close", () => [socket, server].map((one) => one.destroy()));
    socket.pipe(server).pipe(socket);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const address = proxy.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const destroy = () => {
    for (const socket of sockets.splice(0)) socket.destroy();
  };
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    lead(server) {
      target = server.port;
      destroy();
    },
    swallow() {
      for (const socket of sockets) socket.unpipe().pause();
    },
    async stop() {
      destroy();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
