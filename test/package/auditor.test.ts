/** An auditor in a folder of their own: the installed package, a copy of a trail without its private key, and docs/evidence.md. */
import { createHash, createPublicKey, verify } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, inject, test } from "vitest";
import { type Outcome, runNode } from "./project.js";

/** Two people; one is active for twenty minutes of a quarter of an hour's idle timeout, and goes. */
const SERVER = `
import { createSessionVerifier, memoryStore, signedLog } from "curfew/server";
import { createTestClock, signIn } from "curfew/testing";
const clock = createTestClock();
const audit = signedLog({ directory: "audit", origin: "bank.example/portal/node-1" });
const policy = { idle: "15m", absolute: "12h" };
const logger = { info() {}, warn() {}, error() {} };
const sessions = createSessionVerifier({ policy, signInUrl: "/login", audit, store: memoryStore({ clock }), logger });
const ann = await signIn(sessions, { subject: "ann" });
await signIn(sessions, { subject: "bob" });
for (let beat = 0; beat < 5; beat++) {
  clock.advance(4 * 60_000);
  await ann.heartbeat(clock.now());
}
const lastActiveAt = clock.now();
clock.advance(16 * 60_000);
await sessions.list("ann");
await sessions.close();
process.stdout.write(JSON.stringify({ sid: ann.sid, endedAt: new Date(lastActiveAt + 15 * 60_000) }));
`;

let desk: string;
let program: string;
let sid: string;
let endedAt: string;

beforeAll(async () => {
  const consumer = inject("consumer");
  const server = join(consumer, "audited");
  mkdirSync(server, { recursive: true });
  writeFileSync(join(server, "server.mjs"), SERVER);
  const { code, stdout, stderr } = await runNode(["server.mjs"], server);
  expect([code, stderr]).toEqual([0, ""]);
  ({ sid, endedAt } = JSON.parse(stdout));
  desk = join(consumer, "desk");
  mkdirSync(desk);
  writeFileSync(join(desk, "package.json"), "{}");
  symlinkSync(join(consumer, "node_modules"), join(desk, "node_modules"), "junction");
  program = join(desk, "node_modules/curfew/dist/cli/main.js");
  cpSync(join(server, "audit"), join(desk, "audit"), { recursive: true });
  rmSync(join(desk, "audit/log.key"));
  renameSync(join(desk, "audit/log.vkey"), join(desk, "log.vkey"));
  const [, head = ""] = /(bank\.example\S*\n\d+\n\S+\n\n— .+\n)$/u.exec(text("audit/checkpoints")) ?? [];
  writeFileSync(join(desk, "checkpoint-of-march"), head);
  return () => {
    for (const folder of [server, desk]) rmSync(folder, { recursive: true, force: true });
  };
});

const text = (file: string) => readFileSync(join(desk, file), "utf8");

/** The page's own commands, as they are typed there, but for the installation. */
async function follow(): Promise<readonly Outcome[]> {
  const page = text("node_modules/curfew/docs/evidence.md");
  const [, section = ""] = page.split("## On an auditor's machine");
  const [, block = ""] = /```sh\n([\s\S]*?)```/.exec(section) ?? [];
  const [install, ...commands] = block.trimEnd().split("\n");
  expect([install, commands.length]).toEqual(["npm install curfew", 3]);
  const outcomes: Outcome[] = [];
  for (const command of commands) {
    const [npx, curfew, ...args] = command.split(" ").map((word) => (word === "SID" ? sid : word));
    expect([npx, curfew]).toEqual(["npx", "curfew"]);
    outcomes.push(await runNode([program, ...args], desk));
  }
  return outcomes;
}

test("the page's commands say that the log is whole, and prove that a session ended at its deadline", async () => {
  expect(existsSync(join(desk, "audit/log.key"))).toBe(false);
  const [whole, written, proven] = await follow();
  expect(whole).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^whole: 12 records\nsigned: 12\nanchored: 12\n/),
  });
  expect(written).toMatchObject({ code: 0, stdout: "" });
  expect(proven?.stdout).toContain(`records of the session ${sid} and its policy are in the log`);
  expect(proven?.stdout).toContain(
    `\nreplayed: it ended at ${endedAt} (idle), as its policy says; the browser signed 6`,
  );
  expect(proven?.code).toBe(0);
});

test("a record that says another end is found in the log, and in the proof", async () => {
  const proof = text("session.json");
  const later = endedAt.replace(":35:", ":45:");
  writeFileSync(join(desk, "session.json"), proof.replaceAll(endedAt, later));
  const args = ["--vkey", "log.vkey", "--head", "checkpoint-of-march"];
  expect((await runNode([program, "audit", "verify", "session.json", ...args], desk)).code).toBe(1);
  const [file = ""] = readdirSync(join(desk, "audit")).filter((name) => name.endsWith(".jsonl"));
  const lines = text(`audit/${file}`);
  writeFileSync(join(desk, "audit", file), lines.replace(`"endedAt":"${endedAt}"`, `"endedAt":"${later}"`));
  const [broken] = await follow();
  writeFileSync(join(desk, "audit", file), lines);
  expect(broken).toMatchObject({ code: 1, stdout: expect.stringMatching(/^BROKEN: altered, record 10: /) });
});

const sha256 = (...parts: readonly Uint8Array[]) =>
  createHash("sha256").update(Buffer.concat(parts)).digest();

/** RFC 6962, section 2.1. */
function rootOf(leaves: readonly Buffer[]): Buffer {
  const [first] = leaves;
  if (first === undefined || leaves.length === 1) return first ?? sha256();
  const half = 2 ** (Math.ceil(Math.log2(leaves.length)) - 1);
  return sha256(Buffer.of(1), rootOf(leaves.slice(0, half)), rootOf(leaves.slice(half)));
}

test("a tool of one's own finds all that it needs where the page says", () => {
  const files = readdirSync(join(desk, "audit")).filter((name) => /^records-\d+\.jsonl$/.test(name));
  const lines = files.sort().flatMap((name) => text(`audit/${name}`).trimEnd().split("\n"));
  const leaves = lines.map((line) => sha256(Buffer.of(0), Buffer.from(line)));
  const hashes = readFileSync(
    join(desk, "audit", (files[0] ?? "").replace("records", "hashes").replace("jsonl", "bin")),
  );
  expect(hashes.equals(Buffer.concat(leaves))).toBe(true);
  const [, name, size, root, signature = ""] =
    /^(.+)\n(\d+)\n(.+)\n\n— \S+ (\S+)\n$/u.exec(text("checkpoint-of-march")) ?? [];
  expect([Number(size), root]).toEqual([lines.length, rootOf(leaves).toString("base64")]);
  const [origin, id, encoded = ""] = text("log.vkey").trimEnd().split("+");
  const [key, signed] = [
    text("log.vkey").trimEnd().slice(`${origin}+${id}+`.length),
    Buffer.from(signature, "base64"),
  ];
  expect(key.startsWith(encoded)).toBe(true);
  expect([origin, id]).toEqual([name, signed.subarray(0, 4).toString("hex")]);
  const [type, ...raw] = Buffer.from(key, "base64");
  expect([type, raw.length]).toEqual([1, 32]);
  const publicKey = createPublicKey({
    key: { kty: "OKP", crv: "Ed25519", x: Buffer.from(raw).toString("base64url") },
    format: "jwk",
  });
  expect(verify(null, Buffer.from(`${name}\n${size}\n${root}\n`), publicKey, signed.subarray(4))).toBe(true);
});
