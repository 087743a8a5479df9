import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { sqliteStore } from "../../src/server/stores/sqlite/store.js";
import { createTestKey, TestBrowser } from "../server/support/test-browser.js";
import { paced, startStopwatch } from "../timing.js";
import { expectRecovery, watchedVerifier } from "./support/watched-verifier.js";

const PATIENCE = paced(60_000);
/** Generous for a loaded machine; the time that was measured is printed. */
const LATEST = 1_000;
const script = fileURLToPath(new URL("./support/sqlite-process.ts", import.meta.url));

let folder = "";
let child: ChildProcess | null = null;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "curfew-"));
});
afterEach(() => {
  child?.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

function startedProcess(command: string, args: readonly string[]) {
  const opened = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  child = opened;
  return { tell: () => opened.stdin.write("go on\n"), lines: createInterface(opened.stdout) };
}

test("a file that another process has locked: 503 and a line in the log, and the same session afterwards", {
  timeout: PATIENCE,
}, async () => {
  const file = join(folder, "sessions.db");
  const verifier = watchedVerifier(sqliteStore(file));
  const browser = await TestBrowser.signedIn(verifier.sessions);
  const { tell, lines } = startedProcess(process.execPath, ["--import", "tsx", script, "lock", file]);
  const said = lines[Symbol.asyncIterator]();
  expect(JSON.parse((await said.next()).value)).toEqual({ locked: true });
  const stopwatch = startStopwatch();
  const { status, body } = await browser.beat(browser.live.now);
  const took = stopwatch.since();
  stopwatch.stop();
  console.info(`503 while the file is locked: after ${took.toFixed(0)} ms`);
  expect({ status, type: body.type }).toEqual({ status: 503, type: "urn:curfew:unavailable" });
  expect(took).toBeLessThan(LATEST);
  await expect(verifier.sessions.end(browser.live.sid)).rejects.toMatchObject({ status: 503 });
  expect(verifier.log.join("\n")).toMatch(/curfew: the SQLite store cannot be used: .*database is locked/);
  tell();
  expect(JSON.parse((await said.next()).value)).toEqual({ locked: false });
  await expectRecovery(verifier, browser);
  await verifier.sessions.close();
});

interface Said {
  readonly sid?: string;
  readonly cookie?: string;
  readonly ended?: boolean;
  readonly log?: readonly string[];
}

test("a file that can grow no more: 503, a line in the log, and nothing acknowledged is lost", {
  timeout: PATIENCE,
}, async () => {
  const file = join(folder, "sessions.db");
  // The shell's limit on the size of files, in blocks of 512 or 1,024 bytes.
  const command = `ulimit -f 3000 && exec "$0" --import tsx "$1" fill "$2"`;
  const { lines } = startedProcess("sh", ["-c", command, process.execPath, script, file]);
  const said: Said[] = [];
  for await (const line of lines) said.push(JSON.parse(line) as Said);
  const { log = [], ...full } = said.pop() ?? {};
  expect(full).toEqual({ status: 503, type: "urn:curfew:unavailable", isEnded: false });
  expect(log.join("\n")).toMatch(/curfew: the SQLite store cannot be used: .*(?:disk|full)/);

  const { sessions } = watchedVerifier(sqliteStore(file));
  const key = await createTestKey();
  const [first, ...others] = said;
  expect(others.length).toBeGreaterThan(10);
  const status = async ({ cookie = "" }: Said) =>
    (await Object.assign(new TestBrowser(sessions, key), { cookie }).ask()).body;
  expect(await status(first ?? {})).toMatchObject({ status: "active", sid: first?.sid });
  for (const other of others.filter(({ ended }) => ended))
    expect(await status(other)).toMatchObject({ reason: "revoked" });
  await sessions.close();
});
