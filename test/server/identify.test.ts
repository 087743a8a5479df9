import { describe, expect, test } from "vitest";
import type { SessionVerifierOptions } from "../../src/server/verifier/options.js";
import { createTestVerifier, MINUTE } from "./support/test-verifier.js";

/** An app that keeps its own sessions, by the id in its own cookie. */
function createApp(options: Partial<SessionVerifierOptions> = {}) {
  const own = new Map<string, { subject: string; authenticatedAt: number }>();
  const ended: { id: string | null; reason: string }[] = [];
  const verifier = createTestVerifier({
    identify: (request: Request) => {
      const id = request.headers.get("x-own-id") ?? "";
      const session = own.get(id);
      return session === undefined ? null : { id, ...session };
    },
    onEnd: ({ id, reason }) => {
      ended.push({ id, reason });
      if (id !== null) own.delete(id);
    },
    ...options,
  });
  const request = (id: string) => new Request("https://app.test/api", { headers: { "x-own-id": id } });
  return {
    ...verifier,
    request,
    own,
    ended,
    signIn(id: string, subject = "ann", authenticatedAt = verifier.clock.now()) {
      own.set(id, { subject, authenticatedAt });
    },
    check: (id: string) => verifier.sessions.check(request(id)),
    status: async (id: string) =>
      verifier.sessions.handle(
        new Request("https://app.test/curfew/session", { headers: { "x-own-id": id } }),
      ),
  };
}

const ID = "own-session-id-0001";
const NEXT = "own-session-id-0002";

describe("an app with sessions of its own", () => {
  test("has a session adopted just after its sign-in, with the app's subject and times", async () => {
    const { check, signIn, clock } = createApp();
    signIn(ID);
    const authenticatedAt = clock.now();
    clock.advance(59_999);
    expect(await check(ID)).toMatchObject({
      status: "active",
      session: { subject: "ann", authenticatedAt, lastActiveAt: authenticatedAt },
    });
  });

  test("has no session adopted a minute after its sign-in", async () => {
    const { check, signIn, clock } = createApp();
    signIn(ID);
    clock.advance(60_000);
    expect((await check(ID)).status).toBe("none");
  });

  test("adopts once when many requests come at the same time", async () => {
    const { check, signIn, sessions } = createApp();
    signIn(ID);
    const sids = await Promise.all(
      [...Array(20)].map(async () => {
        const result = await check(ID);
        return result.status === "active" ? result.session.sid : result.status;
      }),
    );
    expect(new Set(sids).size).toBe(1);
    expect(await sessions.list("ann")).toHaveLength(1);
  });

  test("is told of the end, and an id that has ended never comes back", async () => {
    const { check, signIn, clock, ended, own } = createApp();
    signIn(ID);
    await check(ID);
    const session = own.get(ID);
    clock.advance(15 * MINUTE);
    expect((await check(ID)).status).toBe("ended");
    expect(ended[0]).toEqual({ id: ID, reason: "idle" });
    expect(own.has(ID)).toBe(false);
    if (session) own.set(ID, { ...session, authenticatedAt: clock.now() });
    expect((await check(ID)).status).toBe("ended");
  });

  test("gains no time by a new id: the deadlines go on", async () => {
    const { check, signIn, clock, own } = createApp();
    signIn(ID);
    const first = await check(ID);
    clock.advance(30_000);
    const session = own.get(ID);
    own.delete(ID);
    if (session) own.set(NEXT, session);
    const second = await check(NEXT);
    if (first.status !== "active" || second.status !== "active") throw new Error("both should live");
    expect(second.session.sid).toBe(first.session.sid);
    expect(second.session.expiresAt).toBe(first.session.expiresAt);
  });

  test("a new id of a session that has ended is as dead as the old one", async () => {
    const { check, signIn, clock, own } = createApp({ adoptUntil: "2027-01-01" });
    signIn(ID);
    const session = own.get(ID);
    await check(ID);
    clock.advance(15 * MINUTE);
    expect((await check(ID)).status).toBe("ended");
    if (session) own.set(NEXT, session);
    expect((await check(NEXT)).status).toBe("ended");
  });

  test("tells of a new id by moved(), and no clock moves", async () => {
    const { check, signIn, clock, own, sessions } = createApp();
    signIn(ID);
    const before = await check(ID);
    clock.advance(5 * MINUTE);
    const session = own.get(ID);
    own.delete(ID);
    if (session) own.set(NEXT, session);
    await sessions.moved(ID, NEXT);
    const after = await check(NEXT);
    if (before.status !== "active" || after.status !== "active") throw new Error("both should live");
    expect(after.session).toEqual(before.session);
    await expect(sessions.moved(ID, NEXT)).rejects.toMatchObject({ code: "no-session" });
  });

  test("a sign-in under a new id ends what the browser had, by either way of telling", async () => {
    for (const told of [true, false]) {
      const { sessions, signIn, check, own, request } = createApp();
      signIn(ID);
      await check(ID);
      // Told: the app has given the browser its new id already. Not told: the request still presents the old one.
      if (told) own.delete(ID);
      if (told) signIn(NEXT);
      const presented = request(told ? NEXT : ID);
      const more = told ? { previousId: ID } : {};
      const { session } = await sessions.start(presented, { subject: "ann", id: NEXT, ...more });
      if (!told) signIn(NEXT);
      expect(await check(NEXT)).toMatchObject({ status: "active", session: { sid: session.sid } });
      signIn(ID);
      expect(await check(ID)).toMatchObject({ status: "ended", problem: { reason: "replaced" } });
    }
  });

  test("ends a session by its own id, and finds one by its sid", async () => {
    const { sessions, signIn, check } = createApp();
    signIn(ID);
    const result = await check(ID);
    const sid = result.status === "active" ? result.session.sid : "";
    expect(await sessions.find(sid)).toMatchObject({ sid, subject: "ann" });
    await sessions.endOwn(ID);
    await sessions.endOwn("an id that nobody has");
    expect(await sessions.find(sid)).toBeNull();
    expect(await sessions.find("unknown")).toBeNull();
  });

  test("takes no new id that has a session already", async () => {
    const { check, signIn, sessions } = createApp();
    signIn(ID);
    signIn(NEXT, "bob");
    await check(ID);
    await check(NEXT);
    await expect(sessions.moved(ID, NEXT)).rejects.toMatchObject({ code: "id-taken", status: 409 });
    expect(await check(NEXT)).toMatchObject({ status: "active", session: { subject: "bob" } });
  });

  test("another subject under the same id gets nothing", async () => {
    const { check, signIn } = createApp();
    signIn(ID);
    await check(ID);
    signIn(ID, "eve");
    expect((await check(ID)).status).toBe("none");
  });

  test("takes Curfew in while 100 people are signed in: nobody is signed out, nobody is revived", async () => {
    const { check, signIn, clock, own } = createApp({ adoptUntil: "2026-01-02T00:00:00Z" });
    const signedInAt = clock.now() - 60 * MINUTE;
    const ids = [...Array(100).keys()].map((at) => `own-session-number-${at}`);
    for (const [at, id] of ids.entries()) signIn(id, `person ${at}`, signedInAt + at);
    const statuses = await Promise.all(ids.map(async (id) => (await check(id)).status));
    expect(new Set(statuses)).toEqual(new Set(["active"]));
    clock.advance(15 * MINUTE);
    const later = await Promise.all(ids.map(async (id) => (await check(id)).status));
    expect(new Set(later)).toEqual(new Set(["ended"]));
    for (const [at, id] of ids.entries())
      own.set(id, { subject: `person ${at}`, authenticatedAt: signedInAt });
    const again = await Promise.all(ids.map(async (id) => (await check(id)).status));
    expect(new Set(again)).toEqual(new Set(["ended"]));
  });

  test("adopts nothing any more once the day has come", async () => {
    const { check, signIn, clock } = createApp({ adoptUntil: "2026-01-01T00:30:00Z" });
    signIn(ID, "ann", clock.now() - 60 * MINUTE);
    clock.advance(30 * MINUTE);
    expect((await check(ID)).status).toBe("none");
  });

  test("never adopts what is older than the absolute timeout", async () => {
    const { check, signIn, clock } = createApp({ adoptUntil: "2027-01-01" });
    signIn(ID, "ann", clock.now() - 12 * 60 * MINUTE);
    expect((await check(ID)).status).toBe("none");
  });

  test("may start a session by id where its request does not tell whose it is", async () => {
    const { sessions, clock } = createTestVerifier({
      identify: (request: Request) => {
        const id = request.headers.get("x-own-id");
        return id === null ? null : { id };
      },
    });
    const request = () => new Request("https://app.test/api", { headers: { "x-own-id": ID } });
    expect((await sessions.check(request())).status).toBe("none");
    const { session, headers } = await sessions.start(
      new Request("https://app.test/sign-in", { method: "POST" }),
      { subject: "ann", id: ID },
    );
    expect(headers.getSetCookie()).toEqual([]);
    expect(await sessions.check(request())).toMatchObject({
      status: "active",
      session: { sid: session.sid },
    });
    clock.advance(15 * MINUTE);
    expect((await sessions.check(request())).status).toBe("ended");
  });

  test("gets 503 and a line in the log when its identify fails", async () => {
    const lines: string[] = [];
    const { sessions } = createTestVerifier({
      identify: () => {
        throw new Error("the app's database is down");
      },
      logger: { info: () => {}, warn: () => {}, error: (line: string) => lines.push(line) },
    });
    const { status } = await sessions.check(new Request("https://app.test/api"));
    expect(status).toBe("unavailable");
    expect(lines.join()).toContain("the app's database is down");
  });

  test("keeps no own id readable in the store", async () => {
    const { check, signIn, sessions } = createApp();
    signIn(ID);
    await check(ID);
    const [session] = await sessions.list("ann");
    expect(JSON.stringify(session)).not.toContain(ID);
  });

  test("answers the protocol for the app's own session", async () => {
    const { status, signIn } = createApp();
    expect(await (await status(ID)).json()).toEqual({ v: 1, status: "none" });
    signIn(ID);
    expect(await (await status(ID)).json()).toMatchObject({ status: "active" });
  });
});

test("an id of the app's own is refused where nothing would find it, and asked for where it is needed", async () => {
  const post = () => new Request("https://app.test/sign-in", { method: "POST" });
  const { sessions: plain } = createTestVerifier();
  await expect(plain.start(post(), { subject: "ann", id: ID })).rejects.toMatchObject({
    code: "id-unexpected",
  });
  const { sessions: own } = createApp();
  await expect(own.start(post(), { subject: "ann" })).rejects.toMatchObject({ code: "id-missing" });
});

test.each([
  [{ adoptUntil: "2027-01-01" }, /options\.adoptUntil .* give identify too/],
  [{ adoptUntil: "soon", identify: () => null }, /options\.adoptUntil must be a date/],
  [{ adoptUntil: "at the end of 2099", identify: () => null }, /options\.adoptUntil must be a date/],
  [{ adoptUntil: "01/02/2027", identify: () => null }, /options\.adoptUntil must be a date/],
  [{ adoptUntil: "2027", identify: () => null }, /options\.adoptUntil must be a date/],
  [{ adoptUntil: "2027-02-31", identify: () => null }, /options\.adoptUntil must be a date/],
  [{ adoptUntil: "2027-01-01T08:00:00", identify: () => null }, /options\.adoptUntil .*with its zone/],
  [{ base: "/app/../curfew" }, /options\.base must be a path without dot segments/],
  [{ base: "/.." }, /options\.base must be a path without dot segments/],
  [{ identify: "cookie" }, /options\.identify must be a function/],
  [{ onEnd: {} }, /options\.onEnd must be a function/],
])("refuses the options %j at start", (options, message) => {
  expect(() => createTestVerifier(options as never)).toThrow(message);
});
