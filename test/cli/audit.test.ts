/** The sidecar's signed log, and what the command line says of it: for whoever has the directory and the key alone. */
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runInProcess } from "./support/command.js";
import { type Folder, temporaryFolder } from "./support/program.js";
import { BASIC, startSidecar } from "./support/sidecar.js";

let folder: Folder;

beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

/** The command in this process; what a process of its own does with it `commands.test.ts` shows. */
const audit = (...args: readonly string[]) => runInProcess(folder.file("."), ["audit", ...args]);

/** A log of a sidecar in which so many people signed in and were signed out. @returns the sids */
async function logOf(directory: string, people: number): Promise<readonly string[]> {
  const sidecar = await startSidecar(folder, { ...BASIC, audit: `log:${directory}` });
  const sids: string[] = [];
  for (let person = 0; person < people; person++) {
    const started = await sidecar.call("POST", "/sessions", { subject: `person-${person}` });
    const sid = String(started.body.sid);
    sids.push(sid);
    await sidecar.call("DELETE", `/sessions/${sid}?actor=admin-7&note=ticket%204711`);
  }
  expect(await sidecar.program.stop()).toBe(0);
  return sids;
}

const recordsOf = (directory: string): string =>
  join(directory, readdirSync(directory).find((name) => name.endsWith(".jsonl")) ?? "");

test("a log is verified, a session is proven from it, and what was changed is named", async () => {
  const directory = folder.file("log");
  const [, second = ""] = await logOf(directory, 3);
  expect(readFileSync(recordsOf(directory), "utf8")).toContain('"actor":"admin-7","note":"ticket 4711"');
  const vkey = join(directory, "log.vkey");

  const whole = await audit("verify", directory, "--vkey", vkey);
  expect(whole.text).toMatch(/^whole: \d+ records\nsigned: \d+\nanchored: none\./);
  expect(whole.code).toBe(2);

  const head = folder.file("head");
  cpSync(join(directory, "checkpoints"), head);
  const notes = readFileSync(head, "utf8").split(/(?<=\n— .*\n)/u);
  writeFileSync(head, notes.at(-1) ?? "");
  const anchored = await audit("verify", directory, "--vkey", vkey, "--head", head, "--json");
  expect([anchored.code, JSON.parse(anchored.text)]).toMatchObject([0, { fault: null }]);

  const proof = folder.file("session.json");
  expect((await audit("session", directory, second, "--out", proof)).code).toBe(0);
  const text = readFileSync(proof, "utf8");
  const types = JSON.parse(text).records.map(({ line }: { line: string }) => JSON.parse(line).type);
  expect(types).toEqual(["policy_in_force", "session_created", "session_revoked"]);
  const proven = await audit("verify", proof, "--vkey", vkey);
  expect(proven.text).toMatch(
    /^proven: 3 records of the session .*\nreplayed: it ended at \S+ \(revoked\), as its policy says/,
  );
  expect(proven.code).toBe(2);
  writeFileSync(proof, text.replace("session_created", "session_crested"));
  expect(await audit("verify", proof, "--vkey", vkey)).toMatchObject({
    code: 1,
    text: expect.stringMatching(/^BROKEN: the record is not number \d+ of the \d+ records that were signed/),
  });

  expect((await audit("session", directory, second, "--head", head, "--out", proof)).code).toBe(0);
  expect((await audit("verify", proof, "--vkey", vkey)).code).toBe(2);
  expect((await audit("verify", proof, "--vkey", vkey, "--head", head)).code).toBe(0);
  expect((await audit("session", directory, second, "--head", folder.file("nowhere"))).text).toMatch(
    /cannot be read/,
  );

  const file = recordsOf(directory);
  writeFileSync(file, readFileSync(file, "utf8").replace("session_created", "session_crested"));
  const broken = await audit("verify", directory, "--vkey", vkey);
  expect(broken).toMatchObject({ code: 1, text: expect.stringMatching(/^BROKEN: altered, record \d+: /) });
  expect(await audit("session", directory, second)).toMatchObject({
    code: 1,
    text: expect.stringContaining("is not what was signed"),
  });
});

test.each([
  [["verify", "DIRECTORY"], /--vkey is missing/],
  [["verify", "DIRECTORY", "--vkey", "nonsense"], /--vkey: "nonsense" is no verifier key/],
  [["verify", "DIRECTORY/nowhere", "--vkey", "KEY"], /is not there/],
  [["verify", "FILE", "--vkey", "KEY"], /is neither a log's directory nor a session's proof/],
  [["verify"], /missing required argument/],
])("%j is a mistake in what was typed: exit code 3", async (args, message) => {
  const key = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
  const file = folder.file("file");
  writeFileSync(file, "{}");
  const typed = args.map((arg) =>
    arg.replace("DIRECTORY", folder.file(".")).replace("KEY", key).replace("FILE", file),
  );
  const { code, text } = await audit(...typed);
  expect(text).toMatch(message);
  expect(code).toBe(3);
});

test("records are pruned where it is said twice, and their hashes stay", async () => {
  const directory = folder.file("log");
  await logOf(directory, 1);
  expect((await audit("prune", directory, "--before", "soon")).text).toContain("write a day such as");
  expect(await audit("prune", directory, "--before", "2999-01-01")).toMatchObject({ code: 1 });
  const pruned = await audit("prune", directory, "--before", "2999-01-01", "--yes");
  // The file that is written to stays.
  expect(pruned).toEqual({ code: 0, text: "0 records in 0 files were removed; their hashes stay." });
});
