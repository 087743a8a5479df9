import type { IncomingMessage, RequestListener } from "node:http";
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

/** The store of `express-session`, as far as the tests look into it. */
interface OwnStore {
  all(
    callback: (error: unknown, sessions: Readonly<Record<string, { readonly user?: string }>>) => void,
  ): void;
}

const { memoryStore } = await curfewServer();
const { createTestClock, signIn } = await curfewTesting();
const { createApp } = await load<{ createApp(sessions: SessionVerifier, own: OwnStore): RequestListener }>(
  "express-session",
  "src/app.ts",
);
const { createSessions } = await load<{
  createSessions(own: OwnStore, given: Partial<SessionVerifierOptions>): SessionVerifier;
}>("express-session", "src/sessions.ts");
const { default: ownSessions } = await load<{ default: { MemoryStore: new () => OwnStore } }>(
  "express-session",
  "../node_modules/express-session/index.js",
);

async function serve() {
  const clock = createTestClock();
  const ownStore = new ownSessions.MemoryStore();
  const sessions = createSessions(ownStore, { policy: POLICY, store: memoryStore({ clock }) });
  onTestFinished(() => sessions.close());
  const app = createApp(sessions, ownStore);
  const requests: IncomingMessage[] = [];
  const url = await listen((request, response) => {
    requests.push(request);
    app(request, response);
  });
  const login = () => postJson(`${url}/sign-in`, { name: "ann", password: "demo" });
  return {
    clock,
    sessions,
    url,
    /** What the server has got so far. */
    requests,
    /** Signs in by the app's own route and binds a key, all of it over HTTP. */
    person: () =>
      signIn({ handle: (request) => fetch(request), start: login }, { subject: "ann", origin: url }),
    notes: (cookie: string) => fetch(`${url}/notes`, { headers: { cookie } }),
    post: (path: string, cookie: string, init: RequestInit = {}) =>
      fetch(`${url}${path}`, { method: "POST", headers: { cookie, "content-type": "text/plain" }, ...init }),
    /** Whose sessions the app's own store holds. */
    ownUsers: () =>
      new Promise<(string | undefined)[]>((resolve, reject) => {
        ownStore.all((error, all) => {
          if (error) reject(error);
          else resolve(Object.values(all).map(({ user }) => user));
        });
      }),
  };
}

test("polling renews the app's own cookie all the time, and the session ends all the same", async () => {
  const { clock, person, notes } = await serve();
  const { cookie } = await person();
  for (let minute = 0; minute < 15; minute++) {
    const answer = await notes(cookie);
    expect(answer.status).toBe(200);
    expect(cookieOf(answer)).toMatch(/^connect\.sid=/);
    clock.advance(MINUTE);
  }
  const answer = await notes(cookie);
  expect(await said(answer)).toMatchObject({ httpStatus: 401, reason: "idle" });
});

test("heartbeats over HTTP extend, to the millisecond", async () => {
  const { clock, person, notes } = await serve();
  const ann = await person();
  expect((await ann.status()).key).not.toBeNull();
  for (let beat = 0; beat < 3; beat++) {
    clock.advance(15 * MINUTE - 1);
    expect(await ann.heartbeat()).toMatchObject({ status: 200, body: { lastActiveAt: clock.now() } });
  }
  expect((await notes(ann.cookie)).status).toBe(200);
  clock.advance(15 * MINUTE);
  expect(await ann.heartbeat()).toMatchObject({ status: 401, body: { reason: "idle" } });
});

test("the end destroys the app's own session and takes its cookie, and the old one is worth nothing", async () => {
  const { clock, person, notes, ownUsers } = await serve();
  const { cookie } = await person();
  expect(await ownUsers()).toEqual(["ann"]);
  clock.advance(15 * MINUTE);
  const answer = await notes(cookie);
  expect(answer.status).toBe(401);
  expect(answer.headers.getSetCookie().filter((line) => line.startsWith("connect.sid="))).toEqual([
    expect.stringMatching(/^connect\.sid=; .*Expires=Thu, 01 Jan 1970/),
  ]);
  expect(await ownUsers()).toEqual([]);
  expect((await notes(cookie)).status).toBe(401);
});

test("an end with no browser there destroys the app's own session too", async () => {
  const { sessions, person, notes, ownUsers } = await serve();
  const { cookie } = await person();
  await sessions.endAll("ann");
  await vi.waitFor(async () => expect(await ownUsers()).toEqual([]));
  expect((await notes(cookie)).status).toBe(401);
});

test("a sign-out ends both", async () => {
  const { sessions, person, notes, post, ownUsers } = await serve();
  const { cookie } = await person();
  expect((await post("/sign-out", cookie)).status).toBe(204);
  expect(await sessions.list("ann")).toEqual([]);
  await vi.waitFor(async () => expect(await ownUsers()).toEqual([]));
  expect((await notes(cookie)).status).toBe(401);
});

test("a slow request that saves the session after its end brings nobody back", async () => {
  const { clock, person, notes, post, ownUsers, requests } = await serve();
  const ann = await person();
  let finish = () => {};
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode("a long "));
      finish = () => {
        controller.enqueue(new TextEncoder().encode("upload"));
        controller.close();
      };
    },
  });
  const upload = post("/notes", ann.cookie, { body, duplex: "half" } as RequestInit);
  await vi.waitFor(() => expect(requests.at(-1)).toMatchObject({ method: "POST", curfew: { sid: ann.sid } }));
  clock.advance(15 * MINUTE);
  expect((await notes(ann.cookie)).status).toBe(401);
  expect(await ownUsers()).toEqual([]);
  finish();
  expect((await upload).status).toBe(201);
  expect(await ownUsers()).toEqual(["ann"]); // express-session has saved what it had in hand
  expect(await said(await notes(ann.cookie))).toMatchObject({ httpStatus: 401, reason: "idle" });
  expect(await ownUsers()).toEqual([]);
});

test("a new id in mid-session moves no clock, and the old id is worth nothing", async () => {
  const { clock, sessions, person, notes, post } = await serve();
  const ann = await person();
  clock.advance(4 * MINUTE);
  const [before] = await sessions.list("ann");
  const answer = await post("/password", ann.cookie);
  expect(answer.status).toBe(204);
  const cookie = cookieOf(answer);
  expect(cookie).not.toBe(ann.cookie);
  expect(await sessions.list("ann")).toEqual([before]);
  expect((await notes(ann.cookie)).status).toBe(401);
  clock.advance(11 * MINUTE - 1);
  expect((await notes(cookie)).status).toBe(200);
  clock.advance(1);
  expect(await said(await notes(cookie))).toMatchObject({ httpStatus: 401, reason: "idle" });
});

test("an end right after a new id destroys the app's session under that one", async () => {
  const { sessions, person, post, ownUsers } = await serve();
  const { cookie, sid } = await person();
  expect((await post("/password", cookie)).status).toBe(204);
  expect(await ownUsers()).toEqual(["ann"]);
  await sessions.end(sid);
  await vi.waitFor(async () => expect(await ownUsers()).toEqual([]));
});

test("a sign-in regenerates the id and ends what the browser had", async () => {
  const { sessions, url, person, notes, ownUsers } = await serve();
  const ann = await person();
  const answer = await postJson(`${url}/sign-in`, { name: "ben", password: "demo" }, { cookie: ann.cookie });
  expect(cookieOf(answer)).not.toBe(ann.cookie);
  expect(await sessions.list("ann")).toEqual([]);
  expect((await notes(ann.cookie)).status).toBe(401);
  expect(
    await said(await fetch(`${url}/curfew/session`, { headers: { cookie: cookieOf(answer) } })),
  ).toMatchObject({ status: "active" });
  await vi.waitFor(async () => expect(await ownUsers()).toEqual(["ben"]));
});
