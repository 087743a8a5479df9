/** Nodes that share a store note the heads of each other's logs: what one of them loses the others still vouch for. */
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { type SignedLog, signedLog } from "../../src/server/audit/log/signed-log.js";
import { startRedis } from "../stores/support/redis-server.js";
import { paced } from "../timing.js";
import { runInProcess } from "./support/command.js";
import { cutLog, linesOf } from "./support/cut-log.js";
import { type Folder, temporaryFolder } from "./support/program.js";
import { BASIC, startSidecar } from "./support/sidecar.js";

/** What the processes share. */
const STORES = {
  "one SQLite file": async () => `sqlite:${folder.file("sessions.db")}`,
  "a Redis": async () => {
    const server = await startRedis();
    onTestFinished(() => server.stop());
    return server.url;
  },
};
const NAMES = Object.keys(STORES) as (keyof typeof STORES)[];

let folder: Folder;
const opened: SignedLog[] = [];

beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(async () => {
  await Promise.allSettled(opened.splice(0).map((log) => log.close?.()));
  folder.remove();
});

const NODES = ["node-1", "node-2"] as const;
const log = (name: string): string => folder.file(name);
const noted = (name: string) =>
  linesOf(log(name))
    .map((line) => JSON.parse(line))
    .filter(({ type }) => type === "audit_checkpoint");

const node = (name: string, store: string) =>
  startSidecar(folder, {
    ...BASIC,
    store,
    audit: { log: { directory: log(name), origin: `bank.example/${name}`, checkpointEvery: "100ms" } },
  });

const verify = (...more: readonly string[]) =>
  runInProcess(folder.file("."), [
    "audit",
    "verify",
    ...NODES.map(log),
    ...NODES.flatMap((name) => ["--vkey", join(log(name), "log.vkey")]),
    ...more,
  ]);

/** Two processes on one store: the second starts while the first runs, and is killed; the first ends last. */
async function twoNodes(store: string): Promise<void> {
  const first = await node("node-1", store);
  for (const subject of ["ann", "bob"]) await first.call("POST", "/sessions", { subject });
  const second = await node("node-2", store);
  for (const subject of ["cyd", "dee"]) await second.call("POST", "/sessions", { subject });
  // Each looks every 10 s: at first perhaps when the other has only begun.
  await vi.waitFor(
    () => {
      expect(noted("node-1").at(-1)?.size).toBeGreaterThan(2);
      expect(noted("node-2").at(-1)?.size).toBeGreaterThan(2);
    },
    { timeout: paced(60_000), interval: 200 },
  );
  await second.program.stop("SIGKILL");
  expect(await first.program.stop()).toBe(0);
}

test.each(NAMES)(
  "two processes on %s vouch for each other's logs; one that was cut, or written on from there, is found",
  async (name) => {
    await twoNodes(await STORES[name]());
    const whole = await verify();
    expect(whole).toMatchObject({ code: 2 });
    expect(whole.text).toMatch(
      /node-1 \(bank\.example\/node-1\)\nwhole: \d+ records\nsigned: \d+\nanchored: none.*\nnoted by the other logs: \d+\n/,
    );
    const [{ size, origin, root, checkpoint }] = noted("node-1").slice(-1);
    expect(origin).toBe("bank.example/node-2");
    expect(checkpoint).toMatch(new RegExp(`^bank\\.example/node-2\n${size}\n`));
    expect(checkpoint).toContain(`\n${root}\n`);

    const stranger = await runInProcess(folder.file("."), [
      "audit",
      "verify",
      ...NODES.map(log),
      "--vkey",
      join(log("node-1"), "log.vkey"),
    ]);
    expect(stranger.text).toMatch(
      /not counted: \S+node-1, record \d+: it names a head that none of the keys that were given has signed/,
    );
    expect(stranger.code).toBe(1);

    cutLog(log("node-2"), 1);
    expect(await verify()).toMatchObject({
      code: 1,
      text: expect.stringMatching(
        new RegExp(
          `BROKEN: truncated, records 1 to ${size - 1}: the log ends after 1 records, and a head that was noted by another node's log speaks of ${size}`,
        ),
      ),
    });
    const alone = await runInProcess(folder.file("."), [
      "audit",
      "verify",
      log("node-2"),
      "--vkey",
      join(log("node-2"), "log.vkey"),
    ]);
    expect(alone).toMatchObject({ code: 2, text: expect.stringMatching(/^whole: 1 records/) });

    writeFileSync(join(log("node-2"), "checkpoints"), "");
    const hidden = join(log("node-2"), "log.vkey");
    const vkey = readFileSync(hidden);
    writeFileSync(hidden, readFileSync(join(log("node-1"), "log.vkey")));
    writeFileSync(folder.file("vkey"), vkey);
    expect((await verify("--vkey", folder.file("vkey"))).text).toMatch(
      /not there: the log bank\.example\/node-2, which the others have noted, is in none of these/,
    );
    writeFileSync(hidden, vkey);

    rmSync(join(log("node-2"), "lock"), { force: true });
    const anew = signedLog({ directory: log("node-2"), checkpointEvery: "1h" });
    opened.push(anew);
    for (let at = 0; at < size + 3; at++)
      anew.append({
        v: 1,
        at: "2026-01-01T00:00:00.000Z",
        type: "session_denied",
        app: "curfew",
        policy: "p",
      });
    await anew.close?.();
    expect(await verify()).toMatchObject({
      code: 1,
      text: expect.stringMatching(
        /BROKEN: forked, records \d+ to \d+: the head that was noted by another node's log, of \d+ records, is of another log/,
      ),
    });
  },
);

test.each(NAMES)(
  "on %s the last head of a node that was stopped is noted by whoever starts next",
  async (name) => {
    const store = await STORES[name]();
    const first = await node("node-1", store);
    await first.call("POST", "/sessions", { subject: "ann" });
    expect(await first.program.stop()).toBe(0);
    const second = await node("node-2", store);
    expect(await second.program.stop()).toBe(0);
    const size = linesOf(log("node-1")).length;
    expect(noted("node-2")).toMatchObject([{ origin: "bank.example/node-1", size }]);
    cutLog(log("node-1"), size - 1);
    expect((await verify()).text).toMatch(
      new RegExp(`BROKEN: truncated, record ${size - 1}|BROKEN: truncated, records ${size - 1} to`),
    );
  },
);

test("two directories are held against one file of a proof only by mistake", async () => {
  execFileSync("mkdir", ["-p", log("node-1")]);
  writeFileSync(folder.file("session.json"), "{}");
  const told = await runInProcess(folder.file("."), [
    "audit",
    "verify",
    log("node-1"),
    folder.file("session.json"),
    "--vkey",
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
  ]);
  expect(told).toMatchObject({
    code: 3,
    text: expect.stringMatching(/is no log's directory: a session's proof is verified alone/),
  });
});
