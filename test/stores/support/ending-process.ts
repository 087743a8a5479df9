/** A process that ends the sessions of a person, and says each end on a line, until it has done so or is killed. */
import { createSessionVerifier } from "../../../src/server/adapters/node.js";
import { postgresStore } from "../../../src/server/stores/postgres/store.js";
import { redisStore } from "../../../src/server/stores/redis/store.js";
import { sqliteStore } from "../../../src/server/stores/sqlite/store.js";
import type { SessionStore } from "../../../src/server/stores/store.js";
import { createTestClock } from "../../server/support/test-clock.js";
import { SILENT } from "../../server/support/test-verifier.js";

const [kind = "", where = "", prefix = ""] = process.argv.slice(2);
const clock = createTestClock();
const STORES: Readonly<Record<string, () => SessionStore>> = {
  postgres: () => postgresStore(where, { clock, prefix }),
  redis: () => redisStore(where, { clock, prefix }),
};
const sessions = createSessionVerifier({
  policy: { idle: "15m", absolute: "12h", warning: "2m" },
  store: STORES[kind]?.() ?? sqliteStore(where, { clock }),
  signInUrl: "/login",
  logger: SILENT,
  onEvent: ({ sid }) => void process.stdout.write(`${sid}\n`),
});
await sessions.ready();
await sessions.endAll("ann");
process.stdout.write("done\n");
await sessions.close();
