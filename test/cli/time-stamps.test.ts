/** A log whose heads a time-stamping authority stamps: what an outsider checks with `openssl` alone, and what `audit verify` says. */
import { execFileSync, spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { type SignedLog, signedLog } from "../../src/server/audit/log/signed-log.js";
import { type TestAuthority, timeStampingAuthority } from "../server/support/time-stamping-authority.js";
import { runInProcess } from "./support/command.js";
import { type Folder, temporaryFolder } from "./support/program.js";
import { BASIC, startSidecar } from "./support/sidecar.js";

let folder: Folder;
let directory: string;
let authority: TestAuthority;
let other: TestAuthority;
const opened: SignedLog[] = [];

beforeAll(async () => {
  authority = await timeStampingAuthority();
  other = await timeStampingAuthority();
  return async () => {
    await authority.close();
    await other.close();
  };
});
beforeEach(() => {
  folder = temporaryFolder();
  directory = folder.file("log");
});
afterEach(async () => {
  authority.answerBy((query, honest) => honest(query));
  await Promise.allSettled(opened.splice(0).map((log) => log.close?.()));
  folder.remove();
});

const NAMED = { v: 1, app: "app", policy: "p", type: "session_denied" } as const;
const record = (at = new Date().toISOString()) => ({ ...NAMED, at });

function open(options: Partial<Parameters<typeof signedLog>[0]> = {}) {
  const troubles: string[] = [];
  const log = signedLog({ directory, checkpointEvery: "1h", timestamp: authority.url, ...options });
  log.onTrouble?.((trouble) => troubles.push(String(trouble)));
  opened.push(log);
  return { log, troubles };
}

const stamps = (): readonly string[] => {
  const path = join(directory, "timestamps");
  return existsSync(path) ? readdirSync(path).filter((name) => name.endsWith(".tsr")) : [];
};
const stampFile = (size: number, end = "tsr") =>
  join(directory, "timestamps", `${String(size).padStart(12, "0")}.${end}`);

/** @param ca the certificates that the reader believes */
const verify = (ca: readonly string[] = [authority.caFile], ...more: readonly string[]) =>
  runInProcess(folder.file("."), [
    "audit",
    "verify",
    directory,
    "--vkey",
    join(directory, "log.vkey"),
    ...ca.flatMap((file) => ["--timestamp-ca", file]),
    ...more,
  ]);

/** Three records and the log's end, of which the authority has stamped the first and the last head. */
async function stampedLog(): Promise<void> {
  const { log, troubles } = open();
  log.append(record());
  await log.checkpoint();
  await vi.waitFor(() => expect(stamps()).toHaveLength(1));
  log.append(record());
  log.append(record());
  await log.close?.();
  expect(troubles).toEqual([]);
}

/** The commands of a block of the page, as somebody would type them there. */
function commandsOf(page: string, word: string): string {
  const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), "utf8");
  const block = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].find(([, commands]) => commands?.includes(word));
  expect(block).toBeDefined();
  return block?.[1] ?? "";
}

test("an outsider checks a head and its time with openssl alone, as the page says", async () => {
  await stampedLog();
  copyFileSync(authority.caFile, folder.file("authority.pem"));
  renameSync(directory, folder.file("audit"));
  const size = readdirSync(folder.file("audit/timestamps")).sort().at(-1)?.replace(".tsr", "") ?? "";
  const commands = commandsOf("evidence.md", "openssl ts").replaceAll("000000004711", size);
  const said = execFileSync("bash", ["-ec", commands], { cwd: folder.file("."), encoding: "utf8" });
  expect(said).toMatch(/Verification: OK/);
  expect(said).toMatch(/Time stamp: \w{3} +\d+ \d\d:\d\d:\d\d/);
  writeFileSync(folder.file(`audit/timestamps/${size}.checkpoint`), "log.example\n4\nAAAA\n\n— a b\n");
  const forged = spawnSync("bash", ["-ec", commands], { cwd: folder.file("."), encoding: "utf8" });
  expect([forged.status, forged.stdout]).toEqual([1, expect.stringMatching(/Verification: FAILED/)]);
});

test("what was time-stamped counts as anchored, with its time, and the rest is told", async () => {
  await stampedLog();
  expect(await verify()).toMatchObject({
    code: 0,
    text: expect.stringMatching(
      /^whole: 4 records\nsigned: 4\nanchored: 4, time-stamped at \d{4}-\S+Z\neach of those was time-stamped within \d+ s of the time that it names$/,
    ),
  });
  const unread = await verify([]);
  expect(unread.code).toBe(2);
  expect(unread.text).toMatch(/\n2 time-stamps were not looked at: give --timestamp-ca$/);
  rmSync(stampFile(4));
  expect(await verify()).toMatchObject({
    code: 2,
    text: expect.stringMatching(/anchored: 1, .*; 3 are newer/),
  });
});

test("how late a record was time-stamped is told: a log that was written anew names times of before", async () => {
  const { log } = open();
  log.append(record(new Date(Date.now() - 86_400_000).toISOString()));
  await log.close?.();
  const { text } = await verify();
  const [, seconds] = /time-stamped within (\d+) s of/.exec(text) ?? [];
  expect(Number(seconds)).toBeGreaterThanOrEqual(86_400);
});

test("a log that was written anew with its own key, or cut, is found by what had been time-stamped", async () => {
  const kept = folder.file("kept");
  await stampedLog();
  renameSync(directory, kept);
  for (const [records, kind] of [
    [6, "forked, records 0 to 0: the head that was time-stamped, of 1 records"],
    [0, "truncated, records 2 to 3: the log ends after 2 records, and a head that was time-stamped"],
  ] as const) {
    rmSync(directory, { recursive: true, force: true });
    const { log } = open({ key: join(kept, "log.key"), origin: originOf(kept), timestamp: authority.url });
    if (records === 0) log.append(JSON.parse(firstLineOf(kept)));
    for (let at = 0; at < records; at++) log.append(record("2020-01-01T00:00:00.000Z"));
    await log.close?.();
    rmSync(join(directory, "timestamps"), { recursive: true });
    execFileSync("cp", ["-r", join(kept, "timestamps"), directory]);
    expect(await verify()).toMatchObject({ code: 1, text: expect.stringContaining(`BROKEN: ${kind}`) });
  }
});

const originOf = (log: string): string => readFileSync(join(log, "log.vkey"), "utf8").split("+")[0] ?? "";
const firstLineOf = (log: string): string =>
  readFileSync(join(log, "records-000000000000.jsonl"), "utf8").split("\n")[0] ?? "";

test("a time-stamp that was changed, or is another head's, is named; a stranger's counts for nothing", async () => {
  await stampedLog();
  const whole = readFileSync(stampFile(4));
  const broken = (why: RegExp) => ({
    code: 1,
    text: expect.stringMatching(
      new RegExp(
        `^BROKEN: altered, records 1 to 3: the time-stamp ".*000000000004\\.tsr" does not hold: ${why.source}`,
      ),
    ),
  });
  copyFileSync(stampFile(1), stampFile(4));
  expect(await verify()).toMatchObject(broken(/it is of other bytes/));
  writeFileSync(stampFile(4), "nonsense");
  expect(await verify()).toMatchObject(broken(/it is no answer of a time-stamping authority/));
  writeFileSync(stampFile(4), whole);
  rmSync(stampFile(4, "checkpoint"));
  expect(await verify()).toMatchObject(broken(/ENOENT/));
  copyFileSync(stampFile(1, "checkpoint"), stampFile(4, "checkpoint"));
  expect(await verify()).toMatchObject(broken(/it is of other bytes/));
  const head = readFileSync(stampFile(1, "checkpoint"));
  const query = execFileSync("openssl", ["ts", "-query", "-data", "-", "-sha256", "-cert"], {
    input: head,
  });
  writeFileSync(stampFile(4), other.stamp(query));
  const stranger = await verify();
  expect(stranger).toMatchObject({ code: 2, text: expect.stringMatching(/anchored: 1, .*; 3 are newer/) });
  expect(stranger.text).toMatch(/not counted: the time-stamp ".*4\.tsr" leads to none of the certificates/);
  expect((await verify([authority.caFile, other.caFile])).text).not.toContain("not counted");
});

test("no byte of a time-stamp can be changed so that another time is believed", async () => {
  await stampedLog();
  rmSync(stampFile(1));
  const whole = readFileSync(stampFile(4));
  const believed = async () => {
    const { text } = await verify([authority.caFile], "--json");
    return (JSON.parse(text) as { readonly stampedAt: number | null }).stampedAt;
  };
  const stampedAt = await believed();
  expect(stampedAt).toEqual(expect.any(Number));
  let refused = 0;
  for (let at = 0; at < whole.length; at += 7) {
    writeFileSync(stampFile(4), whole.with(at, (whole[at] ?? 0) ^ 1));
    const now = await believed();
    if (now === null) refused++;
    else expect([at, now]).toEqual([at, stampedAt]);
  }
  expect(refused).toBeGreaterThan(whole.length / 21);
});

test.each([
  ["an answer to another question", /it carries another nonce: it is an old answer/],
  ["a page", /it is no answer of a time-stamping authority \(RFC 3161\)/],
  ["a refusal", /the authority refuses, with the status 2/],
  ["an error", /it answered 500/],
  ["a redirect", /it answered 302/],
  ["another authority's stamp", /its certificate does not lead to one of "ca"/],
  ["a stamp by a web server's certificate", /it is signed by a certificate that is not for time-stamps/],
  ["nothing at all", /cannot be asked: no answer within 5 s/],
] as const)("%s is not kept, holds nothing up, is told of once, and asked for again", async (what, why) => {
  const first = authority.stamp(someQuery());
  authority.answerBy((query, honest) => {
    if (what === "an answer to another question") return first;
    if (what === "a page") return Buffer.from("<!doctype html>");
    if (what === "a refusal") return honest(Buffer.from("nonsense"));
    if (what === "an error") return 500;
    if (what === "a redirect") return 302;
    if (what === "a stamp by a web server's certificate") return authority.stampAsWebServer(query);
    return what === "nothing at all" ? null : other.stamp(query);
  });
  const ca = readFileSync(authority.caFile, "utf8");
  const { log, troubles } = open({ timestamp: { url: authority.url, every: "10s", ca } });
  for (let at = 0; at < 3; at++) {
    log.append(record());
    await log.checkpoint();
  }
  await vi.waitFor(() => expect(troubles).toHaveLength(1), { timeout: 60_000 });
  expect(troubles[0]).toMatch(/the time-stamping authority 127\.0\.0\.1:\d+ has not stamped the audit log: /);
  expect(troubles[0]).toMatch(why);
  expect(stamps()).toEqual([]);
  authority.answerBy((query, honest) => honest(query));
  await vi.waitFor(() => expect(stamps()).toHaveLength(1), { timeout: 60_000 });
  expect(troubles).toHaveLength(1);
  expect(await verify()).toMatchObject({ code: 0, text: expect.stringMatching(/anchored: 3/) });
});

function someQuery(): Buffer {
  return execFileSync("openssl", ["ts", "-query", "-data", "-", "-sha256", "-cert"], {
    input: "before",
    stdio: ["pipe", "pipe", "ignore"],
  });
}

test("a log that is begun again and again asks no more often, and each end of it is stamped", async () => {
  const before = authority.queries.length;
  for (let round = 0; round < 3; round++) {
    const { log } = open();
    log.append(record());
    await log.checkpoint();
    log.append(record());
    await log.close?.();
  }
  expect(authority.queries.length - before).toBe(4);
  expect(stamps().map((name) => Number(name.slice(0, 12)))).toEqual([1, 3, 6, 9]);
});

test("a sidecar's configuration names the authority, and the file of its certificates", async () => {
  const sidecar = await startSidecar(folder, {
    ...BASIC,
    audit: { log: { directory, timestamp: { url: authority.url, every: "1h", ca: authority.caFile } } },
  });
  await sidecar.call("POST", "/sessions", { subject: "ann" });
  expect(await sidecar.program.stop()).toBe(0);
  expect(await verify()).toMatchObject({
    code: 0,
    text: expect.stringMatching(/anchored: 3, time-stamped at/),
  });
});

test.each([
  [{ timestamp: "ftp://tsa.example" }, /options\.timestamp.* must be the URL of a time-stamping authority/],
  [{ timestamp: { url: "http://tsa.example", every: "1s" } }, /options\.timestamp/],
  [{ timestamp: { url: "http://tsa.example", evrey: "1h" } }, /options\.timestamp/],
  [
    { timestamp: { url: "http://tsa.example", ca: "nonsense" } },
    /timestamp\.ca must be the text of PEM certificates/,
  ],
] as const)("%j is refused at start", (options, message) => {
  expect(() => open(options)).toThrow(message);
});

test.each([
  [["--timestamp-ca", "nowhere.pem"], /"nowhere\.pem" cannot be read/],
  [["--timestamp-ca", "VKEY"], /no certificate stands in it \(PEM\)/],
])("what is typed in vain (%j) is told, with code 3", async (args, message) => {
  await stampedLog();
  const typed = args.map((arg) => arg.replace("VKEY", join(directory, "log.vkey")));
  expect(await verify([], ...typed)).toMatchObject({ code: 3, text: expect.stringMatching(message) });
});
