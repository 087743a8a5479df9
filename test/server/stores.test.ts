import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { sqliteStore } from "../../src/server/stores/sqlite/store.js";
import { TestBrowser } from "./support/test-browser.js";
import { createTestClock } from "./support/test-clock.js";
import { createTestVerifier, MINUTE } from "./support/test-verifier.js";

const folders: string[] = [];
const newFile = () => {
  const folder = mkdtempSync(join(tmpdir(), "curfew-"));
  folders.push(folder);
  return join(folder, "sessions.db");
};
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

test("a session in SQLite survives a restart, and so does its end", async () => {
  const file = newFile();
  const clock = createTestClock();
  const start = () => createTestVerifier({ store: sqliteStore(file, { clock }) }).sessions;
  const first = start();
  const browser = await TestBrowser.signedIn(first);
  await first.close();

  const second = start();
  const again = Object.assign(new TestBrowser(second, browser.key), { cookie: browser.cookie });
  await again.ask();
  expect((await again.beat(clock.now())).status).toBe(200);
  await second.end(again.live.sid);
  await second.close();

  const third = start();
  const last = Object.assign(new TestBrowser(third, browser.key), { cookie: browser.cookie });
  expect((await last.ask()).body.reason).toBe("revoked");
  await third.close();
});

test("a clock that was set back during a restart gives a session in SQLite no more time", async () => {
  const file = newFile();
  const clock = createTestClock();
  const first = createTestVerifier({ store: sqliteStore(file, { clock }) }).sessions;
  const browser = await TestBrowser.signedIn(first);
  clock.advance(14 * MINUTE);
  await browser.post("/curfew/heartbeat", { heartbeat: await browser.heartbeat(0) });
  await first.close();
  clock.step(-60 * MINUTE);
  const second = createTestVerifier({ store: sqliteStore(file, { clock }) }).sessions;
  clock.advance(MINUTE);
  const again = Object.assign(new TestBrowser(second, browser.key), { cookie: browser.cookie });
  expect((await again.ask()).body).toMatchObject({ reason: "idle" });
  await second.close();
});

test("the SQLite file holds neither the cookie's secret nor a private key", async () => {
  const file = newFile();
  const { sessions } = createTestVerifier({ store: sqliteStore(file) });
  const browser = await TestBrowser.signedIn(sessions);
  await browser.beat(Date.now());
  const secret = browser.cookie?.split("=")[1] ?? "";
  const written = [file, `${file}-wal`].map((name) => readFileSync(name, "latin1")).join("");
  await sessions.close();
  const kept = written + readFileSync(file, "latin1");
  expect(secret).toHaveLength(43);
  expect(kept).toContain(browser.live.sid);
  expect(kept).toContain(browser.key.jwk.x);
  expect(kept).not.toContain(secret);
  expect(kept).not.toMatch(/"d":|PRIVATE KEY/);
});

test("a locked SQLite file gets 503 within 250 ms and works again when it is free", async () => {
  const { openDatabase } = await import("../../src/server/stores/sqlite/driver.js");
  const file = newFile();
  const { sessions } = createTestVerifier({ store: sqliteStore(file) });
  const browser = await TestBrowser.signedIn(sessions);
  const { database } = openDatabase(file);
  database.exec("BEGIN EXCLUSIVE");
  expect((await browser.beat(Date.now())).status).toBe(503);
  database.exec("ROLLBACK");
  database.close();
  expect((await browser.beat(Date.now())).status).toBe(200);
  await sessions.close();
});

test("a file that cannot be opened is refused at start with what to do", () => {
  expect(() => sqliteStore("/nowhere/at/all.db")).toThrow(
    /cannot open "\/nowhere\/at\/all\.db".*folder that exists/,
  );
});
