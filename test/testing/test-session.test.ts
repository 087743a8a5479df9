import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { SessionState } from "../../src/session/machine.js";
import { createTestSession } from "../../src/testing/create-test-session.js";
import type { TestSessionOptions } from "../../src/testing/test-session.types.js";

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 1);
const ABSENT: SessionState = { status: "absent" };

/** Every state that a test can ask for, with what it looks like. */
const BEGINNINGS: readonly (readonly [string, TestSessionOptions, Partial<Record<string, unknown>>])[] = [
  ["connecting", { status: "connecting" }, { status: "connecting" }],
  ["absent", { status: "absent" }, ABSENT],
  ["active", {}, { status: "active", expiresAt: START + 15 * MINUTE, canExtend: true, reachable: true }],
  ["warning", { status: "warning" }, { status: "warning", expiresAt: START + 2 * MINUTE, cause: "idle" }],
  [
    "a warning of the absolute limit",
    { status: "warning", cause: "absolute" },
    { status: "warning", expiresAt: START + 2 * MINUTE, cause: "absolute", canExtend: false },
  ],
  [
    "a lost key",
    { status: "warning", keyStore: "lost" },
    { status: "warning", canExtend: false, keyStore: "lost" },
  ],
  ["refused storage", { keyStore: "memory" }, { status: "active", keyStore: "memory", canExtend: true }],
  ["unreachable", { reachable: false }, { status: "active", reachable: false }],
  [
    "unreachable in a warning",
    { status: "warning", reachable: false },
    { status: "warning", reachable: false },
  ],
  ["unconfirmed", { status: "unconfirmed" }, { status: "unconfirmed", expiresAt: START, reachable: false }],
  ["ended: idle", { status: "ended" }, { status: "ended", reason: "idle", endedAt: START }],
  [
    "ended: absolute",
    { status: "ended", reason: "absolute" },
    { status: "ended", reason: "absolute", endedAt: START },
  ],
  [
    "ended: signed-out",
    { status: "ended", reason: "signed-out" },
    { status: "ended", reason: "signed-out", endedAt: START },
  ],
  [
    "ended: revoked",
    { status: "ended", reason: "revoked" },
    { status: "ended", reason: "revoked", endedAt: START },
  ],
  [
    "ended: replaced",
    { status: "ended", reason: "replaced" },
    { status: "ended", reason: "replaced", endedAt: START },
  ],
];

describe("a test session begins", () => {
  test.each(BEGINNINGS)(
    "%s, at once, and its client comes to the same state without a word",
    async (_name, options, expected) => {
      const session = createTestSession(options);
      const heard = vi.fn();
      session.subscribe(heard);
      for (const event of ["warning", "before-end", "ended", "error"] as const) session.on(event, heard);
      expect([session.server.now, session.server.calls]).toEqual([START, []]);
      const first = {
        state: session.state,
        left: session.remaining(),
        covered: session.isCovered,
        url: session.signInUrl,
      };
      expect(first.state).toMatchObject(expected);
      await session.advance(0);
      expect({
        state: session.state,
        left: session.remaining(),
        covered: session.isCovered,
        url: session.signInUrl,
      }).toEqual(first);
      expect(heard).not.toHaveBeenCalled();
      expect([session.server.now, session.server.calls]).toEqual([START, []]);
    },
  );
});

test("time takes it through the warning to its end, to the millisecond", async () => {
  const session = createTestSession({ policy: { idle: "10m", warning: "90s" } });
  const events: string[] = [];
  session.on("warning", () => void events.push("warning"));
  session.on("before-end", ({ phase }) => void events.push(`before-end ${phase}`));
  session.on("ended", ({ reason }) => void events.push(`ended ${reason}`));
  await session.advance(8.5 * MINUTE - 1_501);
  expect([session.state.status, session.remaining()]).toEqual(["active", 91_501]);
  await session.advance(1);
  expect([session.state.status, session.remaining()]).toEqual(["warning", 91_500]);
  await session.advance("91499ms");
  expect(session.state.status).toBe("warning");
  await session.advance(1);
  expect(session.state).toEqual({ status: "ended", reason: "idle", endedAt: START + 10 * MINUTE });
  expect(session.isCovered).toBe(true);
  expect(events).toEqual(["warning", "before-end soon", "before-end ended", "ended idle"]);
});

test("a person's activity is sent as a heartbeat and moves the deadline, but not in a warning", async () => {
  const session = createTestSession();
  await session.advance("5m");
  await session.activity("key");
  expect(session.server.heartbeats).toMatchObject([
    { activeAt: START + 5 * MINUTE, intent: "activity", counts: { key: 1, pointer: 0 } },
  ]);
  expect(session.remaining()).toBe(15 * MINUTE);
  await session.advance("14m");
  await session.activity();
  expect(session.state.status).toBe("warning");
  expect(session.server.heartbeats).toHaveLength(1);
});

test("where the policy says so, any input answers the warning", async () => {
  const session = createTestSession({ status: "warning", policy: { dismissWarning: "activity" } });
  await session.activity();
  expect(session.state.status).toBe("active");
});

test("an idle session asks the server ahead of the warning, as it opens, and at the end", async () => {
  const session = createTestSession();
  await session.advance("15m");
  expect(session.state.status).toBe("ended");
  expect(session.server.calls).toEqual(["session", "session", "session"]);
});

test("extend answers the warning, whatever event it is given", async () => {
  const session = createTestSession({ status: "warning" });
  const heard = vi.fn();
  session.subscribe(heard);
  const state = await session.extend(new Event("click"));
  expect(state).toMatchObject({ status: "active", expiresAt: START + 15 * MINUTE });
  expect(session.server.heartbeats).toMatchObject([{ intent: "extend" }]);
  expect(heard).toHaveBeenCalled();
});

test.each([
  ["key-mismatch", "key-mismatch"],
  ["unavailable", "unavailable"],
] as const)(
  "an extend that the server refuses with %s is rejected, and the next one is not",
  async (refusal, code) => {
    const session = createTestSession({ status: "warning" });
    session.server.refuseNext(refusal);
    await expect(session.extend()).rejects.toMatchObject({ name: "CurfewError", code });
    expect(session.state.status).toBe("warning");
    expect(await session.extend()).toMatchObject({ status: "active" });
  },
);

test("an extend without a network, without a key or after the end is rejected", async () => {
  const offline = createTestSession({ status: "warning", reachable: false });
  await expect(offline.extend()).rejects.toMatchObject({ code: "unreachable" });
  const keyless = createTestSession({ status: "warning", keyStore: "lost" });
  await expect(keyless.extend()).rejects.toMatchObject({ code: "key-mismatch" });
  await expect(createTestSession({ status: "ended" }).extend()).rejects.toMatchObject({
    code: "session-ended",
  });
  await expect(createTestSession({ status: "absent" }).extend()).rejects.toMatchObject({
    code: "no-session",
  });
});

test("the server ends it, and a sign-in of the same subject goes on where it ended", async () => {
  const session = createTestSession({ subject: "ben" });
  await session.server.end();
  expect(session.state).toMatchObject({ status: "ended", reason: "revoked" });
  expect(session.isCovered).toBe(true);
  await session.server.signIn();
  expect(session.state).toMatchObject({ status: "active", sid: "sid-2" });
  expect([session.isCovered, session.reloads]).toEqual([false, 0]);
});

test("a sign-in of another subject loads the page anew, and shows nothing until then", async () => {
  const session = createTestSession();
  await session.server.signIn("eve");
  expect([session.reloads, session.isCovered]).toEqual([1, true]);
});

test("a sign-in where nobody was makes it active", async () => {
  const session = createTestSession({ status: "absent" });
  await session.server.signIn("eve");
  expect(session.state).toMatchObject({ status: "active" });
  expect(session.reloads).toBe(0);
});

test("signing out ends it and forgets it", async () => {
  const session = createTestSession();
  expect(await session.end()).toMatchObject({ status: "ended", reason: "signed-out" });
  expect(session.server.calls).toEqual(["end"]);
});

test("nobody is signed out because the network is down, and the deadline stays what it was", async () => {
  const session = createTestSession();
  await session.server.disconnect();
  await session.advance("15m");
  expect(session.state).toMatchObject({ status: "unconfirmed", reachable: false });
  await session.server.reconnect();
  expect(session.state).toEqual({ status: "ended", reason: "idle", endedAt: START + 15 * MINUTE });
});

test("a page that could not connect does so by itself when the server is back", async () => {
  const session = createTestSession({ status: "connecting" });
  await session.advance("1m");
  expect(session.state.status).toBe("connecting");
  await session.server.reconnect();
  expect(session.state.status).toBe("active");
});

test("a machine that slept past the deadline wakes up to its end", async () => {
  const session = createTestSession();
  await session.sleep("8h");
  expect(session.state).toEqual({ status: "ended", reason: "idle", endedAt: START + 15 * MINUTE });
});

test("a problem in an answer of the app's own fetch is read as ever", async () => {
  const session = createTestSession();
  const stepUps = vi.fn();
  session.on("step-up", stepUps);
  const problem = { type: "urn:curfew:step-up", status: 401, title: "Sign in again", maxAge: 300 };
  const headers = { "content-type": "application/problem+json" };
  const answer = new Response(JSON.stringify(problem), { status: 401, headers });
  expect(await session.read(answer)).toMatchObject({ maxAge: 300 });
  expect(stepUps).toHaveBeenCalledOnce();
});

test("timers that a test runner fakes do not hold it up", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const session = createTestSession();
  await session.advance("13m");
  expect(await session.extend()).toMatchObject({ status: "active" });
});

test("two sessions know nothing of each other", async () => {
  const [one, other] = [createTestSession(), createTestSession()];
  await one.server.end();
  expect(one.state.status).toBe("ended");
  await other.advance(0);
  expect(other.state.status).toBe("active");
});

test.each([
  [{ policy: { idle: "1x" } }, /^policy\.idle is "1x"; write a duration with its unit/],
  [{ policy: { idle: "1m", warning: "2m" } }, /warning must be shorter than idle/],
  [{ policy: { idle: "24h" } }, /idle no longer than absolute/],
] as const)("a policy that no server would take is refused: %j", (options, message) => {
  expect(() => createTestSession(options)).toThrow(message);
});

test.each([
  ["status", "expired", '"connecting", "absent", "active", "warning", "unconfirmed", "ended"'],
  ["reason", "timeout", '"idle", "absolute", "signed-out", "revoked", "replaced"'],
  ["cause", 5, '"idle", "absolute"'],
  ["keyStore", "pending", '"indexeddb", "memory", "lost"'],
])("the %s %j is refused, and the message names those that there are", (name, value, known) => {
  expect(() => Reflect.apply(createTestSession, undefined, [{ [name]: value }])).toThrow(
    new TypeError(`createTestSession was given the ${name} ${JSON.stringify(value)}; write one of ${known}`),
  );
});
