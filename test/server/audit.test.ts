import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { jsonLinesAudit } from "../../src/server/audit/json-lines.js";
import { sessionCookies } from "../../src/server/http/cookies.js";
import { originRules } from "../../src/server/http/origins.js";
import { sweep } from "../../src/server/lifecycle/sweeper.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import { openHttp } from "../../src/server/verifier/compose.js";
import { readOptions } from "../../src/server/verifier/read-options.js";
import { TestBrowser } from "./support/test-browser.js";
import { createTestVerifier, MINUTE, SILENT } from "./support/test-verifier.js";

test("each event is a line of JSON in a file that only its owner reads", async () => {
  const folder = mkdtempSync(join(tmpdir(), "curfew-"));
  const path = join(folder, "audit.jsonl");
  const { sessions, audit, clock } = createTestVerifier({ audit: jsonLinesAudit(path) });
  const browser = await TestBrowser.signedIn(sessions, { subject: 'ann\n{"type":"forged"}' });
  await browser.beat(clock.now());
  await browser.post("/curfew/end", { sid: browser.live.sid });
  await sessions.close();
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toEqual(audit);
  expect(lines.map((line) => JSON.parse(line).type)).toEqual([
    "session_created",
    "key_bound",
    "session_renewed",
    "session_logout",
  ]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  rmSync(folder, { recursive: true });
});

test("a sink that fails is logged and stops neither the request nor the other sinks", async () => {
  const errors: string[] = [];
  const records: unknown[] = [];
  const broken = { write: () => Promise.reject(new Error("the disk is full")) };
  const { sessions } = createTestVerifier({
    audit: [broken, { write: (record) => void records.push(record) }],
    logger: { ...SILENT, error: (line) => errors.push(line) },
  });
  await TestBrowser.signedIn(sessions);
  expect(records).toHaveLength(2);
  expect(errors[0]).toBe("curfew: an audit sink failed: the disk is full");
});

test("an end that nobody asks about is written by the sweeper, with the deadline as its time", async () => {
  const { clock } = createTestVerifier();
  const types: unknown[] = [];
  const options = {
    policy: { idle: "15m", absolute: "12h" },
    signInUrl: "/login",
    store: memoryStore({ clock }),
    logger: SILENT,
    onEvent: ({ type, reason, endedAt }: { type: string; reason?: string; endedAt?: string }) =>
      types.push([type, reason, endedAt]),
  };
  const { context } = await openHttp(
    readOptions(options, "test"),
    sessionCookies("curfew", "host"),
    originRules([]),
  );
  const { beginStart, startSession } = await import("../../src/server/subject/sign-in.js");
  const signIn = { subject: "ann" };
  const { now } = await startSession(context, signIn, await beginStart(context, signIn));
  clock.advance(20 * MINUTE);
  await sweep(context);
  await sweep(context);
  const deadline = new Date(now + 15 * MINUTE).toISOString();
  expect(types).toEqual([
    ["session_created", undefined, undefined],
    ["session_expired", "idle", deadline],
  ]);
});

test("the use of an ended session is audited at once, and a poller's burst once a minute with its count", async () => {
  const { clock, sessions, audit } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions);
  clock.advance(15 * MINUTE);
  for (let poll = 0; poll < 31; poll++) {
    await sessions.check(browser.request("/api/notes"));
    clock.advance(2_000);
  }
  const uses = audit.filter(({ type }) => type === "session_use_after_expire");
  expect(uses.map(({ count, reason }) => [count, reason])).toEqual([
    [1, "idle"],
    [30, "idle"],
  ]);
});
