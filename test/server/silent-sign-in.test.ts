import { describe, expect, test } from "vitest";
import type { SessionVerifierOptions } from "../../src/server/verifier/options.js";
import type { SignInOptions } from "../../src/server/verifier/sign-in.js";
import { createTestKey, ORIGIN, TestBrowser } from "./support/test-browser.js";
import { createTestVerifier, MINUTE } from "./support/test-verifier.js";

const POLICY = { idle: "15m", absolute: "12h", warning: "2m" } as const;
const IDLE = 15 * MINUTE;
const IDP = { iss: "https://id.test", sid: "provider-session-1" };

interface Attempt extends Omit<Partial<SignInOptions>, "authenticatedAt"> {
  readonly cookie?: string;
  readonly authenticatedAt?: number | null;
}

/** A browser that signed in by a provider at `authenticatedAt`, on the second, and what tells of it. */
async function signedIn(
  options: Partial<SignInOptions> = {},
  verifierOptions: Partial<SessionVerifierOptions> = {},
) {
  const verifier = createTestVerifier(verifierOptions);
  const { sessions, clock, audit } = verifier;
  clock.advance(1_000 - (clock.now() % 1_000));
  const authenticatedAt = clock.now();
  const browser = new TestBrowser(sessions, await createTestKey());
  await browser.signIn("ann", { authenticatedAt, ...options });
  const cookie = browser.cookie ?? "";
  /** What `start` says, with a cookie or without one; null: a password was asked for. */
  const start = async ({ cookie: carried, authenticatedAt: at = authenticatedAt, ...more }: Attempt = {}) => {
    const headers: Record<string, string> = carried === undefined ? {} : { cookie: carried };
    const claimed = at === null ? {} : { authenticatedAt: at };
    const request = new Request(`${ORIGIN}/callback`, { headers });
    return sessions.start(request, { subject: "ann", ...claimed, ...more }).then(
      ({ session, headers: answered }) => ({ session, code: "started", answered }),
      (error: unknown) => ({ session: null, code: codeOf(error), answered: new Headers() }),
    );
  };
  const refusals = () => audit.filter(({ type }) => type === "idp_silent_sign_in");
  return { ...verifier, browser, cookie, authenticatedAt, start, refusals };
}

function codeOf(error: unknown): string {
  if (typeof error !== "object" || error === null || !("code" in error)) throw error;
  return String(error.code);
}

function cookieIn(headers: Headers): string {
  return headers.getSetCookie()[0]?.split(";")[0] ?? "";
}

describe("after an end by time", () => {
  test.each(["idle", "absolute"] as const)("(%s) a silent sign-in is refused and audited", async (reason) => {
    const { start, clock, cookie, refusals, browser, authenticatedAt, sessions } = await signedIn(
      {},
      {
        policy: { ...POLICY, ...(reason === "absolute" ? { absolute: "15m" } : {}) },
      },
    );
    const endedAt = clock.now() + IDLE;
    clock.advance(IDLE + 2 * MINUTE);
    const request = new Request(`${ORIGIN}/callback`, { headers: { cookie } });
    await expect(sessions.start(request, { subject: "ann", authenticatedAt })).rejects.toMatchObject({
      name: "SessionError",
      code: "stale-authentication",
      status: 401,
      message: expect.stringMatching(/prompt=login, max_age=0/),
    });
    expect(refusals()).toMatchObject([
      {
        sid: browser.live.sid,
        reason,
        endedAt: new Date(endedAt).toISOString(),
        authenticatedAt: new Date(authenticatedAt).toISOString(),
        code: "browser",
      },
    ]);
    expect((await start({ cookie, authenticatedAt: clock.now() })).code).toBe("started");
  });

  test("it is refused without the cookie too, by the provider's session or else by the subject", async () => {
    const { start, clock, refusals } = await signedIn({ idp: IDP });
    clock.advance(IDLE);
    for (const given of [{}, { idp: IDP }, { idp: { ...IDP, sid: "another" } }])
      expect((await start(given)).code).toBe("stale-authentication");
    expect(refusals().map(({ code }) => code)).toEqual(["subject", "provider", "subject"]);
    expect((await start({ subject: "bob" })).code).toBe("started");
  });

  test("the provider's session holds another subject's sign-in back", async () => {
    const { start, clock } = await signedIn({ idp: IDP });
    clock.advance(IDLE);
    expect((await start({ subject: "bob", idp: IDP })).code).toBe("stale-authentication");
  });

  test("an answer by form_post comes without the cookie, and the provider's session or the subject tells", async () => {
    const { sessions, clock, authenticatedAt } = await signedIn({ idp: IDP });
    clock.advance(IDLE);
    const posted = () =>
      new Request(`${ORIGIN}/callback`, { method: "POST", headers: { "sec-fetch-site": "cross-site" } });
    const claims = { subject: "ann", authenticatedAt };
    await expect(sessions.start(posted(), claims)).rejects.toMatchObject({ code: "cross-site" });
    for (const idp of [{}, { idp: IDP }])
      await expect(
        sessions.start(posted(), { ...claims, ...idp, orphanPrevious: true }),
      ).rejects.toMatchObject({ code: "stale-authentication" });
  });

  test("the browser's cookie holds another subject's sign-in back", async () => {
    const { start, clock, cookie } = await signedIn();
    clock.advance(IDLE);
    expect((await start({ subject: "bob", cookie })).code).toBe("stale-authentication");
  });

  test("the live session of another subject says nothing of this browser's end", async () => {
    const { start, clock, cookie } = await signedIn();
    clock.advance(IDLE + MINUTE);
    const own = await start({ cookie, subject: "eve", authenticatedAt: null });
    expect((await start({ cookie: cookieIn(own.answered) })).code).toBe("stale-authentication");
  });

  test("an old cookie that is put back stands for its browser's newest end", async () => {
    const { start, clock, cookie } = await signedIn();
    clock.advance(IDLE + MINUTE);
    const authenticatedAt = clock.now();
    const second = await start({ cookie, authenticatedAt });
    expect(second.code).toBe("started");
    // Another one takes its place while it lives, and ends.
    const third = await start({ cookie: cookieIn(second.answered), authenticatedAt: null });
    expect(third.code).toBe("started");
    clock.advance(IDLE);
    for (const carried of [cookie, cookieIn(second.answered), cookieIn(third.answered)])
      expect((await start({ cookie: carried, authenticatedAt })).code).toBe("stale-authentication");
  });

  test("the end counts at its very millisecond, though nobody has written it", async () => {
    const { start, clock, cookie, audit } = await signedIn();
    clock.advance(IDLE);
    expect(audit.some(({ type }) => type === "session_expired")).toBe(false);
    expect((await start()).code).toBe("stale-authentication");
    expect(audit.some(({ type }) => type === "session_expired")).toBe(true);
    expect((await start({ cookie })).code).toBe("stale-authentication");
  });

  test("a password counts as an authentication of now", async () => {
    const { start, clock, cookie } = await signedIn();
    clock.advance(IDLE);
    expect((await start({ cookie, authenticatedAt: null })).code).toBe("started");
    expect((await start({ authenticatedAt: null })).code).toBe("started");
  });

  test("it is remembered once the tombstone is gone, where a role lets sessions last longer", async () => {
    const hour = 60 * MINUTE;
    const rules = [{ roles: ["ops"], absolute: "20d", relax: true, justification: "on call" }];
    const { start, clock, cookie, authenticatedAt } = await signedIn({}, { policy: { ...POLICY, rules } });
    clock.advance(14 * MINUTE);
    // The provider has authenticated the person for another app.
    const later = clock.now();
    clock.advance(MINUTE);
    expect((await start({ roles: ["ops"] })).code).toBe("stale-authentication");
    clock.advance(5 * 24 * hour);
    for (const given of [{ cookie }, {}])
      for (const at of [authenticatedAt, later])
        expect((await start({ ...given, roles: ["ops"], authenticatedAt: at })).code).toBe(
          "stale-authentication",
        );
    expect((await start({ roles: ["ops"], authenticatedAt: clock.now() })).code).toBe("started");
  });

  test("a browser whose own session lives, or ended before, is not held back by an end elsewhere", async () => {
    const { start, clock, sessions } = await signedIn();
    const phone = await start({ authenticatedAt: null });
    const tablet = new TestBrowser(sessions, await createTestKey());
    await tablet.signIn("ann");
    await tablet.bind();
    clock.advance(10 * MINUTE);
    await tablet.beat(clock.now());
    clock.advance(5 * MINUTE);
    const between = clock.now();
    clock.advance(10 * MINUTE);
    // By now the first two browsers' sessions ended, and then the tablet's.
    const cookie = cookieIn(phone.answered);
    expect((await start({ authenticatedAt: between })).code).toBe("stale-authentication");
    expect((await start({ cookie, authenticatedAt: between })).code).toBe("started");
  });

  test("the policy can say that only the browser's own end counts", async () => {
    const policy = { ...POLICY, staleSignIn: "browser" } as const;
    const { start, clock, cookie, authenticatedAt } = await signedIn({ idp: IDP }, { policy });
    clock.advance(5 * MINUTE);
    const later = clock.now();
    clock.advance(IDLE);
    expect((await start({ cookie, authenticatedAt: later })).code).toBe("stale-authentication");
    expect((await start({ idp: IDP, authenticatedAt: later })).code).toBe("stale-authentication");
    // The very authentication of a session that ended is that of its browser.
    expect((await start({ authenticatedAt })).code).toBe("stale-authentication");
    expect((await start({ authenticatedAt: later })).code).toBe("started");
  });
});

describe("which authentication is one since the end", () => {
  test.each<[string, number, string]>([
    ["in the second of the end", 0, "started"],
    ["as much before as the provider's clock may be behind", -5_000, "started"],
    ["a second more", -6_000, "stale-authentication"],
    ["told by the millisecond, a little over a second more", -5_001, "stale-authentication"],
  ])("%s", async (_name, distance, code) => {
    const { start, clock, cookie, browser } = await signedIn();
    clock.advance(700);
    await browser.bind();
    await browser.beat(clock.now());
    const endedAt = browser.live.expiresAt;
    expect(endedAt % 1_000).toBe(700);
    clock.advance(IDLE + MINUTE);
    expect((await start({ cookie, authenticatedAt: endedAt - 700 + distance })).code).toBe(code);
  });

  test("where the policy allows for a clock that is further behind, so much", async () => {
    const { start, clock, cookie, authenticatedAt } = await signedIn(
      {},
      { policy: { ...POLICY, idpSkew: "1m" } },
    );
    clock.advance(IDLE);
    const end = authenticatedAt + IDLE;
    expect((await start({ cookie, authenticatedAt: end - 61_000 })).code).toBe("stale-authentication");
    expect((await start({ cookie, authenticatedAt: end - 60_000 })).code).toBe("started");
  });

  test("the ended session's own is none, however short the session was", async () => {
    const policy = { idle: "2s", absolute: "1h", warning: "1s", unsafeForTesting: true } as const;
    const { start, clock, cookie } = await signedIn({}, { policy: { ...policy, idpSkew: "1s" } });
    clock.advance(2_000);
    for (const given of [{ cookie }, {}]) expect((await start(given)).code).toBe("stale-authentication");
  });

  test("the ended session's own is none, though the provider's clock is ahead", async () => {
    const ahead = 4 * MINUTE;
    const policy = { ...POLICY, idle: "2m", warning: "30s" };
    const { start, clock, sessions } = createAhead(policy);
    const authenticatedAt = clock.now() + ahead;
    const begun = await start(undefined, authenticatedAt);
    const [first] = await sessions.list("ann");
    expect(first?.authenticatedAt).toBe(clock.now());
    clock.advance(3 * MINUTE);
    expect(await startCode(start(begun, authenticatedAt))).toBe("stale-authentication");
    expect(await startCode(start(undefined, authenticatedAt))).toBe("stale-authentication");
    expect(await startCode(start(begun, clock.now() + ahead))).toBe("started");
  });
});

function createAhead(policy: SessionVerifierOptions["policy"]) {
  const verifier = createTestVerifier({ policy });
  const start = async (cookie: string | undefined, authenticatedAt: number) => {
    const headers: Record<string, string> = cookie === undefined ? {} : { cookie };
    const begun = await verifier.sessions.start(new Request(ORIGIN, { headers }), {
      subject: "ann",
      authenticatedAt,
    });
    return cookieIn(begun.headers);
  };
  return { ...verifier, start };
}

async function startCode(begun: Promise<unknown>): Promise<string> {
  return begun.then(() => "started", codeOf);
}

describe("a silent sign-in in place of a live session", () => {
  test("gives the person no time: the idle deadline counts from when they were last seen", async () => {
    const { start, clock, cookie, browser, authenticatedAt } = await signedIn();
    const { expiresAt } = browser.live;
    let carried = cookie;
    for (let turn = 0; turn < 14; turn++) {
      clock.advance(MINUTE);
      const begun = await start({ cookie: carried });
      expect(begun.session).toMatchObject({ expiresAt, lastActiveAt: authenticatedAt });
      carried = cookieIn(begun.answered);
    }
    clock.advance(MINUTE);
    expect((await start({ cookie: carried })).code).toBe("stale-authentication");
  });

  test("a password gives a whole new session", async () => {
    const { start, clock, cookie } = await signedIn();
    clock.advance(MINUTE);
    const { session } = await start({ cookie, authenticatedAt: null });
    expect(session?.idleExpiresAt).toBe(clock.now() + IDLE);
  });
});

describe("reauthentication", () => {
  const renew = async ({ sessions }: ReturnType<typeof createTestVerifier>, cookie: string, at?: number) =>
    sessions.reauthenticate(new Request(ORIGIN, { headers: { cookie } }), {
      subject: "ann",
      ...(at === undefined ? {} : { authenticatedAt: at }),
    });

  test("takes no authentication that the session has already, nor an older one", async () => {
    const scene = await signedIn();
    const { clock, cookie, authenticatedAt, refusals, sessions } = scene;
    clock.advance(MINUTE);
    const [before] = await sessions.list("ann");
    for (const at of [authenticatedAt, authenticatedAt - 1_000])
      await expect(renew(scene, cookie, at)).rejects.toMatchObject({
        code: "stale-authentication",
        status: 401,
      });
    expect(refusals().map(({ code }) => code)).toEqual(["session", "session"]);
    expect(await sessions.list("ann")).toEqual([before]);
  });

  test("counts from the authentication, not from its news, and moves nothing back", async () => {
    const scene = await signedIn();
    const { clock, cookie, browser, authenticatedAt } = scene;
    await browser.bind();
    clock.advance(5 * MINUTE);
    await browser.beat(clock.now());
    const first = await renew(scene, cookie, authenticatedAt + 2 * MINUTE);
    expect(first.session).toMatchObject({
      authenticatedAt: authenticatedAt + 2 * MINUTE,
      lastActiveAt: clock.now(),
    });
    clock.advance(5 * MINUTE);
    const second = await renew(scene, cookieIn(first.headers), authenticatedAt + 8 * MINUTE);
    expect(second.session).toMatchObject({
      authenticatedAt: authenticatedAt + 8 * MINUTE,
      lastActiveAt: authenticatedAt + 8 * MINUTE,
    });
  });

  test("finds the end at the deadline", async () => {
    const scene = await signedIn();
    scene.clock.advance(IDLE);
    await expect(renew(scene, scene.cookie, scene.clock.now())).rejects.toMatchObject({ code: "ended" });
    await expect(renew(scene, scene.cookie)).rejects.toMatchObject({ code: "ended" });
  });
});

describe("an app that keeps its own session", () => {
  const ids = ["own-session-id-0001", "own-session-id-0002"] as const;

  function createApp(options: Partial<SessionVerifierOptions> = {}) {
    const own = new Map<string, { subject: string; authenticatedAt: number }>();
    const verifier = createTestVerifier({
      identify: (request: Request) => {
        const id = request.headers.get("x-own-id") ?? "";
        const known = own.get(id);
        return known === undefined ? null : { id, ...known };
      },
      ...options,
    });
    const request = (id: string) => new Request(ORIGIN, { headers: { "x-own-id": id } });
    const check = async (id: string) => verifier.sessions.check(request(id));
    return { ...verifier, own, request, check };
  }

  test.each(["subject", "browser"] as const)(
    "(staleSignIn %s) has no new id adopted for the old authentication",
    async (staleSignIn) => {
      const { own, check, clock, audit, sessions, request } = createApp({
        policy: { ...POLICY, staleSignIn },
        adoptUntil: "2027-06-01",
      });
      const authenticatedAt = clock.now();
      own.set(ids[0], { subject: "ann", authenticatedAt });
      const first = await check(ids[0]);
      clock.advance(IDLE);
      own.delete(ids[0]);
      own.set(ids[1], { subject: "ann", authenticatedAt });
      for (let turn = 0; turn < 3; turn++)
        expect(await check(ids[1])).toMatchObject({ status: "ended", problem: { reason: "idle" } });
      const told = audit.filter(({ type }) => type === "idp_silent_sign_in");
      expect(told).toMatchObject([{ sid: first.status === "active" ? first.session.sid : "" }]);
      expect(await sessions.authorization(request(ids[1]))).toEqual({ maxAge: 0, prompt: "login" });
      own.set(ids[1], { subject: "ann", authenticatedAt: clock.now() });
      expect((await check(ids[1])).status).toBe("active");
    },
  );

  test("has none adopted for an authentication that is recent and from before the end all the same", async () => {
    const { own, check, clock } = createApp({
      policy: { ...POLICY, idle: "30s", warning: "25s", heartbeat: "2s" },
    });
    own.set(ids[0], { subject: "ann", authenticatedAt: clock.now() });
    await check(ids[0]);
    clock.advance(15_000);
    const between = clock.now();
    clock.advance(20_000);
    own.set(ids[1], { subject: "ann", authenticatedAt: between });
    expect((await check(ids[1])).status).toBe("ended");
  });

  test("is refused at start too, by the id before or by the subject", async () => {
    const { own, check, clock, sessions, request } = createApp();
    const authenticatedAt = clock.now();
    own.set(ids[0], { subject: "ann", authenticatedAt });
    await check(ids[0]);
    clock.advance(IDLE);
    for (const previousId of [{ previousId: ids[0] }, {}])
      await expect(
        sessions.start(request(ids[1]), { subject: "ann", authenticatedAt, id: ids[1], ...previousId }),
      ).rejects.toMatchObject({ code: "stale-authentication" });
  });
});

describe("what the provider is asked for", () => {
  test("an authentication within the absolute timeout, and a new one after an end by time", async () => {
    const { sessions, clock, cookie } = await signedIn();
    const asked = (headers: Record<string, string> = {}) =>
      sessions.authorization(new Request(ORIGIN, { headers }));
    const any = { maxAge: 12 * 60 * 60 };
    expect(await asked()).toEqual(any);
    expect(await asked({ cookie })).toEqual(any);
    clock.advance(IDLE - 1);
    expect(await asked({ cookie })).toEqual(any);
    clock.advance(1);
    expect(await asked({ cookie })).toEqual({ maxAge: 0, prompt: "login" });
    // Of two cookies nobody knows which one is the session's.
    expect(await asked({ cookie: `${cookie}; ${cookie}` })).toEqual({ maxAge: 0, prompt: "login" });
  });

  test("nothing of the kind after a sign-out, or where this session alone was ended", async () => {
    const { sessions, browser, cookie } = await signedIn();
    await sessions.end(browser.live.sid);
    expect(await sessions.authorization(new Request(ORIGIN, { headers: { cookie } }))).toEqual({
      maxAge: 43_200,
    });
  });

  test.each(["endAll", "endOthers", "endEverything"] as const)(
    "a new authentication after %s, which the old one would not outlast",
    async (call) => {
      const { sessions, browser, cookie, clock, start } = await signedIn();
      const { authenticatedAt } = browser.live;
      const other = await sessions.start(new Request(ORIGIN, { method: "POST" }), { subject: "ann" });
      clock.advance(1);
      if (call === "endEverything") await sessions.endEverything();
      else await (call === "endAll" ? sessions.endAll("ann") : sessions.endOthers(other.session.sid));
      expect((await start({ authenticatedAt })).code).toBe("revoked");
      expect(await sessions.authorization(new Request(ORIGIN, { headers: { cookie } }))).toEqual({
        maxAge: 0,
        prompt: "login",
      });
    },
  );
});

test.each<[string, unknown]>([
  ["without a sid", { iss: "https://id.test" }],
  ["with an empty sid", { iss: "https://id.test", sid: "" }],
  ["that is a text", "https://id.test"],
  ["that is null", null],
])("a provider's session %s is refused", async (_name, idp) => {
  const { start, sessions, cookie } = await signedIn();
  expect((await start({ idp: idp as never })).code).toBe("bad-idp");
  const request = new Request(ORIGIN, { headers: { cookie } });
  await expect(sessions.reauthenticate(request, { subject: "ann", idp: idp as never })).rejects.toMatchObject(
    {
      code: "bad-idp",
    },
  );
});

test("a provider's sign-in that tells no time is none of now: it renews and starts nothing", async () => {
  const { sessions, cookie, clock } = await signedIn();
  const told = { subject: "ann", idp: IDP };
  const request = new Request(ORIGIN, { headers: { cookie } });
  const refused = { code: "bad-authenticated-at", message: expect.stringContaining("auth_time") };
  await expect(sessions.reauthenticate(request, told)).rejects.toMatchObject(refused);
  clock.advance(IDLE);
  await expect(sessions.start(request, told)).rejects.toMatchObject(refused);
  await expect(sessions.start(new Request(ORIGIN), told)).rejects.toMatchObject(refused);
  expect(await sessions.list("ann")).toEqual([]);
});

describe("an app that says it has a provider", () => {
  test("starts and renews no session without the time of the authentication, whether it tells the provider's session or not", async () => {
    const { sessions, cookie, start } = await signedIn({}, { idp: true });
    const untold = { code: "bad-authenticated-at", message: expect.stringContaining("auth_time × 1000") };
    const request = new Request(ORIGIN, { headers: { cookie } });
    await expect(sessions.start(new Request(ORIGIN), { subject: "ann" })).rejects.toMatchObject(untold);
    await expect(sessions.reauthenticate(request, { subject: "ann" })).rejects.toMatchObject(untold);
    expect(await sessions.list("ann")).toHaveLength(1);
    expect((await start({ subject: "bob" })).code).toBe("started");
  });

  test.each([false, "https://id.test", null, {}])("and is told at start that %j is no provider", (idp) => {
    expect(() => createTestVerifier({ idp: idp as never })).toThrow(/options\.idp/);
  });
});
