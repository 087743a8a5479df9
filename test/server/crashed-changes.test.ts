/** A node that is killed between the store's write and the record of it: no end is lost, and no honest trail is called broken. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { readVerifierKey, verifySession, verifySessionProof } from "../../src/evidence/index.js";
import { verifyLogWith } from "../../src/evidence/verify-log.js";
import { verifySessionWith } from "../../src/evidence/verify-session.js";
import { contentsOf } from "../../src/server/audit/log/directory.js";
import { proveSession } from "../../src/server/audit/log/session-proof.js";
import { signedLog } from "../../src/server/audit/log/signed-log.js";
import { nodeReplayTools, nodeTools } from "../../src/server/platform/log-tools.js";
import type { SessionRecord } from "../../src/server/record/session.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import { sqliteStore } from "../../src/server/stores/sqlite/store.js";
import type { SessionStore } from "../../src/server/stores/store.js";
import { runInProcess } from "../cli/support/command.js";
import { paced } from "../timing.js";
import { crashingNodes, lastHeadOf, timeOf } from "./support/crashing-nodes.js";
import { TestBrowser } from "./support/test-browser.js";
import { createTestClock } from "./support/test-clock.js";
import { createTestVerifier, MINUTE } from "./support/test-verifier.js";

/** More by hand: `CURFEW_CRASHES=1000`. */
const CRASHES = Number(process.env.CURFEW_CRASHES ?? 16);
/** The log is checked as it lies after each of the first crashes, and after some of the later ones. */
const isChecked = (turn: number) => turn < 24 || turn % 20 === 0;

/** For whoever waits for many. */
const tell = (figures: object) => {
  if (process.env.CURFEW_CRASHES !== undefined) process.stderr.write(`${JSON.stringify(figures)}\n`);
};

type Line = Readonly<Record<string, unknown>>;
const END = /^session_(?:expired|logout|revoked|replaced)$/;

/** A node that lives on lets time pass, until each session has ended and its end is told. */
async function endAll(folder: string, directory: string, at: number): Promise<readonly SessionRecord[]> {
  const clock = createTestClock(at);
  const store = sqliteStore(join(folder, "sessions.db"), { clock, durability: "relaxed" });
  const { sessions } = createTestVerifier({ store, audit: signedLog({ directory }) });
  await sessions.ready();
  clock.advance(13 * 60 * MINUTE);
  const kept = async () => {
    const records = [];
    for await (const record of store.all("curfew")) records.push(record);
    return records;
  };
  await vi.waitFor(
    async () => {
      const open = (await kept()).filter(({ ended, unrecorded }) => ended === null || unrecorded !== null);
      expect(open).toEqual([]);
    },
    { timeout: paced(90_000), interval: 200 },
  );
  const ended = await kept();
  await sessions.close();
  return ended;
}

/** What of a trail concerns one session: its own records, each start, and what stands before a start. */
function stretchesOf(trail: readonly Line[]): (sid: string) => readonly Line[] {
  const own = new Map<string, number[]>();
  const starts = new Set<number>();
  for (const [at, { sid, type }] of trail.entries()) {
    if (typeof sid === "string") own.set(sid, [...(own.get(sid) ?? []), at]);
    if (type !== "policy_in_force") continue;
    // What the log itself tells of a killed process stands between the two.
    for (const before of [3, 2, 1, 0]) starts.add(Math.max(0, at - before));
  }
  return (sid) =>
    [...new Set([...starts, ...(own.get(sid) ?? [])])]
      .sort((a, b) => a - b)
      .flatMap((at): readonly Line[] => (trail[at] === undefined ? [] : [trail[at]]));
}

test("killed with SIGKILL at many steps: each end has its record, the log is whole, and no session is called broken", {
  timeout: paced(60_000 + CRASHES * 5_000),
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), "curfew-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const nodes = crashingNodes(folder);
  const { directory, tally } = nodes;
  const vkey = join(directory, "log.vkey");
  const heads: string[] = [];
  const trust = () => ({ keys: [readVerifierKey(readFileSync(vkey, "utf8"))], witnesses: [], heads });
  for (let turn = 0; turn < CRASHES; turn++) {
    await nodes.run(turn);
    if (turn % 100 === 99) tell({ ...tally, turn });
    if (!isChecked(turn) || !existsSync(vkey)) continue;
    // As an auditor may find it: with what the killed process had begun.
    expect(await verifyLogWith(nodeTools, contentsOf(directory), trust())).toMatchObject({ fault: null });
    heads.push(...(await lastHeadOf(directory)));
  }
  expect(tally.killed).toBeGreaterThan(CRASHES / 2);
  const ended = await endAll(folder, directory, timeOf(CRASHES));

  const kept = join(folder, "kept-head");
  writeFileSync(kept, (await lastHeadOf(directory)).join(""));
  const verify = ["audit", "verify", directory, "--vkey", vkey, "--head", kept];
  expect(await runInProcess(folder, verify)).toMatchObject({ code: 0 });
  expect(await verifyLogWith(nodeTools, contentsOf(directory), trust())).toMatchObject({
    fault: null,
    pruned: tally.pruned,
  });
  // What was pruned is still what was signed.
  nodes.restore();
  expect(await runInProcess(folder, verify)).toMatchObject({ code: 0 });

  const trail = nodes.trail();
  expect(trail.map(({ seq }) => seq)).toEqual(trail.map((_, at) => at));
  const told = new Set(trail.flatMap(({ sid, heartbeat }) => [sid, heartbeat]));
  expect(nodes.acknowledged().filter((one) => !told.has(one))).toEqual([]);

  const ends = new Map(ended.map(({ sid, ended: end }) => [sid, end]));
  const sids = new Set([
    ...ends.keys(),
    ...trail.flatMap(({ sid }) => (sid === undefined ? [] : [String(sid)])),
  ]);
  const [stretchOf, verdicts, interrupted] = [
    stretchesOf(trail),
    {} as Record<string, number>,
    [] as string[],
  ];
  for (const sid of sids) {
    const stretch = stretchOf(sid);
    const { verdict, fault, end, lost } = await verifySessionWith(stretch, sid, nodeReplayTools());
    expect([sid, verdict, fault]).toEqual([sid, expect.stringMatching(/^(?:whole|interrupted)$/), null]);
    verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
    if (lost.length > 0) interrupted.push(sid);
    const kept = ends.get(sid);
    if (kept) expect(end).toEqual({ reason: kept.reason, endedAt: kept.endedAt });
    const written = stretch.filter((record) => record.sid === sid && END.test(String(record.type)));
    const late = written.filter((record) => record.late);
    expect([sid, written.length > 0, written.length - 1 <= late.length]).toEqual([sid, true, true]);
  }
  expect(ended.length).toBeGreaterThan(0);
  for (const sid of [...interrupted.slice(0, 5), ...[...sids].slice(-5)]) {
    expect(await verifySession(trail, sid)).toMatchObject({ fault: null });
    const proof = JSON.stringify(await proveSession(directory, sid));
    expect(await verifySessionProof(proof, trust())).toMatchObject({
      status: "proven",
      replay: { fault: null },
    });
  }
  tell({ ...tally, records: trail.length, sessions: sids.size, ...verdicts });
});

/** A store whose next write of an end takes effect and says so too late, or never. */
function lateStore(store: SessionStore) {
  const state = { isLate: false };
  const slow: SessionStore = {
    ...store,
    async replace(record, expected) {
      const answer = await store.replace(record, expected);
      if (!state.isLate || record.ended === null) return answer;
      state.isLate = false;
      return await new Promise(() => {});
    },
  };
  return { slow, state };
}

test("an end whose answer came too late for the request is written once, by whoever sweeps, as it was", async () => {
  const clock = createTestClock();
  const { slow, state } = lateStore(memoryStore({ clock }));
  const { sessions, audit } = createTestVerifier({ store: slow });
  const browser = await TestBrowser.signedIn(sessions);
  const endedAt = new Date(clock.now()).toISOString();
  state.isLate = true;
  await expect(sessions.end(browser.live.sid, "revoked", { actor: "admin-7", note: "n" })).rejects.toThrow(
    "did not answer in time",
  );
  const ends = () => audit.filter(({ type }) => END.test(type));
  expect(ends()).toEqual([]);
  clock.advance(10_000);
  await vi.waitFor(() => expect(ends()).toHaveLength(1), { timeout: paced(10_000) });
  expect(ends()[0]).toMatchObject({
    type: "session_revoked",
    at: endedAt,
    endedAt,
    change: 3,
    actor: "admin-7",
    note: "n",
    late: true,
  });
  clock.advance(60_000);
  await sessions.close();
  expect(ends()).toHaveLength(1);
});

test("an end that was told is told by nobody again, and the store keeps neither who acted nor why", async () => {
  const clock = createTestClock();
  const store = memoryStore({ clock });
  const one = createTestVerifier({ store });
  const nodes = [one, createTestVerifier({ store })];
  const browser = await TestBrowser.signedIn(one.sessions);
  await one.sessions.end(browser.live.sid, "revoked", { actor: "admin-7" });
  await vi.waitFor(async () => expect((await store.find(browser.live.sid))?.record.unrecorded).toBeNull());
  clock.advance(60_000);
  for (const { sessions } of nodes) await sessions.close();
  const ends = nodes.flatMap(({ audit }) => audit.filter(({ type }) => END.test(type)));
  expect(ends).toHaveLength(1);
  expect(ends[0]).not.toHaveProperty("late");
});
