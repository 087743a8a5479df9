import type { RequestListener } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import type { SessionVerifier, SessionVerifierOptions } from "../../src/server/index.js";
import { curfewServer, curfewTesting, listen, load, MINUTE, POLICY, postJson, said } from "./installed.js";

interface TokenPair {
  readonly accessToken: string;
  readonly refreshToken: string;
}

const { memoryStore } = await curfewServer();
const { createTestClock, signIn } = await curfewTesting();
const { createTokens } = await load<{ createTokens(secret: Uint8Array, now: () => number): object }>(
  "bearer-api",
  "src/tokens.ts",
);
const { createSessions } = await load<{
  createSessions(tokens: object, given: Partial<SessionVerifierOptions>): SessionVerifier;
}>("bearer-api", "src/sessions.ts");
const { createApp } = await load<{ createApp(sessions: SessionVerifier, tokens: object): RequestListener }>(
  "bearer-api",
  "src/app.ts",
);

async function serve() {
  const clock = createTestClock();
  const store = memoryStore({ clock });
  const tokens = createTokens(new Uint8Array(32).fill(7), () => clock.now());
  const sessions = createSessions(tokens, { policy: POLICY, store });
  onTestFinished(() => sessions.close());
  const url = await listen(createApp(sessions, tokens));
  return {
    clock,
    sessions,
    store,
    url,
    /** Signs in by the app's own route, which answers with the first tokens, and binds a key. */
    async person(): Promise<Awaited<ReturnType<typeof signIn>> & { readonly first: TokenPair }> {
      let first: TokenPair = { accessToken: "", refreshToken: "" };
      const start = async () => {
        const answer = await postJson(`${url}/sign-in`, { name: "ann", password: "demo" });
        first = (await answer.json()) as TokenPair;
        return answer;
      };
      const ann = await signIn(
        { handle: (request) => fetch(request), start },
        { subject: "ann", origin: url },
      );
      return { ...ann, first };
    },
    notes: (accessToken: string) =>
      fetch(`${url}/notes`, { headers: { authorization: `Bearer ${accessToken}` } }),
    refresh: (refreshToken: string) => postJson(`${url}/token`, { refreshToken }),
    async refreshed(refreshToken: string): Promise<TokenPair> {
      const answer = await postJson(`${url}/token`, { refreshToken });
      expect(answer.status).toBe(200);
      return (await answer.json()) as TokenPair;
    },
  };
}

const REFUSED = { httpStatus: 400, error: "invalid_grant" };

test("1,000 calls with a token move nothing, and cost no look at the store", async () => {
  const { clock, sessions, store, person, notes } = await serve();
  const { first } = await person();
  clock.advance(MINUTE);
  const [before] = await sessions.list("ann");
  let looks = 0;
  for (const name of ["find", "findBySecret", "replace"] as const) {
    const original = store[name].bind(store) as (...args: readonly unknown[]) => unknown;
    const counted = (...args: readonly unknown[]) => {
      looks++;
      return original(...args);
    };
    Object.assign(store, { [name]: counted });
  }
  for (let hundred = 0; hundred < 10; hundred++) {
    const answers = await Promise.all([...Array(100)].map(() => notes(first.accessToken)));
    for (const answer of answers) {
      expect(answer.status).toBe(200);
      await answer.body?.cancel();
    }
    clock.advance(10_000);
  }
  expect(looks).toBe(0);
  expect(await sessions.list("ann")).toEqual([before]);
});

test("refreshing extends nothing: the session ends by inactivity while its tokens are renewed", async () => {
  const { clock, person, notes, refreshed, refresh } = await serve();
  let { first: tokens } = await person();
  for (let minute = 0; minute < 14; minute += 4) {
    expect((await notes(tokens.accessToken)).status).toBe(200);
    tokens = await refreshed(tokens.refreshToken);
    clock.advance(4 * MINUTE - 30_000);
  }
  clock.advance(MINUTE);
  expect((await notes(tokens.accessToken)).status).toBe(401);
  expect(await said(await refresh(tokens.refreshToken))).toEqual(REFUSED);
});

test("refreshing goes on while the person is there", async () => {
  const { clock, person, notes, refreshed } = await serve();
  const ann = await person();
  let tokens = ann.first;
  for (let beat = 0; beat < 4; beat++) {
    clock.advance(14 * MINUTE);
    expect((await ann.heartbeat()).status).toBe(200);
    expect((await notes(tokens.accessToken)).status).toBe(401);
    tokens = await refreshed(tokens.refreshToken);
    expect((await notes(tokens.accessToken)).status).toBe(200);
  }
});

test("an access token never outlives the deadline of its session", async () => {
  const { clock, person, notes, refreshed } = await serve();
  const { first } = await person();
  clock.advance(13 * MINUTE);
  const { accessToken } = await refreshed(first.refreshToken);
  clock.advance(2 * MINUTE - 1_000);
  expect((await notes(accessToken)).status).toBe(200);
  clock.advance(1_000);
  expect((await notes(accessToken)).status).toBe(401);
});

test("after a sign-out the refresh is refused, and the access token is good for five minutes at most", async () => {
  const { clock, url, person, notes, refresh } = await serve();
  const { first, cookie } = await person();
  expect((await fetch(`${url}/sign-out`, { method: "POST", headers: { cookie } })).status).toBe(204);
  expect(await said(await refresh(first.refreshToken))).toEqual(REFUSED);
  clock.advance(5 * MINUTE);
  expect((await notes(first.accessToken)).status).toBe(401);
});

test("a refresh token that comes twice ends the session, of which the thief has one half", async () => {
  const { sessions, person, refresh, refreshed } = await serve();
  const { first } = await person();
  const stolen = await refreshed(first.refreshToken);
  expect(await said(await refresh(first.refreshToken))).toEqual(REFUSED);
  expect(await sessions.list("ann")).toEqual([]);
  expect(await said(await refresh(stolen.refreshToken))).toEqual(REFUSED);
});

test("nothing is given for no token, another's, or a broken one", async () => {
  const { notes, refresh, person, url } = await serve();
  const { first, cookie } = await person();
  const [head = "", payload = ""] = first.accessToken.split(".");
  for (const token of ["", "x", `${head}.${payload}.AAAA`, first.refreshToken])
    expect((await notes(token)).status).toBe(401);
  expect((await fetch(`${url}/notes`, { headers: { cookie } })).status).toBe(401);
  for (const token of ["", "x", first.accessToken]) expect(await said(await refresh(token))).toEqual(REFUSED);
});
