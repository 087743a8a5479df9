/** The sidecar on a PostgreSQL: by its configuration alone, over a restart, and beside `curfew end-all`. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type PostgresServer, startPostgres } from "../stores/support/postgres-server.js";
import { type Folder, temporaryFolder } from "./support/program.js";
import { BASIC, cookieFrom, runCurfew, startSidecar, TOKEN, writeConfig } from "./support/sidecar.js";

let folder: Folder;
let server: PostgresServer;
beforeAll(async () => {
  folder = temporaryFolder();
  server = await startPostgres();
}, 60_000);
afterAll(async () => {
  await server.stop();
  folder.remove();
});

test("a session in PostgreSQL outlives the sidecar that began it, and end-all ends it", {
  timeout: 60_000,
}, async () => {
  const config = { ...BASIC, store: server.url, postgres: { schema: "app", prefix: "own" } };
  const first = await startSidecar(folder, config);
  const cookie = cookieFrom(await first.call("POST", "/sessions", { subject: "ann" }));
  expect((await first.check(cookie)).status).toBe(204);
  await first.program.stop("SIGKILL");

  const second = await startSidecar(folder, config);
  expect((await second.check(cookie)).status).toBe(204);
  const { rows } = await server.admin.query(
    "SELECT is_live FROM app.own_sessions WHERE app = 'curfew' AND is_live",
  );
  expect(rows).toHaveLength(1);
  const file = writeConfig(folder, { ...config, serviceToken: TOKEN }, "end-all.json");
  const endAll = runCurfew(["end-all", "--yes", "--config", file]);
  expect(await endAll.ended).toBe(0);
  expect(endAll.lines.join("\n")).toContain('Ended 1 session of the app "curfew".');
  expect((await second.check(cookie)).body.reason).toBe("revoked");
  expect(await second.program.stop()).toBe(0);
});
