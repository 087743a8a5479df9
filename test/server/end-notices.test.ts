import { expect, test, vi } from "vitest";
import { sweep } from "../../src/server/lifecycle/sweeper.js";
import type { EndedSessionInfo } from "../../src/server/lifecycle/view.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import type { SessionStore } from "../../src/server/stores/store.js";
import { openedNode } from "./support/opened-node.js";
import { createTestClock } from "./support/test-clock.js";
import { createTestVerifier, MINUTE } from "./support/test-verifier.js";

const post = () => new Request("https://app.test/sign-in", { method: "POST" });

/** A second node on the same store, whose sweeps the test makes by hand. */
async function nodeOn(store: SessionStore, onEnd: (session: EndedSessionInfo) => void | Promise<void>) {
  const { context } = await openedNode({ store, onEnd });
  return {
    async sweep() {
      await sweep(context);
      await context.notices.settled();
    },
  };
}

test("onEnd hears of an end with its reason and time", async () => {
  const heard: EndedSessionInfo[] = [];
  const { sessions, clock } = createTestVerifier({ onEnd: (session) => void heard.push(session) });
  const { session } = await sessions.start(post(), { subject: "ann", roles: ["nurse"] });
  clock.advance(1_000);
  await sessions.end(session.sid);
  await vi.waitFor(() => expect(heard).toHaveLength(1));
  expect(heard[0]).toMatchObject({
    sid: session.sid,
    subject: "ann",
    roles: ["nurse"],
    reason: "revoked",
    endedAt: clock.now(),
    id: null,
  });
  await sessions.close();
});

test("onEnd is called again until it succeeds, by whichever node is there", async () => {
  const clock = createTestClock();
  const store = memoryStore({ clock });
  const { sessions, audit } = createTestVerifier({
    store,
    onEnd: () => {
      throw new Error("the app is down");
    },
  });
  const { session } = await sessions.start(post(), { subject: "ann" });
  await sessions.end(session.sid);
  await vi.waitFor(() => expect(audit.at(-1)).toMatchObject({ type: "end_notice_failed", count: 1 }));
  const heard: string[] = [];
  const other = await nodeOn(store, ({ sid }) => void heard.push(sid));
  await other.sweep();
  expect(heard).toEqual([]);
  clock.advance(1_000);
  await other.sweep();
  expect(heard).toEqual([session.sid]);
  clock.advance(60 * MINUTE);
  await other.sweep();
  expect(heard).toHaveLength(1);
});

test("onEnd is called after a crash between the end and its call", async () => {
  const clock = createTestClock();
  const store = memoryStore({ clock });
  const { sessions } = createTestVerifier({ store, onEnd: () => new Promise(() => {}) });
  const { session } = await sessions.start(post(), { subject: "ann" });
  await sessions.end(session.sid);
  const heard: string[] = [];
  const other = await nodeOn(store, ({ sid }) => void heard.push(sid));
  clock.advance(30_000);
  await other.sweep();
  expect(heard).toEqual([session.sid]);
});

test("two nodes that sweep at once call onEnd once", async () => {
  const clock = createTestClock();
  const store = memoryStore({ clock });
  const { sessions } = createTestVerifier({ store, onEnd: () => new Promise(() => {}) });
  const { session } = await sessions.start(post(), { subject: "ann" });
  await sessions.end(session.sid);
  clock.advance(30_000);
  const heard: string[] = [];
  const nodes = await Promise.all([1, 2].map(() => nodeOn(store, ({ sid }) => void heard.push(sid))));
  await Promise.all(nodes.map((node) => node.sweep()));
  expect(heard).toEqual([session.sid]);
});

test("onEnd gets the response of the browser that presents the end", async () => {
  const { createServer } = await import("node:http");
  const { sessions, clock } = createTestVerifier({
    onEnd: (_session, response) => {
      if (response instanceof Object && "setHeader" in response)
        (response as import("node:http").ServerResponse).appendHeader("Set-Cookie", "own=; Max-Age=0");
    },
  });
  const { headers } = await sessions.start(post(), { subject: "ann" });
  const cookie = headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const guard = sessions.guard();
  const server = createServer((request, response) =>
    guard(request, response, () => response.end("in")),
  ).listen(0);
  const url = `http://127.0.0.1:${(server.address() as import("node:net").AddressInfo).port}/`;
  clock.advance(15 * MINUTE);
  const answer = await fetch(url, { headers: { cookie } });
  expect(answer.status).toBe(401);
  expect(answer.headers.getSetCookie()).toContain("own=; Max-Age=0");
  server.close();
});
