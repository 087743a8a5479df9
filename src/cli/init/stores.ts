/** The stores that `curfew init` offers, as code and as a configuration names them. */
import { guideBlock } from "./guide.js";

export const STORE_NAMES = ["sqlite", "postgres", "redis", "memory"] as const;
export type StoreName = (typeof STORE_NAMES)[number];

interface OfferedStore {
  readonly title: string;
  /** In the sidecar's configuration. */
  readonly address: string;
  /** What is installed beside Curfew. */
  readonly packages: readonly string[];
}

export const OFFERED_STORES: Readonly<Record<StoreName, OfferedStore>> = {
  sqlite: { title: "SQLite: one machine", address: "sqlite:curfew.db", packages: [] },
  postgres: {
    title: "PostgreSQL: many machines, the database that the app has",
    address: "postgres://127.0.0.1/app",
    packages: ["pg"],
  },
  redis: { title: "Redis: many machines", address: "redis://127.0.0.1:6379", packages: ["ioredis"] },
  memory: { title: "memory: gone with the process, for trying out", address: "memory:", packages: [] },
};

const IMPORT = /^import \{ (?:sqliteStore|memoryStore)(, [^}]+)? \} from "curfew\/server(?:\/sqlite)?";\n/m;
/** The memory store comes of the module that has the verifier. */
const IMPORTED_TWICE =
  /^import \{ ([^}]+) \} from "curfew\/server";\nimport \{ ([^}]+) \} from "curfew\/server";$/m;
const CALL = /(?:sqliteStore\("curfew\.db"\)|memoryStore\(\)),(?: \/\/.*)?$/m;

/** The text with another store in the place of the one that its source has. */
export function withStore(text: string, store: StoreName): string {
  if (!CALL.test(text))
    return text.replace('"sqlite:curfew.db"', JSON.stringify(OFFERED_STORES[store].address));
  const [line = "", call = ""] = storeLines(store);
  return text
    .replace(IMPORT, (_whole, others = "") => `${othersOf(others)}${line}\n`)
    .replace(IMPORTED_TWICE, 'import { $1, $2 } from "curfew/server";')
    .replace(CALL, () => `${call.replace(/;$/, "")},`);
}

/** The example of Nuxt takes a type from the same module. */
const othersOf = (others: string): string =>
  others === "" ? "" : `import { ${others.slice(2)} } from "curfew/server";\n`;

function storeLines(store: StoreName): readonly string[] {
  if (store === "sqlite")
    return ['import { sqliteStore } from "curfew/server/sqlite";', 'sqliteStore("curfew.db");'];
  return guideBlock(`store ${store}`).trimEnd().split("\n");
}
