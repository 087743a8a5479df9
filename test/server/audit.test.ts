import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { AuditRecord } from "../../src/server/audit/audit-record.js";
import { jsonLinesAudit } from "../../src/server/audit/json-lines.js";
import { sweep } from "../../src/server/lifecycle/sweeper.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import { openedNode } from "./support/opened-node.js";
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
  expect(lines.slice(1).map((line) => JSON.parse(line))).toEqual(audit);
  expect(lines.map((line) => JSON.parse(line).type)).toEqual([
    "policy_in_force",
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
  expect(records).toHaveLength(3);
  expect(errors[0]).toBe("curfew: an audit sink failed: the disk is full");
});

test("an end that nobody asks about is written by the sweeper, with the deadline as its time", async () => {
  const { clock } = createTestVerifier();
  const { context, trail } = await openedNode({ store: memoryStore({ clock }) });
  const { beginStart, startSession } = await import("../../src/server/subject/sign-in.js");
  const signIn = { subject: "ann" };
  const { now } = await startSession(context, signIn, await beginStart(context, signIn));
  clock.advance(20 * MINUTE);
  await sweep(context);
  await sweep(context);
  const deadline = new Date(now + 15 * MINUTE).toISOString();
  expect(trail.map(({ type, reason, endedAt }) => [type, reason, endedAt])).toEqual([
    ["policy_in_force", undefined, undefined],
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

describe("a trail by itself", () => {
  const hashOf = (...parts: readonly (string | Uint8Array)[]) => {
    const hash = createHash("sha256");
    for (const part of parts) hash.update(part);
    return hash.digest("base64url");
  };

  test("has the policy of each process, whose hash is the fingerprint that every record names", async () => {
    const trail: AuditRecord[] = [];
    const { sessions } = createTestVerifier({ onEvent: (record) => trail.push(record) });
    await TestBrowser.signedIn(sessions);
    const [first] = trail;
    expect(first).toMatchObject({ type: "policy_in_force", app: "curfew" });
    expect(JSON.parse(first?.document ?? "")).toMatchObject({ idleTimeout: 15 * MINUTE, mediaPeriod: 0 });
    expect(new Set(trail.map(({ policy }) => policy))).toEqual(new Set([hashOf(first?.document ?? "")]));
  });

  test("has what begins each chain of nonces: its hash, the binding, and the random bytes of what followed", async () => {
    const { sessions, clock, audit } = createTestVerifier();
    const browser = await TestBrowser.signedIn(sessions, { bind: false });
    const first = browser.live.nonce;
    const binding = await browser.binding();
    await browser.post("/curfew/key", { binding });
    const [created, bound] = audit;
    expect(created?.nonce).toBe(hashOf(first));
    expect(bound?.binding).toBe(binding);
    expect(browser.live.nonce).toBe(hashOf(binding, Buffer.from(bound?.random ?? "", "base64url")));
    clock.advance(MINUTE);
    await browser.reauthenticate("ann");
    expect(audit.at(-1)).toMatchObject({
      type: "session_reauthenticated",
      nonce: hashOf(browser.live.nonce),
      authenticatedAt: new Date(clock.now()).toISOString(),
    });
  });

  test("has what a session lives by where it begins and where it ends", async () => {
    const { sessions, clock, audit } = createTestVerifier();
    const now = clock.now();
    const browser = await TestBrowser.signedIn(sessions);
    const times = {
      authenticatedAt: new Date(now).toISOString(),
      lastActiveAt: new Date(now).toISOString(),
      idleTimeout: 15 * MINUTE,
      absoluteTimeout: 720 * MINUTE,
    };
    expect(audit[0]).toMatchObject({ ...times, startedAt: times.authenticatedAt });
    clock.advance(15 * MINUTE);
    await browser.ask();
    expect(audit.at(-1)).toMatchObject({ ...times, type: "session_expired" });
  });

  test("numbers the changes of a session without a gap, whatever else is told of it", async () => {
    const { sessions, clock, audit } = createTestVerifier();
    const browser = await TestBrowser.signedIn(sessions);
    clock.advance(MINUTE);
    await browser.beat(clock.now());
    await browser.post("/curfew/heartbeat", {
      heartbeat: await browser.heartbeat(0, { payload: { nonce: "x" } }),
    });
    await sessions.update(browser.request("/"), { roles: ["nurse"] });
    await browser.reauthenticate("ann");
    await sessions.end(browser.live.sid);
    expect(audit.map(({ type, change }) => [type, change])).toEqual([
      ["session_created", 1],
      ["key_bound", 2],
      ["session_renewed", 3],
      ["heartbeat_refused", undefined],
      ["session_updated", 4],
      ["session_reauthenticated", 5],
      ["session_revoked", 6],
    ]);
  });
});
