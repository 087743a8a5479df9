/** Alerts to a webhook: what is raised on one node waits in the store, and is told at least once, whichever node is killed. */
import { expect, test } from "vitest";
import { createTestKey, TestBrowser } from "../server/support/test-browser.js";
import { MINUTE } from "../server/support/test-verifier.js";
import { paced } from "../timing.js";
import { killAlertsAtSteps } from "./support/alert-kills.js";
import { alertingNode } from "./support/alerting-node.js";
import { describeEveryStore } from "./support/every-store.js";
import { startWebhookServer } from "./support/webhook-server.js";

const DAY = 24 * 60 * MINUTE;
const MOST_WAITING = 200;

const byText = (a: string, b: string) => (a < b ? -1 : 1);
const inOrder = (posts: readonly { readonly sid: string }[]) => posts.map(({ sid }) => sid).toSorted(byText);

describeEveryStore(paced(120_000), (open, outlives) => {
  test("an alert is posted once, as the trail has it, and nothing waits after that", async () => {
    const [every, hook] = [open(), await startWebhookServer()];
    const node = await alertingNode(every, hook.webhook);
    node.forge("a");
    await expect.poll(() => hook.deliveries.length).toBe(1);
    const [raised] = node.ofType("alert_raised");
    expect(hook.deliveries[0]).toEqual({
      type: "alert-raised",
      id: expect.stringMatching(/^[\w-]{22}$/),
      app: "curfew",
      rule: "forged",
      severity: "error",
      at: every.clock.now(),
      since: every.clock.now(),
      count: 1,
      because: "heartbeat_refused: signature",
      evidence: [],
      seq: null,
      sid: "a",
      pseudonym: raised?.subject,
    });
    expect(hook.areSigned).toEqual([true]);
    await expect.poll(node.waiting).toEqual([]);
    await node.tend();
    expect(hook.deliveries).toHaveLength(1);
  });

  test("an alert of a node that is gone is told by one of two others, under the same id, once its lease is over", async () => {
    const [every, hook] = [open(), await startWebhookServer()];
    const gone = await alertingNode(every, hook.webhook);
    hook.answer = null;
    gone.forge("a");
    await expect.poll(() => hook.deliveries.length).toBe(1);
    hook.answer = { status: 204 };
    const nodes = [await alertingNode(every, hook.webhook), await alertingNode(every, hook.webhook)];
    every.clock.advance(29_999);
    await Promise.all(nodes.map((node) => node.tend()));
    expect(hook.deliveries).toHaveLength(1);
    every.clock.advance(1);
    await Promise.all(nodes.map((node) => node.tend()));
    expect(hook.deliveries).toHaveLength(2);
    expect(hook.deliveries[1]).toEqual(hook.deliveries[0]);
    expect(await gone.waiting()).toEqual([]);
  });

  test("two nodes that raise and tell at the same time tell each alert once", async () => {
    const [every, hook] = [open(), await startWebhookServer()];
    const nodes = [await alertingNode(every, hook.webhook), await alertingNode(every, hook.webhook)];
    const sids = Array.from({ length: 30 }, (_, at) => `s${at}`);
    for (const [at, node] of nodes.entries()) node.forge(...sids.filter((_, of) => of % 2 === at));
    await expect
      .poll(async () => {
        await Promise.all(nodes.map((node) => node.tend()));
        return hook.deliveries.length;
      })
      .toBe(sids.length);
    await expect.poll(async () => nodes[0]?.waiting()).toEqual([]);
    expect(inOrder(hook.deliveries)).toEqual(sids.toSorted(byText));
  });

  test("is tried again after 1, 2 and 4 s, no sooner than the receiver asks for, and the log says so once", async () => {
    const [every, hook] = [open(), await startWebhookServer()];
    const node = await alertingNode(every, hook.webhook);
    hook.answer = { status: 500 };
    node.forge("a");
    await expect.poll(async () => (await node.waiting())[0]?.attempts).toBe(1);
    for (const [at, wait] of [1_000, 2_000, 4_000].entries()) {
      every.clock.advance(wait - 1);
      await node.tend();
      expect(hook.deliveries).toHaveLength(at + 1);
      every.clock.advance(1);
      if (at === 2) hook.answer = { status: 503, retryAfter: "120" };
      await node.tend();
      expect(hook.deliveries).toHaveLength(at + 2);
    }
    // Nor is it told of others meanwhile.
    node.forge("b");
    await expect.poll(async () => (await node.waiting()).length).toBe(2);
    hook.answer = { status: 204 };
    every.clock.advance(119_999);
    await node.tend();
    expect(hook.deliveries).toHaveLength(4);
    every.clock.advance(1);
    await node.tend();
    expect(hook.deliveries.slice(4).map(({ sid }) => sid)).toEqual(["a", "b"]);
    expect(await node.waiting()).toEqual([]);
    expect(node.log.filter((line) => line.includes("webhook"))).toEqual([
      "curfew: the webhook of the alerts answered 500: an alert waits to be told, and is tried again for 3 days",
      "curfew: the webhook of the alerts takes what it is told again",
    ]);
  });

  test("more than the store keeps: the oldest are told no more, the log says so once, and the trail names each", async () => {
    const [every, hook] = [open(), await startWebhookServer()];
    const node = await alertingNode(every, hook.webhook);
    hook.answer = { status: 503, retryAfter: "3600" };
    node.forge("first");
    await expect.poll(async () => (await node.waiting())[0]?.attempts).toBe(1);
    const sids = Array.from({ length: MOST_WAITING + 4 }, (_, at) => `s${at}`);
    node.forge(...sids);
    await expect.poll(() => node.ofType("alert_raised").length).toBe(sids.length + 1);
    const left = (await node.waiting()).map(({ of }) => of?.sid);
    expect(left).toEqual(sids.slice(4));
    const dead = node.ofType("outbox_dead").map(({ sid, code, rule }) => `${sid} ${code} ${rule}`);
    const oldest = ["first", ...sids.slice(0, 4)].map((sid) => `${sid} alert forged`);
    expect(dead.toSorted(byText)).toEqual(oldest.toSorted(byText));
    expect(node.log.filter((line) => line.includes("the oldest are told no more"))).toHaveLength(1);
    hook.answer = { status: 204 };
    every.clock.advance(3_600_000);
    // A look that was under way has not seen that it may.
    await expect
      .poll(async () => {
        await node.tend();
        return node.waiting();
      })
      .toEqual([]);
    expect(new Set(hook.deliveries.slice(1).map(({ sid }) => sid))).toEqual(new Set(sids.slice(4)));
  });

  test("gives up after three days, and says so: once in the log, for each in the trail", async () => {
    const [every, hook] = [open(), await startWebhookServer()];
    const node = await alertingNode(every, hook.webhook);
    hook.answer = { status: 500 };
    node.forge("a", "b");
    await expect.poll(async () => (await node.waiting()).map(({ attempts }) => attempts)).toEqual([1, 1]);
    every.clock.advance(3 * DAY);
    for (let times = 0; times < 2; times++) await node.tend();
    expect(await node.waiting()).toEqual([]);
    expect(node.ofType("outbox_dead").map(({ sid, code, count }) => [sid, code, count])).toEqual([
      ["a", "alert", 2],
      ["b", "alert", 2],
    ]);
    expect(node.log.filter((line) => line.includes("for 3 days: it is tried no more"))).toHaveLength(1);
  });

  test("a node that knows no webhook leaves alerts to those that do", async () => {
    const [every, hook] = [open(), await startWebhookServer()];
    const teller = await alertingNode(every, hook.webhook);
    const mute = await alertingNode(every);
    hook.answer = { status: 500 };
    teller.forge("a");
    await expect.poll(async () => (await teller.waiting())[0]?.attempts).toBe(1);
    hook.answer = { status: 204 };
    every.clock.advance(MINUTE);
    await mute.tend();
    expect(await mute.waiting()).toHaveLength(1);
    await teller.tend();
    expect(hook.deliveries).toHaveLength(2);
  });

  test("what the store does not take when it is raised stands in the trail, and is told when the store is back", async () => {
    const [every, hook] = [open(), await startWebhookServer()];
    let isAway = false;
    const node = await alertingNode(every, hook.webhook, (store) => ({
      ...store,
      findSubject: (app, subject) =>
        isAway ? Promise.reject(new Error("gone")) : store.findSubject(app, subject),
    }));
    isAway = true;
    const more = Array.from({ length: MOST_WAITING }, (_, at) => `s${at}`);
    node.forge("a", "b", ...more);
    await expect.poll(() => node.ofType("alert_raised").length).toBe(MOST_WAITING + 2);
    await expect(node.tend()).rejects.toThrow();
    expect(node.ofType("outbox_dead").map(({ sid }) => sid)).toEqual(["a", "b"]);
    expect(
      node.log.filter((line) => line.includes("alerts wait in this process for the store")),
    ).toHaveLength(1);
    isAway = false;
    await node.tend();
    expect(inOrder(hook.deliveries)).toEqual(more.toSorted(byText));
    expect(await node.waiting()).toEqual([]);
  });

  test("a receiver that says nothing holds up no request", async () => {
    const [every, hook] = [open(), await startWebhookServer()];
    hook.answer = null;
    const { sessions, clock } = await every.node({ watch: { webhook: hook.webhook } });
    const browser = await TestBrowser.signedIn(sessions);
    expect((await browser.beat(clock.now(), { key: await createTestKey() })).status).toBe(400);
    await expect.poll(() => hook.deliveries.length).toBe(1);
    expect((await browser.beat(clock.now())).status).toBe(200);
    expect(await sessions.check(browser.request("/api"))).toMatchObject({ status: "active" });
    // The receiver has still said nothing.
    expect(hook.deliveries).toHaveLength(1);
    hook.hangUp();
  });

  if (!outlives) return;

  test("a kill -9 at any step from the alert to its delivery loses none that the trail has", async () => {
    const every = open();
    await every.node();
    const killed = await killAlertsAtSteps(every, [3, 4, 6, 8, 10, 12]);
    expect(killed).toMatchObject({ kills: 6, lost: [] });
    expect(killed.raised).toBeGreaterThan(0);
    expect(killed.told).toBeGreaterThanOrEqual(killed.raised);
  });
});
