/** How to test an app's own routes: a clock that the test moves, and people who are signed in with a real key. */
import { memoryStore } from "curfew/server";
import { createSessionVerifier } from "curfew/server/web";
import { createTestClock, signIn, type TestSignIn } from "curfew/testing";
import { beforeEach, expect, test } from "vitest";
import { type App, createApp } from "../src/app.js";

const MINUTE = 60_000;

let app: App;
let sessions: ReturnType<typeof createSessionVerifier>;
let clock: ReturnType<typeof createTestClock>;

beforeEach(() => {
  clock = createTestClock();
  sessions = createSessionVerifier({
    policy: { idle: "15m", absolute: "12h" },
    store: memoryStore({ clock }),
    signInUrl: "/login",
  });
  app = createApp(sessions);
  return () => sessions.close();
});

const ask = (cookie: string, method = "GET") =>
  app(new Request("https://app.test/notes", { method, headers: { cookie } }));

const problemIn = async (response: Response) => ({
  status: response.status,
  ...((await response.json()) as { readonly type: string; readonly reason?: string }),
});

test("shows no notes to somebody who is not signed in", async () => {
  expect(await problemIn(await ask(""))).toMatchObject({ status: 401, type: "urn:curfew:no-session" });
});

test("shows a person's notes", async () => {
  const { cookie } = await signIn(sessions, { subject: "ann" });
  const answer = await ask(cookie);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({ subject: "ann", notes: ["Buy milk"] });
});

test("ends after 15 minutes without activity, however often the page polls", async () => {
  const { cookie } = await signIn(sessions, { subject: "ann" });
  for (let minute = 0; minute < 15; minute++) {
    expect((await ask(cookie)).status).toBe(200);
    clock.advance(MINUTE);
  }
  expect(await problemIn(await ask(cookie))).toMatchObject({ status: 401, reason: "idle" });
});

test("goes on while the person is there, for 12 hours at most", async () => {
  const ann = await signIn(sessions, { subject: "ann" });
  const signedInAt = clock.now();
  while (clock.now() + 10 * MINUTE < signedInAt + 12 * 60 * MINUTE) await pass(ann, 10 * MINUTE);
  expect((await ask(ann.cookie)).status).toBe(200);
  clock.advance(10 * MINUTE);
  expect(await problemIn(await ask(ann.cookie))).toMatchObject({ status: 401, reason: "absolute" });
});

test("lets an editor alone delete notes", async () => {
  const ann = await signIn(sessions, { subject: "ann", roles: ["editor"] });
  const ben = await signIn(sessions, { subject: "ben" });
  expect((await ask(ben.cookie, "DELETE")).status).toBe(403);
  expect((await ask(ann.cookie, "DELETE")).status).toBe(200);
});

test("asks for the password again before it deletes notes", async () => {
  const ann = await signIn(sessions, { subject: "ann", roles: ["editor"] });
  clock.advance(5 * MINUTE);
  expect(await problemIn(await ask(ann.cookie, "DELETE"))).toMatchObject({
    status: 401,
    type: "urn:curfew:step-up",
  });
});

test("shows nothing any more once the session has been revoked", async () => {
  const { cookie, sid } = await signIn(sessions, { subject: "ann" });
  await sessions.end(sid);
  expect(await problemIn(await ask(cookie))).toMatchObject({ status: 401, reason: "revoked" });
});

/** Time passes, and then the person does something. */
async function pass(person: TestSignIn, duration: number): Promise<void> {
  clock.advance(duration);
  expect((await person.heartbeat()).status).toBe(200);
}
