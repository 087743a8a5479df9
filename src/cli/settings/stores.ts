/** The stores that a configuration can name: what each is written as, and how it is opened. */
import * as v from "valibot";
import { memoryStore } from "../../server/stores/memory.js";
import type { PostgresOptions } from "../../server/stores/postgres/options.js";
import { postgresStore } from "../../server/stores/postgres/store.js";
import { redisStore } from "../../server/stores/redis/store.js";
import { sqliteStore } from "../../server/stores/sqlite/store.js";
import type { SessionStore } from "../../server/stores/store.js";

interface NamedStore {
  readonly written: RegExp;
  /** @throws ConfigurationError where it cannot be opened */
  open(address: string, postgres: PostgresOptions): SessionStore;
}

const STORES: readonly NamedStore[] = [
  { written: /^memory:$/, open: () => memoryStore() },
  { written: /^sqlite:./, open: (address) => sqliteStore(address.slice("sqlite:".length)) },
  { written: /^rediss?:\/\/./, open: (address) => redisStore(address) },
  { written: /^postgres(?:ql)?:\/\/./, open: postgresStore },
];

const storeAt = (address: string) => STORES.find(({ written }) => written.test(address));

export const storeAddress = v.pipe(
  v.string("must be a text"),
  v.check(
    (address) => storeAt(address) !== undefined,
    'must be "memory:", "sqlite:PATH" or an address that begins with redis://, rediss:// or postgres://',
  ),
);

/** Whether the options of the PostgreSQL store are its own. */
export function isPostgres(address: string | undefined): boolean {
  return address !== undefined && storeAt(address)?.open === postgresStore;
}

/**
 * @param postgres for a store in PostgreSQL
 * @throws ConfigurationError where it cannot be opened
 */
export function openNamedStore(address: string, postgres: PostgresOptions): SessionStore {
  const store = storeAt(address);
  if (store === undefined) throw new Error("the settings name a store that there is");
  return store.open(address, postgres);
}
