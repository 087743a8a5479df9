import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
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

test.each([
  ["file:", "sessions.db", "sessions.db"],
  ["file://", "sessions.db", "sessions.db"],
  ["file://localhost", "sessions.db?cache=private", "sessions.db"],
  ["file:", "sessi%6fns%20%C3%BC.db#part", "sessions ü.db"],
])(
  "a file that SQLite is told of by a URI (%s…/%s) is its owner's alone, and told of where it is not",
  async (scheme, name, file) => {
    process.umask(0o022);
    const made = join(folder, file);
    const uri = `${scheme}${folder.replace(" ", "%20")}/${name}`;
    await sqliteStore(uri).close();
    expect(modeOf(made)).toBe("600");
    chmodSync(made, 0o644);
    const warnings: string[] = [];
    const logger = { info: () => {}, error: () => {}, warn: (line: string) => warnings.push(line) };
    const { sessions } = createTestVerifier({ store: sqliteStore(uri), logger });
    await sessions.ready();
    expect(warnings).toEqual([expect.stringMatching(/open to other users.*; run: chmod go= /)]);
    await sessions.close();
  },
);

test("behind a link the files beside the one that it leads to are named", async () => {
  process.umask(0o022);
  const [real, link] = [join(folder, "real.db"), join(folder, "link.db")];
  writeFileSync(real, "");
  chmodSync(real, 0o644);
  symlinkSync(real, link);
  const warnings: string[] = [];
  const logger = { info: () => {}, error: () => {}, warn: (line: string) => warnings.push(line) };
  const { sessions } = createTestVerifier({ store: sqliteStore(link), logger });
  await TestBrowser.signedIn(sessions);
  for (const line of warnings) execFileSync("sh", ["-c", /run: (chmod .*)$/.exec(line)?.[1] ?? ""]);
  expect([real, `${real}-wal`, `${real}-shm`].map(modeOf)).toEqual(["600", "600", "600"]);
  await sessions.close();
});

test("a store in memory makes no file", async () => {
  for (const path of [":memory:", "file::memory:", "file:x.db?mode=memory"]) {
    const { sessions } = createTestVerifier({ store: sqliteStore(path) });
    await sessions.ready();
    expect([":memory:", "x.db"].filter((name) => existsSync(name))).toEqual([]);
    await sessions.close();
  }
});
