/** A process that starts sessions, sends heartbeats and ends sessions on a SQLite file until it is killed; acknowledges each on a line. */

import { createSessionVerifier } from "../../../src/server/adapters/node.js";
import { sqliteStore } from "../../../src/server/stores/sqlite/store.js";
import { TestBrowser } from "./test-browser.js";
import { SILENT } from "./test-verifier.js";

const [file = ""] = process.argv.slice(2);
const sessions = createSessionVerifier({
  policy: { idle: "15m", absolute: "12h" },
  store: sqliteStore(file),
  signInUrl: "/login",
  logger: SILENT,
});

for (;;) {
  const browser = await TestBrowser.signedIn(sessions);
  const beat = await browser.beat(Date.now());
  process.stdout.write(
    `${JSON.stringify({ sid: browser.live.sid, nonce: beat.body.nonce, cookie: browser.cookie })}\n`,
  );
  const other = await TestBrowser.signedIn(sessions);
  await sessions.end(other.live.sid);
  process.stdout.write(`${JSON.stringify({ sid: other.live.sid, ended: true, cookie: other.cookie })}\n`);
}
