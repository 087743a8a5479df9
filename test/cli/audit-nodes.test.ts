/** A session that several nodes had, one after the other: its records stand in the logs of all of them. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { verifySession } from "../../src/evidence/verify.js";
import { contentsOf } from "../../src/server/audit/log/directory.js";
import { signedLog } from "../../src/server/audit/log/signed-log.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import { allOf } from "../../src/server/subject/sessions.js";
import { TestBrowser } from "../server/support/test-browser.js";
import { createTestClock } from "../server/support/test-clock.js";
import { createTestVerifier, MINUTE } from "../server/support/test-verifier.js";
import { runInProcess } from "./support/command.js";
import { temporaryFolder } from "./support/program.js";

const NODES = ["node-1", "node-2", "node-3"] as const;

/** One session that each request brings to another node; each node has a log of its own, and all share a store. */
async function movedSession() {
  const folder = temporaryFolder();
  onTestFinished(() => folder.remove());
  const clock = createTestClock();
  const store = memoryStore({ clock });
  const nodes = NODES.map((name) => {
    const audit = signedLog({ directory: folder.file(name), origin: `bank.example/${name}` });
    return createTestVerifier({ store, audit }).sessions;
  });
  const first = await TestBrowser.signedIn(nodes[0] ?? fail());
  await TestBrowser.signedIn(nodes[1] ?? fail(), { subject: "bob" });
  const at = (node: number) =>
    Object.assign(new TestBrowser(nodes[node] ?? fail(), first.key), {
      cookie: first.cookie,
      status: first.status,
    });
  for (const node of [2, 1, 1, 0, 2, 0, 1, 2]) {
    clock.advance(MINUTE);
    const browser = at(node);
    await browser.beat(clock.now());
    first.status = browser.status;
  }
  clock.advance(16 * MINUTE);
  await at(0).ask();
  for (const node of nodes) await node.close();
  const sid = first.live.sid;
  return { folder, sid, directories: NODES.map((name) => folder.file(name)) };
}

function fail(): never {
  throw new Error("no such node");
}

const recordsOf = async (directory: string): Promise<readonly unknown[]> =>
  (await allOf(contentsOf(directory).entries)).map((entry) =>
    "line" in entry ? JSON.parse(new TextDecoder().decode(entry.line)) : null,
  );

/** Each order in which somebody may name three logs. */
const ORDERS = [
  [0, 1, 2],
  [2, 1, 0],
  [1, 2, 0],
] as const;

test.each(ORDERS)(
  "the logs of three nodes, named as %i, %i, %i, prove one session together",
  async (...order) => {
    const { folder, sid, directories } = await movedSession();
    const named = order.map((at) => directories[at] ?? fail());
    const run = (...args: readonly string[]) => runInProcess(folder.file("."), ["audit", ...args]);
    const proof = folder.file("session.json");
    const heads = named.flatMap((directory, at) => {
      const head = folder.file(`head-${at}`);
      writeFileSync(head, lastNoteOf(directory));
      return ["--head", head];
    });
    expect(await run("session", ...named, sid, "--out", proof, ...heads)).toMatchObject({
      code: 0,
      text: "",
    });
    const keys = named.flatMap((directory) => ["--vkey", join(directory, "log.vkey")]);
    const verified = await run("verify", proof, ...keys, ...heads);
    expect(verified).toMatchObject({ code: 0 });
    expect(verified.text).toMatch(
      /^proven: \d+ records of the session \S+ and its policy are in 3 logs: bank\.example/,
    );
    expect(verified.text).toMatch(
      /\nreplayed: it ended at \S+ \(idle\), as its policy says; the browser signed 9 of its 11/,
    );
    expect((await run("verify", proof, ...keys.slice(2), ...heads)).code).toBe(1);
  },
);

function lastNoteOf(directory: string): string {
  const notes = readNotes(directory);
  return notes.at(-1) ?? "";
}

function readNotes(directory: string): readonly string[] {
  return readFileSync(join(directory, "checkpoints"), "utf8").split(/(?<=\n— .*\n)/u);
}

test("a session replays from the trails of its nodes, and not from those of some", async () => {
  const { sid, directories } = await movedSession();
  const trails = await Promise.all(directories.map(recordsOf));
  for (const order of ORDERS)
    expect(
      await verifySession(
        order.map((at) => trails[at] ?? []),
        sid,
      ),
    ).toMatchObject({
      verdict: "whole",
      end: { reason: "idle" },
    });
  const [first = [], second = []] = trails;
  expect(await verifySession([first, second], sid)).toMatchObject({
    verdict: "broken",
    fault: { kind: "missing" },
  });
  expect((await verifySession(trails.flat(), sid)).verdict).toBe("broken");
});

test("what one node's log has in another order than it happened is still found", async () => {
  const { sid, directories } = await movedSession();
  const [first = [], ...others] = await Promise.all(directories.map(recordsOf));
  const swapped = first.toSorted((a, b) => Number(Object(b).change ?? 0) - Number(Object(a).change ?? 0));
  expect(await verifySession([swapped, ...others], sid)).toMatchObject({ verdict: "broken" });
});

test("a session's id that begins with a hyphen is no option", async () => {
  const { folder, directories } = await movedSession();
  for (const sid of ["-VlAnF9cTeD2hS0qk3rXyw", "--helpF9cTeD2hS0qk3rXy"])
    expect(
      await runInProcess(folder.file("."), ["audit", "session", ...directories, sid, "--out", "nowhere"]),
    ).toMatchObject({ code: 1, text: expect.stringContaining(`is of the session ${sid}`) });
});

test("what is typed without a session's id, or with one that no log has, is told", async () => {
  const { folder, directories } = await movedSession();
  const run = (...args: readonly string[]) => runInProcess(folder.file("."), ["audit", "session", ...args]);
  expect(await run(directories[0] ?? fail())).toMatchObject({
    code: 1,
    text: expect.stringMatching(/takes a log's directory, or those of several nodes, and then the session's/),
  });
  expect(await run(...directories, "nobody")).toMatchObject({
    code: 1,
    text: expect.stringMatching(
      /no signed record of the logs ".*node-1", ".*node-3" is of the session nobody/,
    ),
  });
});
