/** The outbox: an end and what must be told of it are one change in the store, and it is told at least once, in order. */
import { describe, expect, test } from "vitest";
import { endSession } from "../../src/server/lifecycle/settle.js";
import { sweep } from "../../src/server/lifecycle/sweeper.js";
import { deadLetters, replayDeadLetters } from "../../src/server/outbox/dead-letters.js";
import type { WebhookOptions } from "../../src/server/platform/webhook-options.js";
import type { OutboxMessage } from "../../src/server/record/outbox.js";
import { keepingOf } from "../../src/server/record/session.js";
import { allOf } from "../../src/server/subject/sessions.js";
import { openedNode } from "../server/support/opened-node.js";
import { MINUTE } from "../server/support/test-verifier.js";
import { paced } from "../timing.js";
import { atEnd, describeEveryStore, type EveryStore, liveRecord } from "./support/every-store.js";
import { killAtSteps } from "./support/outbox-kills.js";
import { startWebhookServer } from "./support/webhook-server.js";

const DAY = 24 * 60 * MINUTE;

/** A node whose sweeps the test makes by hand. */
async function nodeOn(every: EveryStore, webhook?: WebhookOptions) {
  const store = every.open();
  atEnd(() => store.close());
  const options = webhook === undefined ? {} : { webhook };
  const { context, trail: audit, log } = await openedNode({ store, ...options });
  return {
    context,
    audit,
    log,
    async end(sid: string, changes = {}) {
      await store.insert(liveRecord(every.clock.now(), sid, changes));
      await endSession(context, sid, "revoked");
    },
    async sweep() {
      await sweep(context);
      await context.outbox.settled();
    },
    outboxOf: async (sid: string) => (await store.find(sid))?.record.outbox,
  };
}

function message(every: EveryStore, id: string, changes: Partial<OutboxMessage> = {}): OutboxMessage {
  const now = every.clock.now();
  return { id, to: "webhook", since: now, attempts: 0, nextAt: now, ...changes };
}

describeEveryStore(paced(120_000), (open, outlives) => {
  test("holds what must be told from the moment of the end, and nothing once it was taken", async () => {
    const [every, hook] = [open(), await startWebhookServer()];
    const node = await nodeOn(every, hook.webhook);
    hook.answer = null;
    await node.end("a");
    // The call has come back, though the receiver says nothing.
    expect(await node.outboxOf("a")).toMatchObject([{ to: "webhook", attempts: 0 }]);
    hook.answer = { status: 204 };
    await node.end("b");
    await expect.poll(() => node.outboxOf("b")).toEqual([]);
    expect(hook.deliveries.map(({ sid }) => sid).sort()).toEqual(["a", "b"]);
  });

  test("is told by another node after a crash, and by one of two that sweep at once", async () => {
    const [every, hook] = [open(), await startWebhookServer()];
    const crashed = await nodeOn(every, hook.webhook);
    hook.answer = null;
    await crashed.end("a");
    await expect.poll(() => hook.deliveries.length).toBe(1);
    hook.answer = { status: 204 };
    const nodes = [await nodeOn(every, hook.webhook), await nodeOn(every, hook.webhook)];
    for (const node of nodes) await node.sweep();
    expect(hook.deliveries).toHaveLength(1);
    every.clock.advance(30_000);
    await Promise.all(nodes.map((node) => node.sweep()));
    expect(hook.deliveries).toHaveLength(2);
    expect(hook.deliveries[1]).toEqual(hook.deliveries[0]);
  });

  test("is tried again after 1, 2 and 4 s, and no sooner than the receiver asks for", async () => {
    const [every, hook] = [open(), await startWebhookServer()];
    const node = await nodeOn(every, hook.webhook);
    hook.answer = { status: 500 };
    await node.end("a");
    await node.context.outbox.settled();
    for (const [at, wait] of [1_000, 2_000, 4_000].entries()) {
      every.clock.advance(wait - 1);
      await node.sweep();
      expect(hook.deliveries).toHaveLength(at + 1);
      every.clock.advance(1);
      if (at === 2) hook.answer = { status: 503, retryAfter: "120" };
      await node.sweep();
      expect(hook.deliveries).toHaveLength(at + 2);
    }
    const [waiting] = (await node.outboxOf("a")) ?? [];
    expect(waiting).toMatchObject({ attempts: 4, failure: "the webhook answered 503" });
    expect(waiting?.nextAt).toBe(every.clock.now() + 120_000);
    // Nor is it told of others meanwhile.
    await node.end("b");
    every.clock.advance(119_999);
    await node.sweep();
    expect(hook.deliveries).toHaveLength(4);
    hook.answer = { status: 204 };
    every.clock.advance(1);
    await node.sweep();
    expect(await node.outboxOf("a")).toEqual([]);
    expect(await node.outboxOf("b")).toEqual([]);
  });

  test("keeps the order for a session: the second message waits for the first", async () => {
    const [every, hook] = [open(), await startWebhookServer()];
    const node = await nodeOn(every, hook.webhook);
    const now = every.clock.now();
    const outbox = [message(every, "first"), message(every, "second"), message(every, "third")];
    const ended = { reason: "idle", endedAt: now } as const;
    await node.context.store.insert(liveRecord(now, "a"));
    await node.context.store.replace(liveRecord(now, "a", { ended, outbox }), { revision: 0 });
    hook.answer = { status: 500 };
    await node.sweep();
    hook.answer = { status: 204 };
    every.clock.advance(999);
    await node.sweep();
    expect(hook.deliveries.map(({ id }) => id)).toEqual(["first"]);
    every.clock.advance(1);
    for (let sweeps = 0; sweeps < 3; sweeps++) await node.sweep();
    expect(hook.deliveries.map(({ id }) => id)).toEqual(["first", "first", "second", "third"]);
  });

  test("gives up after three days: a dead letter, told once, kept for 14 days, and put back by hand", async () => {
    const [every, hook] = [open(), await startWebhookServer()];
    const nodes = [await nodeOn(every, hook.webhook), await nodeOn(every, hook.webhook)];
    const [node] = nodes;
    hook.answer = { status: 500 };
    await node?.end("a");
    await node?.context.outbox.settled();
    every.clock.advance(3 * DAY);
    for (let sweeps = 0; sweeps < 2; sweeps++) await Promise.all(nodes.map((one) => one.sweep()));
    const records = nodes.flatMap(({ audit }) => audit.filter(({ type }) => type === "outbox_dead"));
    expect(records).toMatchObject([{ sid: "a", code: "webhook", count: 2 }]);
    const context = node?.context;
    if (context === undefined) throw new Error("there is no node");
    const letters = await allOf(deadLetters(context));
    expect(letters).toMatchObject([
      {
        to: "webhook",
        sid: "a",
        subject: "ann",
        reason: "revoked",
        attempts: 2,
        failure: "the webhook answered 500",
      },
    ]);
    every.clock.advance(14 * DAY - 1);
    await context.store.purge();
    expect(await replayDeadLetters(context, "another")).toBe(0);
    expect(await replayDeadLetters(context, letters[0]?.id)).toBe(1);
    hook.answer = { status: 204 };
    await node?.sweep();
    expect(hook.deliveries).toHaveLength(3);
    expect(await allOf(deadLetters(context))).toEqual([]);
  });

  test("says once that a receiver is down, once what to do about dead letters, and once that it is well again", async () => {
    const [every, hook] = [open(), await startWebhookServer()];
    const node = await nodeOn(every, hook.webhook);
    hook.answer = { status: 500 };
    for (const sid of ["a", "b", "c"]) await node.end(sid);
    await node.context.outbox.settled();
    every.clock.advance(3 * DAY);
    await node.sweep();
    hook.answer = { status: 204 };
    await node.end("d");
    await node.context.outbox.settled();
    expect(node.log.filter((line) => line.includes("webhook"))).toEqual([
      expect.stringMatching(
        /the webhook answered 500: an end waits to be told, and is tried again for 3 days$/,
      ),
      expect.stringMatching(
        /the webhook was not told of the end of session [abc], .* run `curfew outbox replay`/,
      ),
      "curfew: the webhook takes what it is told again",
    ]);
    expect(node.audit.filter(({ type }) => type === "outbox_dead")).toHaveLength(3);
  });

  test("leaves a message to a node that can tell it", async () => {
    const [every, hook] = [open(), await startWebhookServer()];
    const teller = await nodeOn(every, hook.webhook);
    const mute = await nodeOn(every);
    hook.answer = null;
    await teller.end("a");
    await expect.poll(() => hook.deliveries.length).toBe(1);
    hook.answer = { status: 204 };
    every.clock.advance(30_000);
    await mute.sweep();
    expect(await mute.outboxOf("a")).toMatchObject([{ attempts: 0, nextAt: every.clock.now() + 60_000 }]);
    every.clock.advance(60_000);
    await teller.sweep();
    expect(hook.deliveries).toHaveLength(2);
  });

  test("tells by the webhook what a release before has written down for it", async () => {
    const [every, hook] = [open(), await startWebhookServer()];
    const node = await nodeOn(every, hook.webhook);
    const now = every.clock.now();
    await node.context.store.insert(liveRecord(now, "a"));
    const ended = { reason: "idle", endedAt: now } as const;
    const notice = { attempts: 3, nextAt: now + 1_000 };
    await node.context.store.replace(liveRecord(now, "a", { ended, notice }), { revision: 0 });
    await node.sweep();
    expect(hook.deliveries).toEqual([]);
    every.clock.advance(1_000);
    await node.sweep();
    expect(hook.deliveries.map(({ sid }) => sid)).toEqual(["a"]);
    expect((await node.context.store.find("a"))?.record).toMatchObject({ notice: null, outbox: [] });
  });

  if (!outlives) return;

  test("a kill -9 at any step of an end loses none, and keeps the order", async () => {
    const every = open();
    await every.node();
    const killed = await killAtSteps({
      reach: every.reach,
      open: every.open,
      clock: every.clock,
      steps: [4, 6, 7, 12],
      atATime: 2,
    });
    expect(killed).toMatchObject({ kills: 4, lost: [], outOfOrder: [] });
    expect(killed.ends).toBeGreaterThan(0);
  });
});

describe("a record with an outbox", () => {
  const now = 1_800_000_000_000;
  const ended = { reason: "idle", endedAt: now } as const;
  const base = keepingOf(liveRecord(now, "a", { ended }));

  test.each<[string, readonly Partial<OutboxMessage>[], number | null, number]>([
    ["nothing left", [], null, base.purgeAt],
    ["one to be told", [{ nextAt: now + 5 }], now + 5, base.purgeAt],
    [
      "two for one receiver: the first counts",
      [{ nextAt: now + 9 }, { nextAt: now + 5 }],
      now + 9,
      base.purgeAt,
    ],
    ["two receivers", [{ nextAt: now + 9 }, { nextAt: now + 5, to: "provider" }], now + 5, base.purgeAt],
    [
      "a dead letter before one that lives",
      [{ deadAt: now, failure: "it answered 500" }, { nextAt: now + 7 }],
      now + 7,
      now + 14 * DAY,
    ],
    ["a try that is late", [{ nextAt: now + 3 * DAY }], now + 3 * DAY, now + 17 * DAY],
    ["a try that failed", [{ failure: "it answered 500", nextAt: now + 5 }], now + 5, now + 5 + 14 * DAY],
  ])("with %s is due then, and kept as long as it must be", (_name, changes, dueAt, purgeAt) => {
    const outbox = changes.map(
      (change, at) =>
        ({ id: `${at}`, to: "webhook", since: now, attempts: 0, nextAt: now, ...change }) as const,
    );
    expect(keepingOf(liveRecord(now, "a", { ended, outbox }))).toEqual({ dueAt, purgeAt });
  });
});
