/** `curfew witness`, asked by real logs over real HTTP: what it signs anchors a log, and what is not grown it refuses. */
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startWitness } from "../../src/cli/witness/witness.js";
import { verifyLog } from "../../src/evidence/index.js";
import { formatVerifierKey, type VerifierKey } from "../../src/evidence/note.js";
import { readVerifierKey } from "../../src/evidence/verify.js";
import { contentsOf } from "../../src/server/audit/log/directory.js";
import { type SignedLog, signedLog } from "../../src/server/audit/log/signed-log.js";
import { addCheckpoint } from "../evidence/adding.js";
import { LOG_KEY, linesOf, signedLogOf, signingKey } from "../evidence/log.js";
import { runInProcess } from "./support/command.js";
import { type Folder, temporaryFolder } from "./support/program.js";
import { runCurfew } from "./support/sidecar.js";

const SILENT = { info() {}, warn() {}, error() {} };
const ANYWHERE = { type: "tcp", host: "127.0.0.1", port: 0 } as const;

let folder: Folder;
const running: { stop(): Promise<void> }[] = [];
const opened: SignedLog[] = [];

beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(async () => {
  await Promise.allSettled(opened.splice(0).map((log) => log.close?.()));
  await Promise.allSettled(running.splice(0).map((witness) => witness.stop()));
  folder.remove();
});

async function witnessOf(logs: readonly VerifierKey[], port = 0) {
  const address = { ...ANYWHERE, port };
  const witness = await startWitness(
    { directory: folder.file("witness"), name: "witness.example", logs, address },
    SILENT,
  );
  running.push(witness);
  return witness;
}

function logWith(url: string, vkey: string, directory = folder.file("log")) {
  const troubles: string[] = [];
  const log = signedLog({
    directory,
    origin: "bank.example/node-1",
    checkpointEvery: "1h",
    witnesses: [{ url, vkey }],
  });
  log.onTrouble?.((trouble) => troubles.push(String(trouble)));
  opened.push(log);
  return { log, troubles };
}

const record = {
  v: 1,
  at: "2026-01-01T00:00:00.000Z",
  type: "session_denied",
  app: "app",
  policy: "p",
} as const;

async function verdictOn(directory: string, log: string, witness: string, heads: readonly string[] = []) {
  const trust = { keys: [readVerifierKey(log)], witnesses: [readVerifierKey(witness)], heads };
  return await verifyLog(contentsOf(directory), trust);
}

/** A log's key before the log is there: the witness must know it. */
async function newLog(directory = folder.file("log")): Promise<VerifierKey> {
  const log = signedLog({ directory, origin: "bank.example/node-1" });
  await log.close?.();
  return readVerifierKey(log.vkey);
}

test("what a witness has signed is anchored, with the records of one session, and the rest is told", async () => {
  const key = await newLog();
  const witness = await witnessOf([key]);
  const { log, troubles } = logWith(witness.at, witness.vkey);
  for (const sid of ["one", "two", "one"]) log.append({ ...record, sid, subject: "p" });
  await log.checkpoint();
  await vi.waitFor(async () =>
    expect(await verdictOn(folder.file("log"), log.vkey, witness.vkey)).toMatchObject({ anchoredSize: 3 }),
  );
  log.append({ ...record, sid: "one", subject: "p" });
  await log.checkpoint();
  await log.close?.();
  expect(troubles).toEqual([]);
  expect(await verdictOn(folder.file("log"), log.vkey, witness.vkey)).toMatchObject({
    fault: null,
    size: 5,
    anchoredSize: 5,
    witnessedAt: expect.any(Number),
  });
  const said = ["--vkey", log.vkey, "--witness", join(folder.file("witness"), "witness.vkey")];
  const run = (...args: readonly string[]) => runInProcess(folder.file("."), ["audit", ...args]);
  expect(await run("verify", folder.file("log"), ...said)).toMatchObject({
    code: 0,
    text: expect.stringMatching(/anchored: 5, witnessed at \d{4}-/),
  });
  await run("session", folder.file("log"), "one", "--out", folder.file("one.json"));
  const proven = await run("verify", folder.file("one.json"), ...said);
  expect(proven).toMatchObject({ code: 0, text: expect.stringMatching(/^proven: 3 records/) });
  const proof = JSON.parse(readFileSync(folder.file("one.json"), "utf8"));
  expect(proof.records[0].proof).toContain("— witness.example ");
});

test("a witness that is away holds nothing up, is told of once, and signs when it is there again", async () => {
  const key = await newLog();
  const first = await witnessOf([key]);
  const { log, troubles } = logWith(first.at, first.vkey);
  log.append(record);
  await log.checkpoint();
  await vi.waitFor(async () =>
    expect(await verdictOn(folder.file("log"), log.vkey, first.vkey)).toMatchObject({ anchoredSize: 1 }),
  );
  await running.pop()?.stop();
  for (let at = 0; at < 5; at++) {
    log.append(record);
    await log.checkpoint();
  }
  await vi.waitFor(() => expect(troubles).toHaveLength(1));
  expect(troubles[0]).toMatch(
    /the witness witness\.example has not signed the audit log: 127\.0\.0\.1:\d+ cannot/,
  );
  expect(await verdictOn(folder.file("log"), log.vkey, first.vkey)).toMatchObject({
    fault: null,
    size: 6,
    signedSize: 6,
    anchoredSize: 1,
  });
  await witnessOf([key], Number(new URL(first.at).port));
  await vi.waitFor(
    async () =>
      expect(await verdictOn(folder.file("log"), log.vkey, first.vkey)).toMatchObject({ anchoredSize: 6 }),
    { timeout: 60_000 },
  );
  expect(troubles).toHaveLength(1);
});

test("a log that begins anew asks the witness where it stands, and goes on from there", async () => {
  const key = await newLog();
  const witness = await witnessOf([key]);
  for (let round = 0; round < 4; round++) {
    const { log, troubles } = logWith(witness.at, witness.vkey);
    for (let at = 0; at < 3 * round + 1; at++) log.append(record);
    await log.close?.();
    expect(troubles).toEqual([]);
    const { size, anchoredSize } = await verdictOn(folder.file("log"), log.vkey, witness.vkey);
    expect(anchoredSize).toBe(size);
  }
});

test("a log that was restored from a backup is seen at once, and once it has grown again too", async () => {
  const key = await newLog();
  const witness = await witnessOf([key]);
  const { log } = logWith(witness.at, witness.vkey);
  log.append(record);
  await log.close?.();
  cpSync(folder.file("log"), folder.file("backup"), { recursive: true });
  const later = logWith(witness.at, witness.vkey).log;
  for (let at = 0; at < 5; at++) later.append(record);
  await later.close?.();
  const restored = logWith(witness.at, witness.vkey, folder.file("backup"));
  restored.log.append({ ...record, app: "other" });
  await restored.log.checkpoint();
  await vi.waitFor(() =>
    expect(restored.troubles).toEqual([
      expect.stringMatching(
        /it has signed 8 records, and there are 3: the log was restored from an older copy/,
      ),
    ]),
  );
  const [head = ""] = readdirSync(join(folder.file("witness"), "heads"));
  const kept = readFileSync(join(folder.file("witness"), "heads", head), "utf8");
  expect(await verdictOn(folder.file("backup"), log.vkey, witness.vkey, [kept])).toMatchObject({
    fault: { kind: "truncated", seq: 3, upTo: 7 },
  });
  await restored.log.close?.();
  const grown = logWith(witness.at, witness.vkey, folder.file("backup"));
  for (let at = 0; at < 9; at++) grown.log.append({ ...record, app: "other" });
  await grown.log.close?.();
  expect(grown.troubles).toEqual([
    expect.stringMatching(/does not go on from what it has signed: the log was changed, or restored/),
  ]);
  expect(await verdictOn(folder.file("backup"), log.vkey, witness.vkey, [kept])).toMatchObject({
    fault: { kind: "forked" },
  });
});

test("calls are answered as the specification says", async () => {
  const { at } = await witnessOf([LOG_KEY.key]);
  const lines = linesOf(8);
  const grown = signedLogOf(lines, [2, 5, 8]);
  const other = signedLogOf(linesOf(8, "other"), [5, 8]);
  const add = (log: typeof grown, old: number, index: number, spoil?: "proof") =>
    addCheckpoint(at, log, old, index, spoil);
  expect(await add(grown, 0, 0)).toMatchObject({
    status: 200,
    text: expect.stringMatching(/^— witness\.example \S+\n$/),
  });
  expect(await add(grown, 0, 1)).toEqual({ status: 409, type: "text/x.tlog.size", text: "2\n" });
  expect((await add(grown, 2, 1, "proof")).status).toBe(422);
  expect((await add(other, 2, 0)).status).toBe(422);
  expect((await add(grown, 2, 1)).status).toBe(200);
  expect((await add(grown, 5, 1)).status).toBe(200);
  expect(await add(other, 5, 0)).toEqual({ status: 409, type: "text/x.tlog.size", text: "5\n" });
  expect((await add(grown, 8, 1)).status).toBe(400);
  const raw = async (body: string, path = "/add-checkpoint") =>
    (await fetch(`${at}${path}`, { method: "POST", body })).status;
  expect(await raw("nonsense")).toBe(400);
  expect(await raw(`old 01\n\n${grown.checkpoints[2]}`)).toBe(400);
  expect(await raw(`old 0\n\n${"x".repeat(70_000)}`)).toBe(413);
  expect(await raw(`old 5\n\n${grown.checkpoints[2]}`, "/elsewhere")).toBe(404);
  expect(await raw(`old 5\n\n${grown.checkpoints[2]?.replace("log.example", "log2.example")}`)).toBe(404);
  const stranger = signedLogOf(lines, [8], { by: signingKey(LOG_KEY.key.name) });
  expect(await raw(`old 5\n\n${stranger.checkpoints[0]}`)).toBe(403);
  expect((await add(grown, 5, 2)).status).toBe(200);
});

test("of two calls at once from one size, one is signed", async () => {
  const { at } = await witnessOf([LOG_KEY.key]);
  const grown = signedLogOf(linesOf(8), [2, 5, 8]);
  expect((await addCheckpoint(at, grown, 0, 0)).status).toBe(200);
  const both = await Promise.all([addCheckpoint(at, grown, 2, 2), addCheckpoint(at, grown, 2, 1)]);
  expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
});

test("a witness that is killed signs nothing twice differently: what it has signed was on the disk before", async () => {
  const vkey = folder.file("log.vkey");
  writeFileSync(vkey, formatVerifierKey(LOG_KEY.key));
  const args = [
    "witness",
    folder.file("witness"),
    "--log",
    vkey,
    "--name",
    "w.example",
    "--listen",
    "127.0.0.1:0",
  ];
  const ready = /^Curfew witness ready: (http:\S+), key (w\.example\+\S+)$/;
  const grown = signedLogOf(linesOf(8), [2, 5, 8]);
  const first = runCurfew(args);
  const [, firstAt = "", firstKey] = await first.line(ready);
  expect((await addCheckpoint(firstAt, grown, 0, 1)).status).toBe(200);
  await first.stop("SIGKILL");
  const second = runCurfew(args);
  const [, secondAt = "", secondKey] = await second.line(ready);
  expect(secondKey).toBe(firstKey);
  expect(await addCheckpoint(secondAt, grown, 0, 1)).toMatchObject({ status: 409, text: "5\n" });
  expect(await second.stop()).toBe(0);
});

test.each([
  [["--log", "nonsense"], /--log: \\"nonsense\\" is no verifier key/],
  [[], /--log is missing: the key of a log to sign for/],
  [["--log", "LOG", "--name", "a b"], /--name is \\"a b\\"; write one without spaces/],
  [["--log", "LOG", "--listen", "nowhere"], /--listen must be an address and a port/],
])("a witness told %j does not start", async (args, message) => {
  const key = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
  const typed = args.map((arg) => arg.replace("LOG", key));
  const { code, text } = await runInProcess(folder.file("."), ["witness", folder.file("witness"), ...typed]);
  expect([code, text]).toEqual([1, expect.stringMatching(message)]);
});

test("two witnesses do not share a directory, and one whose memory of a log is spoilt signs nothing of it", async () => {
  const { at } = await witnessOf([LOG_KEY.key]);
  await expect(witnessOf([LOG_KEY.key])).rejects.toThrow(/is written by this very process/);
  const grown = signedLogOf(linesOf(8), [5, 8]);
  expect((await addCheckpoint(at, grown, 0, 0)).status).toBe(200);
  const heads = join(folder.file("witness"), "heads");
  for (const name of readdirSync(heads)) writeFileSync(join(heads, name), "nonsense");
  expect((await addCheckpoint(at, grown, 0, 1)).status).toBe(503);
});
