/** Everything that ends a person's sessions together, as an app, a browser or an operator asks for it. */
import { describe, expect, test, vi } from "vitest";
import type { EndedSessionInfo } from "../../src/server/lifecycle/view.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import type { SessionStore } from "../../src/server/stores/store.js";
import { createTestKey, TestBrowser } from "./support/test-browser.js";
import { createTestClock } from "./support/test-clock.js";
import { createTestVerifier, MINUTE } from "./support/test-verifier.js";

const post = () => new Request("https://app.test/sign-in", { method: "POST" });

/** A store whose lists fail while the test says so. */
function switchable() {
  const clock = createTestClock();
  const inner = memoryStore({ clock });
  const switched = { fails: false };
  const store: SessionStore = {
    ...inner,
    async listBySubject(...args) {
      if (switched.fails) throw new Error("no route to host");
      return inner.listBySubject(...args);
    },
  };
  return { clock, store, switched };
}

describe("a browser that signs its person out everywhere", () => {
  const everywhere = (browser: TestBrowser) =>
    browser.post("/curfew/end", { sid: browser.live.sid, scope: "subject" });

  test("ends all their sessions at one moment, its own too, and what had begun to sign in", async () => {
    const { sessions, clock, audit } = createTestVerifier();
    const browser = await TestBrowser.signedIn(sessions);
    const other = await TestBrowser.signedIn(sessions);
    clock.advance(MINUTE);
    const began = sessions.start(post(), { subject: "ann" });
    expect((await everywhere(browser)).status).toBe(204);
    await began.catch(() => {});
    for (const one of [browser, other])
      expect((await one.ask()).body).toMatchObject({ reason: "signed-out", endedAt: clock.now() });
    expect(await sessions.list("ann")).toEqual([]);
    const ends = audit.filter(({ type }) => type === "session_logout");
    expect(ends.map(({ sid }) => sid)).toEqual(expect.arrayContaining([browser.live.sid, other.live.sid]));
    // The same person signs in again at once, by an earlier authentication too.
    await sessions.start(post(), { subject: "ann", authenticatedAt: clock.now() - MINUTE });
    expect(await sessions.list("ann")).toHaveLength(1);
  });

  test("is told 503 where the store fails half-way: nobody passes, and the same call again ends the rest", async () => {
    const { clock, store, switched } = switchable();
    const { sessions } = createTestVerifier({ store });
    const browser = await TestBrowser.signedIn(sessions);
    const other = await TestBrowser.signedIn(sessions);
    switched.fails = true;
    clock.advance(MINUTE);
    expect((await everywhere(browser)).status).toBe(503);
    for (const one of [other, browser])
      expect((await one.ask()).body).toMatchObject({ reason: "signed-out", endedAt: clock.now() });
    switched.fails = false;
    expect((await everywhere(browser)).status).toBe(204);
  });
});

test("a heartbeat gives a session that was ended with the others no more time, and shows it the end", async () => {
  const { clock, store, switched } = switchable();
  const { sessions } = createTestVerifier({ store });
  const browser = await TestBrowser.signedIn(sessions);
  switched.fails = true;
  clock.advance(MINUTE);
  const endedAt = clock.now();
  await expect(sessions.endAll("ann")).rejects.toMatchObject({ status: 503 });
  clock.advance(MINUTE);
  const beat = await browser.beat(clock.now());
  expect([beat.status, beat.body]).toMatchObject([401, { reason: "revoked", endedAt }]);
});

test("an open connection is told when its session was ended with the others and the tombstone is missing", async () => {
  const { store, switched } = switchable();
  const { sessions } = createTestVerifier({ store });
  const browser = await TestBrowser.signedIn(sessions);
  const check = await sessions.check(browser.request("/socket"));
  const signal = check.status === "active" ? check.signal : AbortSignal.abort();
  expect(signal.aborted).toBe(false);
  switched.fails = true;
  await expect(sessions.endAll("ann")).rejects.toMatchObject({ status: 503 });
  await vi.waitFor(() => expect(signal.reason).toMatchObject({ reason: "revoked" }), 5_000);
});

test("onEnd is called once for a session that was ended with the others, with the app's own id", async () => {
  const { clock, store, switched } = switchable();
  const told: EndedSessionInfo[] = [];
  const identify = (request: Request) => {
    const id = request.headers.get("x-own-id") ?? "";
    return { id, subject: "ann", authenticatedAt: clock.now() };
  };
  const { sessions } = createTestVerifier({ store, identify, onEnd: (session) => void told.push(session) });
  const request = new Request("https://app.test/", { headers: { "x-own-id": "own-session-id-0001" } });
  expect((await sessions.check(request)).status).toBe("active");
  switched.fails = true;
  await expect(sessions.endAll("ann")).rejects.toMatchObject({ status: 503 });
  for (let again = 0; again < 3; again++) expect((await sessions.check(request)).status).toBe("ended");
  await vi.waitFor(() => expect(told.length).toBeGreaterThan(0));
  await sessions.close();
  expect(told.map(({ id, reason }) => [id, reason])).toEqual([["own-session-id-0001", "revoked"]]);
});

test("a revocation in one app leaves the same person's sessions in another app alone", async () => {
  const store = memoryStore();
  const [notes, mail] = ["notes", "mail"].map((name) => createTestVerifier({ store, name }).sessions);
  if (notes === undefined || mail === undefined) throw new Error("two apps are needed");
  const { session } = await notes.start(post(), { subject: "ann" });
  const other = await mail.start(post(), { subject: "ann" });
  await mail.endOthers(other.session.sid);
  await mail.endAll("ann");
  await mail.endEverything();
  expect(await notes.find(session.sid)).toMatchObject({ sid: session.sid });
  expect(await mail.list("ann")).toEqual([]);
});

test("no subject of an app's own is everybody", async () => {
  const { sessions } = createTestVerifier();
  await sessions.start(post(), { subject: "ann" });
  for (const subject of ["everybody", "curfew:everybody"]) await sessions.endAll(subject);
  await expect(sessions.endAll("")).rejects.toMatchObject({ code: "bad-subject" });
  expect(await sessions.list("ann")).toHaveLength(1);
});

test("the oldest session that a limit ends is told as replaced, though others were revoked before", async () => {
  const policy = {
    idle: "15m",
    absolute: "12h",
    warning: "2m",
    maxSessions: 1,
    onLimit: "end-oldest",
  } as const;
  const { sessions, clock } = createTestVerifier({ policy });
  const key = await createTestKey();
  const browsers = [0, 1, 2].map(() => new TestBrowser(sessions, key));
  const [first, second, third] = browsers as [TestBrowser, TestBrowser, TestBrowser];
  await first.signIn("ann");
  await sessions.endAll("ann");
  await second.signIn("ann");
  clock.advance(1);
  await third.signIn("ann");
  expect((await first.ask()).body).toMatchObject({ reason: "revoked" });
  expect((await second.ask()).body).toMatchObject({ reason: "replaced" });
  expect((await third.ask()).status).toBe(200);
});

test("a place that a session had is free at its end, not ten seconds later", async () => {
  const policy = { idle: "15m", absolute: "12h", warning: "2m", maxSessions: 1 } as const;
  const { sessions } = createTestVerifier({ policy });
  for (let again = 0; again < 3; again++) {
    const { session } = await sessions.start(post(), { subject: "ann" });
    await expect(sessions.start(post(), { subject: "ann" })).rejects.toMatchObject({
      code: "too-many-sessions",
    });
    await sessions.end(session.sid);
  }
});
