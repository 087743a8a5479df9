/** A log and a session's proof as a program reads them: by the package's own functions, with nothing else of the server's. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readVerifierKey, verifyLog, verifySessionProof } from "../../src/evidence/verify.js";
import { contentsOf } from "../../src/server/audit/log/directory.js";
import { proveSession } from "../../src/server/audit/log/session-proof.js";
import { signedLog } from "../../src/server/audit/log/signed-log.js";
import { allOf } from "../../src/server/subject/sessions.js";
import { TestBrowser } from "./support/test-browser.js";
import { createTestVerifier } from "./support/test-verifier.js";

async function logOfOneSession() {
  const directory = mkdtempSync(join(tmpdir(), "curfew-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const log = signedLog({ directory });
  const { sessions, clock } = createTestVerifier({ audit: log });
  const browser = await TestBrowser.signedIn(sessions);
  await browser.beat(clock.now());
  await browser.post("/curfew/end", { sid: browser.live.sid });
  await sessions.close();
  return { directory, sid: browser.live.sid, keys: [readVerifierKey(log.vkey)] };
}

test("a log's parts are read in any order, and none of them is lost", async () => {
  const { directory } = await logOfOneSession();
  const read = contentsOf(directory);
  const [entries, hashes, checkpoints] = [
    await allOf(read.entries),
    await allOf(read.hashes),
    await allOf(read.checkpoints),
  ];
  expect(entries.length).toBeGreaterThan(4);
  expect(hashes).toHaveLength(entries.length);
  expect(checkpoints.at(-1)).toContain(`\n${entries.length}\n`);
});

test("the log verifies, and a session's proof says how it ended", async () => {
  const { directory, sid, keys } = await logOfOneSession();
  const verdict = await verifyLog(contentsOf(directory), { keys, witnesses: [], heads: [] });
  expect(verdict).toMatchObject({ fault: null });
  const proof = JSON.stringify(await proveSession(directory, sid));
  expect(await verifySessionProof(proof, { keys, witnesses: [] })).toMatchObject({
    status: "proven",
    sid,
    isWitnessed: false,
    replay: { verdict: "whole", end: { reason: "signed-out" } },
  });
});

test.each<[string, (proof: string, sid: string) => string, string]>([
  ["a record that was changed", (proof) => proof.replace("signed-out", "signed-in!"), "refused"],
  ["another session's name", (proof, sid) => proof.replace(`"sid":"${sid}"`, '"sid":"another"'), "refused"],
  ["no records", (proof) => proof.replace(/"records":.*/s, '"records":[]}'), "unreadable"],
  ["another format", (proof) => proof.replace("@v1", "@v9"), "unreadable"],
  ["no JSON", () => "{", "unreadable"],
  ["nothing", () => "null", "unreadable"],
])("a proof with %s proves nothing", async (_what, change, status) => {
  const { directory, sid, keys } = await logOfOneSession();
  const proof = change(JSON.stringify(await proveSession(directory, sid)), sid);
  expect(await verifySessionProof(proof, { keys, witnesses: [] })).toMatchObject({ status });
});

test("a policy that no record of the log can hold is refused at start, and not once a session is to be proven", () => {
  const directory = mkdtempSync(join(tmpdir(), "curfew-"));
  const log = signedLog({ directory });
  onTestFinished(async () => {
    await log.close?.();
    rmSync(directory, { recursive: true });
  });
  const rulesOf = (count: number) =>
    [...Array(count)].map((_, at) => ({
      name: `rule ${at}`,
      routes: [`/${"part/".repeat(20)}${at}/**`],
      idle: "5m",
    }));
  const policyOf = (count: number) => ({ idle: "15m", absolute: "12h", rules: rulesOf(count) });
  expect(() => createTestVerifier({ audit: log, policy: policyOf(300) })).toThrow(
    /^the policy with its 300 rules takes \d+ bytes as a record, and the audit log at most 60000: /,
  );
  expect(() => createTestVerifier({ audit: log, policy: policyOf(20) })).not.toThrow();
  expect(() => createTestVerifier({ policy: policyOf(300) })).not.toThrow();
});
