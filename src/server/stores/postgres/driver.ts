/** The seam to PostgreSQL: an address, for which the optional peer `pg` is needed, or a `Pool` of the app's own. */
import { ConfigurationError, messageOf, StoreUnavailableError } from "../../platform/errors.js";
import { requireOptional } from "../../platform/optional.js";
import { STATEMENT_TIMEOUT } from "./statements.js";

interface PostgresQuery {
  readonly text: string;
  readonly values?: unknown[];
  readonly rowMode: "array";
  readonly types: { getTypeParser(): (text: string) => string };
}

/** What Curfew uses of a client of a pool. */
export interface PostgresClient {
  query(query: PostgresQuery): Promise<unknown>;
  on(event: "error", listener: (error: Error) => void): unknown;
  removeListener(event: "error", listener: (error: Error) => void): unknown;
  /** @param destroy whether the connection is not to be used again */
  release(destroy?: boolean): void;
}

/** What Curfew uses of a `Pool` of pg. */
export interface PostgresPool {
  readonly options: object;
  connect(): Promise<PostgresClient>;
}

export type PostgresTarget = string | PostgresPool;

/** The columns of a row as PostgreSQL writes them. */
export type PostgresRow = readonly (string | null)[];

export interface PostgresConnection {
  /** The rows of the last statement of a text; only one without values may have several. */
  rows(text: string, values?: readonly unknown[]): Promise<readonly PostgresRow[]>;
  /** @param isGood whether it can be used again */
  release(isGood: boolean): void;
}

interface Listening {
  readonly channel: string;
  readonly onMessage: (payload: string) => void;
  readonly onLost: () => void;
}

export interface PostgresDriver {
  connect(): Promise<PostgresConnection>;
  /** Listens on a connection of its own; resolves with what ends it. */
  listen(listening: Listening): Promise<() => void>;
  close(): Promise<void>;
}

interface PostgresDriverOptions {
  readonly connections: number;
  /** The address that can be listened on; undefined: as the others. */
  readonly news: string | undefined;
}

/** What Curfew uses of a client without a pool. */
interface ListeningClient {
  connect(): Promise<unknown>;
  query(text: string): Promise<unknown>;
  on(event: string, listener: (message: { readonly payload?: string | undefined }) => void): unknown;
  end(): Promise<void>;
}
type ClientConstructor = new (options: object) => ListeningClient;
interface OwnPool extends PostgresPool {
  on(event: "error", listener: () => void): unknown;
  end(): Promise<void>;
}
interface Pg {
  readonly Client: ClientConstructor;
  readonly Pool: new (options: object) => OwnPool;
  /** Since pg 8. */
  readonly DatabaseError?: unknown;
}

/** How long a connection may take to be there. */
const CONNECTION = { keepAlive: true, connectionTimeoutMillis: 2_000, application_name: "curfew" };
/**
 * The server gives up where Curfew has long given up, so that nothing piles up there. PgBouncer refuses what it does not
 * know at the beginning of a connection; then they are left out, and its own `query_timeout` holds.
 */
const LIMITS = { statement_timeout: STATEMENT_TIMEOUT, idle_in_transaction_session_timeout: 10_000 };
/** Whatever the app has told pg of types. */
const PLAIN = { rowMode: "array", types: { getTypeParser: () => (text: string) => text } } as const;

/**
 * Makes the driver for a target.
 * @throws ConfigurationError for a target that is neither, and where pg is missing or too old
 */
export function openPostgres(target: PostgresTarget, options: PostgresDriverOptions): PostgresDriver {
  if (typeof target === "string") return ofAddress(checked(target, "postgresStore"), options);
  if (typeof target === "object" && target !== null && "connect" in target && "options" in target)
    return ofPool(target, options);
  throw new ConfigurationError(
    'postgresStore needs the address of a database ("postgres://user@host:5432/name"), or a Pool of the package pg',
  );
}

/** @throws ConfigurationError without the address, which may carry a password */
function checked(address: string, whose: string): string {
  if (/^postgres(?:ql)?:\/\//.test(address) && URL.canParse(address)) return address;
  throw new ConfigurationError(
    `${whose} was given a text that is no address of PostgreSQL; write "postgres://user:password@host:5432/name", with special characters of the password escaped as in a URL`,
  );
}

function loadPg(): Pg {
  const pg = requirePg();
  if (pg.DatabaseError !== undefined) return pg;
  throw new ConfigurationError(
    "postgresStore with an address needs pg 8 or later, and an older one is installed: npm install pg@latest",
  );
}

function requirePg(): Pg {
  try {
    return requireOptional("pg") as Pg;
  } catch {
    throw new ConfigurationError(
      "postgresStore with an address needs the package pg: npm install pg (or give it a Pool of yours)",
    );
  }
}

function ofAddress(connectionString: string, { connections, news }: PostgresDriverOptions): PostgresDriver {
  const { Client, Pool } = loadPg();
  const own = { ...CONNECTION, connectionString, max: connections, idleTimeoutMillis: 60_000 };
  const opened = (options: object) => {
    const pool = new Pool(options);
    // An idle connection that breaks is replaced when it is needed.
    pool.on("error", () => {});
    return pool;
  };
  const listening = news === undefined ? connectionString : checked(news, "postgresStore's options.news");
  const limited = opened({ ...own, ...LIMITS });
  let unlimited: OwnPool | null = null;
  return {
    async connect() {
      if (unlimited !== null) return connectionOf(await unlimited.connect());
      const client = limited.connect().catch((error: unknown) => {
        if (!/unsupported startup parameter/.test(messageOf(error))) throw error;
        unlimited ??= opened(own);
        return unlimited.connect();
      });
      return connectionOf(await client);
    },
    listen: (options) => listenOn(new Client({ ...CONNECTION, connectionString: listening }), options),
    close: async () => void (await Promise.all([limited.end(), unlimited?.end()])),
  };
}

function ofPool(pool: PostgresPool, { news }: PostgresDriverOptions): PostgresDriver {
  const address = news === undefined ? null : checked(news, "postgresStore's options.news");
  const Client: unknown = Reflect.get(pool, "Client");
  return {
    connect: async () => connectionOf(await pool.connect()),
    async listen(options) {
      if (typeof Client !== "function") throw new Error("the pool has no Client of pg");
      const own = address === null ? pool.options : { ...CONNECTION, connectionString: address };
      return listenOn(new (Client as ClientConstructor)(own), options);
    },
    close: async () => {},
  };
}

function connectionOf(client: PostgresClient): PostgresConnection {
  // A connection that breaks says so twice: here, and by what is asked on it.
  const ignore = () => {};
  client.on("error", ignore);
  return {
    async rows(text, values) {
      const asked = values === undefined ? { text } : { text, values: [...values] };
      return rowsOf(await client.query({ ...asked, ...PLAIN }));
    },
    release(isGood) {
      client.removeListener("error", ignore);
      client.release(!isGood);
    },
  };
}

function rowsOf(result: unknown): readonly PostgresRow[] {
  const last: unknown = Array.isArray(result) ? result.at(-1) : result;
  const rows: unknown = typeof last === "object" && last !== null ? Reflect.get(last, "rows") : undefined;
  if (Array.isArray(rows)) return rows as readonly PostgresRow[];
  throw new StoreUnavailableError("PostgreSQL answered with something else than rows");
}

async function listenOn(
  client: ListeningClient,
  { channel, onMessage, onLost }: Listening,
): Promise<() => void> {
  const end = () => void client.end().catch(() => {});
  client.on("error", onLost);
  client.on("end", onLost);
  client.on("notification", ({ payload = "" }) => onMessage(payload));
  try {
    await client.connect();
    await client.query(`LISTEN "${channel}"`);
    return end;
  } catch (error) {
    end();
    throw error;
  }
}
