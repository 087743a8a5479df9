import { randomBytes } from "node:crypto";
import { createServer, type RequestListener } from "node:http";
import { expect, onTestFinished, test, vi } from "vitest";
import type { SessionVerifier, SessionVerifierOptions } from "../../src/server/index.js";
import {
  cookieOf,
  curfewServer,
  curfewTesting,
  listen,
  load,
  MINUTE,
  POLICY,
  postJson,
  said,
} from "./installed.js";

/** Better Auth, as far as the tests look into it. */
interface Auth {
  readonly api: {
    getSession(of: { headers: Headers; query?: { disableCookieCache: true } }): Promise<unknown>;
  };
}

const { memoryStore } = await curfewServer();
const { createTestClock, signIn } = await curfewTesting();
const { createAuth } = await load<{ createAuth(options: { url: string; secret: string }): Auth }>(
  "better-auth",
  "src/auth.ts",
);
const { createSessions } = await load<{
  createSessions(auth: Auth, given: Partial<SessionVerifierOptions>): SessionVerifier;
}>("better-auth", "src/sessions.ts");
const { createApp } = await load<{ createApp(sessions: SessionVerifier, auth: Auth): RequestListener }>(
  "better-auth",
  "src/app.ts",
);

const ANN = { name: "Ann", email: "ann@example.com", password: "correct horse" };

async function serve() {
  // Better Auth goes by the machine's clock, so the one that the test moves begins there.
  const clock = createTestClock(Date.now());
  const server = createServer();
  const url = await listen(server);
  const auth = createAuth({ url, secret: randomBytes(32).toString("hex") });
  const sessions = createSessions(auth, { policy: POLICY, store: memoryStore({ clock }) });
  onTestFinished(() => sessions.close());
  server.on("request", createApp(sessions, auth));
  const start = () => postJson(`${url}/api/auth/sign-up/email`, ANN);
  return {
    clock,
    sessions,
    url,
    /** Signs up by Better Auth's own route, and binds a key, all of it over HTTP. */
    person: () => signIn({ handle: (request) => fetch(request), start }, { subject: "ann", origin: url }),
    notes: (cookie: string) => fetch(`${url}/notes`, { headers: { cookie } }),
    /** What Better Auth answers to the browser. */
    believed: async (cookie: string): Promise<unknown> =>
      (await fetch(`${url}/api/auth/get-session`, { headers: { cookie } })).json(),
    /** What its database says. */
    recorded: (cookie: string) =>
      auth.api.getSession({ headers: new Headers({ cookie }), query: { disableCookieCache: true } }),
  };
}

test("a session of Better Auth's is Curfew's from the first request on, with its user", async () => {
  const { person, notes, sessions, believed } = await serve();
  const { cookie, sid } = await person();
  const { user } = (await believed(cookie)) as { readonly user: { readonly id: string } };
  expect(await sessions.list(user.id)).toMatchObject([{ sid, subject: user.id }]);
  expect(await said(await notes(cookie))).toEqual({ httpStatus: 200, notes: [`Hello, ${user.id}`] });
});

test("polling extends nothing, heartbeats do", async () => {
  const { clock, person, notes } = await serve();
  const ann = await person();
  const { idleExpiresAt } = await ann.status();
  clock.advance(10 * MINUTE);
  expect((await notes(ann.cookie)).status).toBe(200);
  expect((await ann.status()).idleExpiresAt).toBe(idleExpiresAt);
  expect((await ann.heartbeat()).status).toBe(200);
  expect((await ann.status()).idleExpiresAt).toBe(clock.now() + 15 * MINUTE);
});

test("at the deadline the session is revoked, and a cookie cache that says otherwise lets nobody in", async () => {
  const { clock, person, notes, believed, recorded } = await serve();
  const { cookie } = await person();
  expect(await recorded(cookie)).not.toBeNull();
  clock.advance(15 * MINUTE);
  const answer = await notes(cookie);
  const cleared = answer.headers.getSetCookie().filter((line) => line.startsWith("better-auth."));
  expect(cleared).toEqual([
    expect.stringMatching(/^better-auth\.session_token=;.*Max-Age=0/),
    expect.stringMatching(/^better-auth\.session_data=;.*Max-Age=0/),
  ]);
  expect(await said(answer)).toMatchObject({ httpStatus: 401, reason: "idle" });
  expect(await recorded(cookie)).toBeNull();
  expect(await believed(cookie)).not.toBeNull(); // alone it would let this cookie in for minutes more
  expect(await said(await notes(cookie))).toMatchObject({ httpStatus: 401, reason: "idle" });
});

test("an end with no browser there revokes the session too", async () => {
  const { sessions, person, notes, recorded } = await serve();
  const { cookie, sid } = await person();
  await sessions.end(sid);
  await vi.waitFor(async () => expect(await recorded(cookie)).toBeNull());
  expect(await said(await notes(cookie))).toMatchObject({ httpStatus: 401, reason: "revoked" });
});

test("Better Auth's own sign-out ends both", async () => {
  const { url, person, notes, recorded, believed } = await serve();
  const { cookie } = await person();
  const answer = await postJson(`${url}/api/auth/sign-out`, {}, { cookie });
  expect([answer.status, cookieOf(answer)]).toEqual([200, expect.not.stringContaining("better-auth")]);
  expect(await recorded(cookie)).toBeNull();
  expect(await believed(cookie)).not.toBeNull();
  expect(await said(await notes(cookie))).toMatchObject({ httpStatus: 401, reason: "signed-out" });
});
