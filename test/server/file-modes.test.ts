import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { jsonLinesAudit } from "../../src/server/audit/json-lines.js";
import { sqliteStore } from "../../src/server/stores/sqlite/store.js";
import { TestBrowser } from "./support/test-browser.js";
import { createTestVerifier } from "./support/test-verifier.js";

const umask = process.umask();
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "curfew- '"));
});
afterEach(() => {
  process.umask(umask);
  rmSync(folder, { recursive: true });
});

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);
const filesIn = () =>
  ["sessions.db", "sessions.db-wal", "sessions.db-shm", "audit.jsonl"].map((n) => join(folder, n));

/** A verifier with both files, used once, and what it warns of. */
async function inUse() {
  const warnings: string[] = [];
  const logger = { info: () => {}, error: () => {}, warn: (line: string) => warnings.push(line) };
  const [database = "", , , audit = ""] = filesIn();
  const store = sqliteStore(database);
  const { sessions } = createTestVerifier({ store, audit: jsonLinesAudit(audit), logger });
  await TestBrowser.signedIn(sessions);
  return { sessions, warnings };
}

describe.each(["022", "000", "077"])("under the umask %s", (mask) => {
  beforeEach(() => {
    process.umask(Number.parseInt(mask, 8));
  });

  test("the SQLite file, the files beside it and the audit file are their owner's alone", async () => {
    const { sessions, warnings } = await inUse();
    expect(filesIn().map(modeOf)).toEqual(["600", "600", "600", "600"]);
    expect(warnings).toEqual([]);
    await sessions.close();
    // SQLite takes the files beside it away and makes them anew.
    const again = await inUse();
    expect(filesIn().map(modeOf)).toEqual(["600", "600", "600", "600"]);
    await again.sessions.close();
  });
});

test("files that others can read are told of once, with the command that mends it", async () => {
  process.umask(0o022);
  for (const path of filesIn().filter((name) => !/-(?:wal|shm)$/.test(name))) {
    writeFileSync(path, "");
    chmodSync(path, 0o644);
  }
  const { sessions, warnings } = await inUse();
  expect(warnings).toHaveLength(2);
  const commands = warnings.map((line) => /run: (chmod .*)$/.exec(line)?.[1] ?? "");
  for (const command of commands) execFileSync("sh", ["-c", command]);
  expect(
    filesIn()
      .filter((path) => existsSync(path))
      .map(modeOf),
  ).toEqual(["600", "600", "600", "600"]);
  await sessions.close();

  const mended = await inUse();
  expect(mended.warnings).toEqual([]);
  await mended.sessions.close();
});

test("a file that others can write is told of too", async () => {
  const { sessions } = await inUse();
  await sessions.close();
  for (const path of filesIn().filter((name) => existsSync(name))) chmodSync(path, 0o620);
  const again = await inUse();
  expect(again.warnings.join("\n")).toMatch(/SQLite file is open .*\n.*audit file is open/);
  await again.sessions.close();
});

test("a store in memory makes no file", async () => {
  const { sessions } = createTestVerifier({ store: sqliteStore(":memory:") });
  await sessions.ready();
  expect(existsSync(":memory:")).toBe(false);
  await sessions.close();
});
