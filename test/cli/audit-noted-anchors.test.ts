/** A log without an anchor of its own, whose heads stand in another one that a witness or a time-stamp vouches for. */
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startWitness } from "../../src/cli/witness/witness.js";
import { readVerifierKey } from "../../src/evidence/verify.js";
import type { SignedLogOptions } from "../../src/server/audit/log/options.js";
import { signedLog } from "../../src/server/audit/log/signed-log.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import { TestBrowser } from "../server/support/test-browser.js";
import { createTestVerifier, SILENT } from "../server/support/test-verifier.js";
import { timeStampingAuthority } from "../server/support/time-stamping-authority.js";
import { runInProcess } from "./support/command.js";
import { cutLog, linesOf } from "./support/cut-log.js";
import { type Folder, temporaryFolder } from "./support/program.js";

let folder: Folder;
let store: ReturnType<typeof memoryStore>;
const closing: (() => Promise<void>)[] = [];

beforeEach(() => {
  folder = temporaryFolder();
  store = memoryStore();
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  folder.remove();
});

const [A, B] = ["node-a", "node-b"] as const;
const log = (name: string): string => folder.file(name);
const sizeOf = (name: string): number => linesOf(log(name)).length;
const noted = (name: string): readonly Readonly<Record<string, unknown>>[] =>
  linesOf(log(name))
    .map((line) => JSON.parse(line))
    .filter(({ type }) => type === "audit_checkpoint");

/** The life of a node: it starts, notes what the other has left, has a session, and is closed. */
async function live(name: string, options: Partial<SignedLogOptions> = {}): Promise<void> {
  const audit = signedLog({ directory: log(name), origin: `bank.example/${name}`, ...options });
  const { sessions } = createTestVerifier({ store, audit });
  await sessions.ready();
  await TestBrowser.signedIn(sessions);
  await sessions.close();
}

async function witness() {
  const early = signedLog({ directory: log(B), origin: `bank.example/${B}` });
  await early.close?.();
  const address = { type: "tcp", host: "127.0.0.1", port: 0 } as const;
  const logs = [readVerifierKey(early.vkey)];
  const started = await startWitness(
    { directory: folder.file("witness"), name: "witness.example", logs, address },
    SILENT,
  );
  closing.push(() => started.stop());
  return started;
}

const verify = (...more: readonly string[]) =>
  runInProcess(folder.file("."), [
    "audit",
    "verify",
    ...[A, B].map(log),
    ...[A, B].flatMap((name) => ["--vkey", join(log(name), "log.vkey")]),
    ...more,
  ]);

/** A lives and is closed; then B, which a witness vouches for. */
async function witnessedPair() {
  const { at: url, vkey } = await witness();
  await live(A);
  await live(B, { witnesses: [{ url, vkey }] });
  const [{ size, seq } = {}] = noted(B);
  expect(size).toBe(sizeOf(A));
  return { vkey, seq };
}

test("a log whose last head stands in one that a witness has signed is anchored, and the way is told", async () => {
  const { vkey, seq } = await witnessedPair();
  const { code, text } = await verify("--witness", vkey);
  expect(text).toMatch(
    new RegExp(
      `node-a\\)\\nwhole: (\\d+) records\\nsigned: \\1\\nanchored: \\1, by the log bank\\.example/node-b, whose record ${seq} has this head, and which is itself anchored up to ${sizeOf(B)}, witnessed at 20\\S+Z\\nnoted by the other logs: \\1\\n`,
    ),
  );
  expect(code).toBe(0);
  const { logs } = JSON.parse((await verify("--witness", vkey, "--json")).text);
  expect(logs).toMatchObject([
    {
      origin: "bank.example/node-a",
      anchoredSize: sizeOf(A),
      anchoredThrough: [{ origin: "bank.example/node-b", seq, size: sizeOf(A) }],
    },
    { origin: "bank.example/node-b", anchoredSize: sizeOf(B), anchoredThrough: [] },
  ]);
  // The reader who does not believe the witness has a noted log, and no anchor.
  const strict = await verify();
  expect(strict).toMatchObject({ code: 2, text: expect.stringMatching(/node-a\)\n.*\n.*\nanchored: none/) });
});

test("a head in a log that was time-stamped anchors as well", async () => {
  const authority = await timeStampingAuthority();
  closing.push(() => authority.close());
  await live(A);
  await live(B, { timestamp: authority.url });
  const { code, text } = await verify("--timestamp-ca", authority.caFile);
  expect(text).toMatch(
    /anchored: \d+, by the log bank\.example\/node-b, .* up to \d+, time-stamped at 20\S+Z\n/,
  );
  expect(code).toBe(0);
});

test("a tail that is cut below the noted head is found; one above it is not, and was counted as not anchored", async () => {
  const { vkey } = await witnessedPair();
  const anchored = sizeOf(A);
  await live(A);
  const longer = await verify("--witness", vkey);
  expect(longer.code).toBe(2);
  expect(longer.text).toContain(`anchored: ${anchored}, by the log bank.example/node-b`);
  expect(longer.text).toContain(`; ${sizeOf(A) - anchored} are newer`);
  cutLog(log(A), anchored);
  expect((await verify("--witness", vkey)).code).toBe(0);
  cutLog(log(A), anchored - 1);
  expect(await verify("--witness", vkey)).toMatchObject({
    code: 1,
    text: expect.stringMatching(
      new RegExp(
        `BROKEN: truncated, (?:record ${anchored - 1}|records \\d+ to ${anchored - 1}): the log ends .* noted by another node's log speaks of ${anchored}`,
      ),
    ),
  });
});

test("a log that was written on with its key from before the noted head is found by it", async () => {
  const { vkey } = await witnessedPair();
  const anchored = sizeOf(A);
  cutLog(log(A), 2);
  for (let size = 2; size <= anchored; size = sizeOf(A)) await live(A);
  expect(await verify("--witness", vkey)).toMatchObject({
    code: 1,
    text: expect.stringMatching(/BROKEN: forked, .* noted by another node's log/),
  });
});

test("a log that was written anew with its key anchors nothing, though it has the head: the witness has not signed it", async () => {
  const { vkey } = await witnessedPair();
  const [record] = noted(B);
  const key = ["log.key", "log.vkey"].map((file) => [file, folder.file(file)] as const);
  for (const [file, copy] of key) copyFileSync(join(log(B), file), copy);
  const signedBefore = readFileSync(join(log(B), "cosigned"));
  rmSync(log(B), { recursive: true });
  mkdirSync(log(B));
  for (const [file, copy] of key) copyFileSync(copy, join(log(B), file));
  const { seq: _, ...forged } = record ?? {};
  const anew = signedLog({ directory: log(B) });
  anew.append({
    v: 1,
    at: "2026-01-01T00:00:00.000Z",
    app: "curfew",
    policy: "p",
    type: "audit_checkpoint",
    ...forged,
  });
  await anew.close?.();
  const without = await verify("--witness", vkey);
  expect(without).toMatchObject({ code: 2 });
  expect(without.text).toMatch(/node-a\)\n.*\n.*\nanchored: none.*\nnoted by the other logs: \d+\n/);
  // With what the witness had signed of the log before it is broken, and still anchors nothing.
  writeFileSync(join(log(B), "cosigned"), signedBefore);
  const mixed = await verify("--witness", vkey);
  expect(mixed).toMatchObject({ code: 1, text: expect.stringMatching(/node-b\)\nBROKEN: /) });
  expect(mixed.text).toMatch(/node-a\)\n.*\n.*\nanchored: none/);
});

test("a head that was noted after the witness's last signature anchors nothing yet", async () => {
  const started = await witness();
  const { at: url, vkey } = started;
  await live(B, { witnesses: [{ url, vkey }] });
  await started.stop();
  await live(A);
  await live(B, { witnesses: [{ url, vkey }] });
  await vi.waitFor(() => expect(noted(B).length).toBeGreaterThan(0));
  const { code, text } = await verify("--witness", vkey);
  expect(code).toBe(2);
  expect(text).toMatch(/node-a\)\n.*\n.*\nanchored: none.*\nnoted by the other logs: \d+\n/);
  expect(text).toMatch(/node-b\)\n.*\n.*\nanchored: \d+, witnessed at \S+; \d+ are newer/);
});
