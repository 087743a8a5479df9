import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import type { AuditRecord } from "../../src/server/audit/audit-record.js";
import { MINUTE } from "../server/support/test-verifier.js";
import { paced } from "../timing.js";
import { describeEveryStore } from "./support/every-store.js";

const PATIENCE = paced(60_000);
const policyOf = (idle: string) => ({ idle, absolute: "12h", warning: "2m" });

interface Answer {
  readonly told: readonly string[];
  readonly status: string;
  readonly nodes: number;
}

async function processOn(reach: readonly string[], idle: string) {
  const script = fileURLToPath(new URL("./support/comparing-process.ts", import.meta.url));
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(
    process.execPath,
    ["--import", "tsx", script, idle, ...reach],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async () => JSON.parse(String((await lines.next()).value)) as Answer;
  const started = await next();
  return {
    started,
    pass(milliseconds: number) {
      child.stdin.write(`${milliseconds}\n`);
      return next();
    },
    kill: () => child.kill("SIGKILL"),
  };
}

describeEveryStore(PATIENCE, (open, outlives) => {
  test("each node sees what the others run, as long as they are there", async () => {
    const store = open();
    const first = await store.node({ policy: policyOf("15m") });
    const same = await store.node({ policy: policyOf("15m") });
    expect(await first.sessions.health()).toMatchObject({ status: "ok", drift: { status: "equal" } });
    const trail: AuditRecord[] = [];
    const other = await store.node({ policy: policyOf("20m"), onEvent: (record) => trail.push(record) });
    const { drift, nodes } = await first.sessions.health();
    expect(drift).toMatchObject({ status: "differs", in: ["policy"] });
    expect(nodes).toHaveLength(3);
    expect(new Set(nodes.map(({ fingerprint }) => fingerprint)).size).toBe(2);
    expect(new Set(nodes.map(({ node }) => node)).size).toBe(3);
    expect(trail.map(({ type, looser }) => [type, looser])).toEqual([
      ["policy_in_force", undefined],
      ["policy_changed", true],
    ]);
    await other.sessions.close();
    expect((await same.sessions.health()).drift.status).toBe("equal");
  });

  test("a node that asks other origins in is another deployment; the same ones in another order are not", async () => {
    const store = open();
    const origins = ["https://a.example", "https://b.example"];
    const first = await store.node({ origins });
    await store.node({ origins: [...origins].reverse() });
    expect((await first.sessions.health()).drift.status).toBe("equal");
    await store.node({ origins: origins.slice(1) });
    expect((await first.sessions.health()).drift).toMatchObject({ status: "differs", in: ["deployment"] });
  });

  if (!outlives) return;

  test("of two processes with different policies one tells the trail, between 60 and 90 s", async () => {
    const { reach, open: makeThere } = open();
    // PostgreSQL's tables are there once a first node has asked.
    await makeThere().check?.();
    const first = await processOn(reach, "15m");
    const other = await processOn(reach, "10m");
    expect(other.started).toEqual({
      told: ["policy_in_force", "policy_changed"],
      status: "differs",
      nodes: 2,
    });
    const drifts = async (milliseconds: number) => {
      const answers = [await first.pass(milliseconds), await other.pass(milliseconds)];
      return answers.flatMap(({ told }) => told).filter((type) => type === "policy_drift").length;
    };
    for (let look = 0; look < 6; look++) expect(await drifts(10_000)).toBe(0);
    for (let look = 0; look < 3; look++) await drifts(10_000);
    expect(await drifts(0)).toBe(1);
    other.kill();
    expect((await first.pass(2 * MINUTE)).status).toBe("equal");
  });
});
