import { describe, expect, test } from "vitest";
import type { AuditRecord } from "../../src/server/audit/audit-record.js";
import { createAuditTrail } from "../../src/server/audit/audit-trail.js";
import { createNodes } from "../../src/server/nodes/nodes.js";
import { policyDocument, readPolicy } from "../../src/server/policy/policy.js";
import type { PolicyOptions } from "../../src/server/policy/policy.types.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import { holdRecord } from "./support/audit-schema.js";
import { createTestClock } from "./support/test-clock.js";
import { SILENT } from "./support/test-verifier.js";

const SECOND = 1_000;
const POLICY = { idle: "15m", absolute: "12h" };
const STRICTER = { idle: "10m", absolute: "12h" };
const COMPARE = 10 * SECOND;

/** A store that several nodes share, on a hand-moved clock; each node looks every 10 s from its own start on. */
function fleet() {
  const clock = createTestClock();
  const beginning = clock.now();
  const store = memoryStore({ clock });
  const trail: AuditRecord[] = [];
  const log: string[] = [];
  const nodes: { readonly startedAt: number; readonly node: ReturnType<typeof createNodes> }[] = [];
  let isAway = false;
  const reached = {
    ...store,
    findSubject: (app: string, subject: string) =>
      isAway ? Promise.reject(new Error("away")) : store.findSubject(app, subject),
  };
  return {
    clock,
    trail,
    log,
    seconds: () => (clock.now() - beginning) / SECOND,
    away(value: boolean) {
      isAway = value;
    },
    async start(options: PolicyOptions, deployment = "one") {
      const policy = readPolicy(options);
      const logger = {
        ...SILENT,
        warn: (line: string) => log.push(line),
        info: (line: string) => log.push(line),
      };
      const sinks = [{ write: holdRecord }, { write: (record: AuditRecord) => void trail.push(record) }];
      const audit = createAuditTrail({ app: "bank", policy, sinks, onEvent: undefined, secret: "s", logger });
      const deploymentHash = deployment.padEnd(43, "_");
      const node = createNodes({
        app: "bank",
        policy,
        document: policyDocument(policy),
        deployment: deploymentHash,
        store: reached,
        audit,
        logger,
      });
      nodes.push({ startedAt: clock.now(), node });
      await node.tend();
      return node;
    },
    kill(node: unknown) {
      nodes.splice(
        nodes.findIndex((one) => one.node === node),
        1,
      );
    },
    async pass(seconds: number) {
      for (let second = 0; second < seconds; second++) {
        clock.advance(SECOND);
        for (const { startedAt, node } of nodes)
          if ((clock.now() - startedAt) % COMPARE === 0) await node.tend().catch(() => {});
      }
    },
    types: () => trail.map(({ type }) => type),
  };
}

describe("nodes that share a store", () => {
  test("that run the same are equal, since the youngest is there", async () => {
    const { start, pass, clock, types } = fleet();
    const first = await start(POLICY);
    await pass(45);
    const second = await start(POLICY);
    await pass(600);
    const { drift, nodes } = await first.state();
    expect(drift).toEqual({ status: "equal", since: clock.now() - 600 * SECOND, in: [] });
    expect(nodes).toHaveLength(2);
    expect((await second.state()).nodes.map(({ node }) => node).sort()).toEqual(
      nodes.map(({ node }) => node).sort(),
    );
    expect(types()).toEqual([]);
  });

  test.each(Array.from({ length: 30 }, (_, phase) => phase))(
    "one with another policy is told of within 90 s, and not within 60 s, begun %i s after the other's look",
    async (phase) => {
      const { start, pass, trail, log } = fleet();
      const first = await start(POLICY);
      await pass(120 + phase);
      await start(STRICTER);
      await pass(60);
      expect(trail.map(({ type }) => type)).toEqual(["policy_changed"]);
      expect((await first.state()).drift).toMatchObject({ status: "differs", in: ["policy"] });
      await pass(30);
      const drifts = trail.filter(({ type }) => type === "policy_drift");
      expect(drifts).toHaveLength(1);
      expect(drifts[0]).toMatchObject({ code: "policy" });
      expect(drifts[0]?.holds).not.toBe(drifts[0]?.policy);
      await pass(10);
      const lines = log.filter((line) => line.includes("have had different policies"));
      expect(lines).toHaveLength(2);
      expect(lines[0]).toContain("restart the nodes that still have the old policy");
    },
  );

  test("differ once in the trail until it is mended, and again after that", async () => {
    const { start, pass, kill, types, log } = fleet();
    await start(POLICY);
    const other = await start(STRICTER);
    const drifts = () => types().filter((type) => type === "policy_drift").length;
    await pass(3_600);
    expect(drifts()).toBe(1);
    await other.leave();
    kill(other);
    await pass(30);
    expect(log.at(-1)).toBe("curfew: the nodes of bank have the same policy again");
    await start(STRICTER);
    await pass(90);
    expect(drifts()).toBe(2);
  });

  test("that are rolled out one after the other in under a minute raise nothing, though the old ones are killed", async () => {
    const { start, pass, kill, types } = fleet();
    const old = [await start(POLICY), await start(POLICY), await start(POLICY)];
    await pass(300);
    for (const node of old) {
      await start(STRICTER);
      await pass(18);
      kill(node);
    }
    await pass(600);
    expect(types()).toEqual(["policy_changed"]);
  });

  test("differ in the deployment as in the policy", async () => {
    const { start, pass, trail } = fleet();
    const first = await start(POLICY, "one");
    await start(POLICY, "two");
    await pass(90);
    expect(trail).toMatchObject([{ type: "policy_drift", code: "deployment" }]);
    expect((await first.state()).drift).toMatchObject({ status: "differs", in: ["deployment"] });
  });

  test("are unknown while the store is away, since they were known last, and never equal", async () => {
    const { start, pass, away, clock } = fleet();
    const node = await start(POLICY);
    await pass(30);
    const knownAt = clock.now();
    expect((await node.state()).drift.status).toBe("equal");
    away(true);
    await pass(120);
    expect(await node.state()).toEqual({ drift: { status: "unknown", since: knownAt, in: [] }, nodes: [] });
    away(false);
    expect((await node.state()).drift.status).toBe("equal");
  });

  test("are forgotten when they were not seen for ten minutes, and gone at once when they leave", async () => {
    const { start, pass, kill } = fleet();
    const [first, killed, left] = [await start(POLICY), await start(POLICY), await start(POLICY)];
    kill(killed);
    await left.leave();
    kill(left);
    expect((await first.state()).nodes).toHaveLength(2);
    await pass(90);
    expect((await first.state()).nodes).toHaveLength(1);
  });
});

describe("a process that starts with another policy than was in force last", () => {
  test.each([
    ["stricter", POLICY, STRICTER, false],
    ["looser", STRICTER, POLICY, true],
  ] as const)("says that it is %s", async (_how, before, after, looser) => {
    const { start, trail } = fleet();
    await (await start(before)).leave();
    await start(after);
    const [from, to] = [readPolicy(before).fingerprint, readPolicy(after).fingerprint];
    expect(trail).toMatchObject([{ type: "policy_changed", fromPolicy: from, toPolicy: to, looser }]);
    await start(after);
    expect(trail).toHaveLength(1);
  });

  test("says so also where the store was away when it started, and years later", async () => {
    const { start, away, clock, trail } = fleet();
    await (await start(POLICY)).leave();
    clock.advance(5 * 365 * 24 * 3_600 * SECOND);
    away(true);
    await expect(start(STRICTER)).rejects.toThrow("away");
    away(false);
    await start(STRICTER);
    expect(trail).toMatchObject([{ type: "policy_changed", looser: false }]);
  });
});
