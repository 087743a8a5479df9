import { describe, expect, test } from "vitest";
import { memoryStore } from "../../src/server/stores/memory.js";
import type { SessionStore } from "../../src/server/stores/store.js";
import { createTestKey, TestBrowser } from "./support/test-browser.js";
import { createTestClock } from "./support/test-clock.js";
import { createTestVerifier, MINUTE } from "./support/test-verifier.js";

const post = () => new Request("https://app.test/sign-in", { method: "POST" });

describe("ending the sessions of a person", () => {
  test("endAll ends every session of the subject and none of another", async () => {
    const { sessions } = createTestVerifier();
    for (const subject of ["ann", "ann", "bob"]) await sessions.start(post(), { subject });
    await sessions.endAll("ann");
    expect(await sessions.list("ann")).toEqual([]);
    expect(await sessions.list("bob")).toHaveLength(1);
  });

  test("endOthers leaves the session that asks for it", async () => {
    const { sessions } = createTestVerifier();
    const { session } = await sessions.start(post(), { subject: "ann" });
    await sessions.start(post(), { subject: "ann" });
    await sessions.start(post(), { subject: "ann" });
    expect(await sessions.endOthers(session.sid)).toBe(2);
    expect((await sessions.list("ann")).map(({ sid }) => sid)).toEqual([session.sid]);
  });

  test("an app ends no session of another app on the same store", async () => {
    const store = memoryStore();
    const [notes, mail] = ["notes", "mail"].map((name) => createTestVerifier({ store, name }).sessions);
    if (notes === undefined || mail === undefined) throw new Error("two apps are needed");
    const { session } = await notes.start(post(), { subject: "ann" });
    await mail.end(session.sid);
    await mail.endAll("ann");
    expect(await mail.endOthers(session.sid)).toBe(0);
    expect(await mail.endEverything()).toBe(0);
    expect(await notes.list("ann")).toHaveLength(1);
  });

  test("endEverything ends the sessions of everybody", async () => {
    const { sessions } = createTestVerifier();
    for (const subject of ["ann", "bob", "eve"]) await sessions.start(post(), { subject });
    expect(await sessions.endEverything()).toBe(3);
    expect(await sessions.list("eve")).toEqual([]);
  });

  test("an authentication from before a revocation starts no session, a later one does", async () => {
    const { sessions, clock } = createTestVerifier();
    const authenticatedAt = clock.now();
    clock.advance(MINUTE);
    await sessions.endAll("ann");
    await expect(sessions.start(post(), { subject: "ann", authenticatedAt })).rejects.toMatchObject({
      code: "revoked",
    });
    clock.advance(1);
    await sessions.start(post(), { subject: "ann", authenticatedAt: clock.now() });
    expect(await sessions.list("ann")).toHaveLength(1);
  });

  test("signing out everywhere does not make an earlier authentication worthless", async () => {
    const { sessions, clock } = createTestVerifier();
    const authenticatedAt = clock.now();
    clock.advance(MINUTE);
    await sessions.endAll("ann", "signed-out");
    await sessions.start(post(), { subject: "ann", authenticatedAt });
    expect(await sessions.list("ann")).toHaveLength(1);
  });
});

/** A store whose every call waits for a turn that the test's dice give: other calls come in between. */
function shuffled(store: SessionStore, random: () => number): SessionStore {
  const turn = async () => {
    for (let wait = Math.floor(random() * 6); wait > 0; wait--) await Promise.resolve();
  };
  return new Proxy(store, {
    get(target, name, receiver) {
      const value: unknown = Reflect.get(target, name, receiver);
      if (typeof value !== "function" || name === "onClockStep" || name === "all") return value;
      return async (...args: readonly unknown[]) => {
        await turn();
        const result: unknown = await Reflect.apply(value, target, args);
        await turn();
        return result;
      };
    },
  });
}

function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test("a sign-in that began before endAll dies with it, in 1,000 interleavings", async () => {
  const random = dice(7);
  const store = memoryStore({ clock: createTestClock() });
  const order: string[] = [];
  const noting = (name: keyof SessionStore, word: string): SessionStore =>
    new Proxy(store, {
      get(target, key, receiver) {
        const value: unknown = Reflect.get(target, key, receiver);
        if (key !== name || typeof value !== "function") return value;
        return (...args: readonly unknown[]) => {
          // What is kept of everybody is asked for too.
          if (name !== "findSubject" || args[0] === "curfew") order.push(word);
          return Reflect.apply(value, target, args) as unknown;
        };
      },
    });
  // Each side reaches the one store through turns of its own.
  const starter = createTestVerifier({ store: shuffled(noting("findSubject", "began"), random) });
  const ender = createTestVerifier({ store: shuffled(noting("replaceSubject", "ended"), random) });
  await starter.sessions.ready();
  await ender.sessions.ready();
  let died = 0;
  let lived = 0;
  for (let round = 0; round < 1_000; round++) {
    const subject = `person ${round}`;
    order.length = 0;
    const started = async () => {
      for (let wait = Math.floor(random() * 60); wait > 0; wait--) await Promise.resolve();
      return starter.sessions.start(post(), { subject });
    };
    await Promise.allSettled([
      started(),
      ender.sessions.endAll(subject, round % 2 === 0 ? "revoked" : "signed-out"),
    ]);
    const beganFirst = order.indexOf("began") < order.indexOf("ended");
    const live = await ender.sessions.list(subject);
    // One that began after the epoch had moved lives.
    if (beganFirst) expect(live, `round ${round}: ${order.join(", ")}`).toEqual([]);
    if (beganFirst) died++;
    lived += live.length;
  }
  // Both orders came up, or the test would show nothing.
  expect(Math.min(died, lived)).toBeGreaterThan(50);
});

describe("the number of sessions", () => {
  const limited = (more: Record<string, unknown>) =>
    createTestVerifier({ policy: { idle: "15m", absolute: "12h", warning: "2m", maxSessions: 3, ...more } });

  test("never exceeds the limit under 100 sign-ins at once", async () => {
    const { sessions } = limited({ onLimit: "deny" });
    const results = await Promise.allSettled(
      [...Array(100)].map(() => sessions.start(post(), { subject: "ann" })),
    );
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
    expect(await sessions.list("ann")).toHaveLength(3);
  });

  test("is answered with a reason, and audited, where the policy denies", async () => {
    const { sessions, audit } = limited({});
    for (let at = 0; at < 3; at++) await sessions.start(post(), { subject: "ann" });
    await expect(sessions.start(post(), { subject: "ann" })).rejects.toMatchObject({
      code: "too-many-sessions",
      status: 403,
    });
    expect(audit.at(-1)).toMatchObject({ type: "session_denied", code: "too-many-sessions" });
    await sessions.start(post(), { subject: "bob" });
  });

  test("counts no session that has ended", async () => {
    const { sessions, clock } = limited({});
    for (let at = 0; at < 3; at++) await sessions.start(post(), { subject: "ann" });
    clock.advance(15 * MINUTE);
    await sessions.start(post(), { subject: "ann" });
    expect(await sessions.list("ann")).toHaveLength(1);
  });

  test("ends the oldest where the policy says so", async () => {
    const { sessions, clock } = limited({ onLimit: "end-oldest" });
    const sids: string[] = [];
    for (let at = 0; at < 4; at++) {
      sids.push((await sessions.start(post(), { subject: "ann" })).session.sid);
      clock.advance(1_000);
    }
    expect((await sessions.list("ann")).map(({ sid }) => sid)).toEqual(sids.slice(1));
  });

  test("is not used up by the session that a browser replaces", async () => {
    const { sessions } = limited({ maxSessions: 1 });
    const browser = new TestBrowser(sessions, await createTestKey());
    await browser.signIn("ann");
    await browser.signIn("ann");
    expect(await sessions.list("ann")).toHaveLength(1);
  });
});
