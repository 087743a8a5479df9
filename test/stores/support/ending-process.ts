/** A process that ends the sessions of a person, and says each end on a line, until it has done so or is killed. */
import { createSessionVerifier } from "../../../src/server/adapters/node.js";
import { createTestClock } from "../../server/support/test-clock.js";
import { SILENT } from "../../server/support/test-verifier.js";
import { reachedStore } from "./reached-store.js";

const sessions = createSessionVerifier({
  policy: { idle: "15m", absolute: "12h", warning: "2m" },
  store: reachedStore(process.argv.slice(2), createTestClock()),
  signInUrl: "/login",
  logger: SILENT,
  onEvent: ({ sid }) => void process.stdout.write(`${sid}\n`),
});
await sessions.ready();
await sessions.endAll("ann");
process.stdout.write("done\n");
await sessions.close();
