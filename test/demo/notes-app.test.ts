// @vitest-environment happy-dom
// What the demo's three pages share, with the session that adopters' tests have: no browser, no server, no waiting.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createNotesApp, type NotesApp } from "../../demo/notes-app.js";
import { createTestSession } from "../../src/testing/create-test-session.js";

const NOTES = [{ id: "1", title: "Ward round", text: "Bed 4" }];

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/** What the app asked for, oldest first. */
let asked: Asked[];
/** What its server answers; the first that fits. */
let answers: Record<string, () => Response>;

const problem = (name: string) =>
  new Response(JSON.stringify({ type: `urn:curfew:${name}`, title: name }), {
    status: 401,
    headers: { "content-type": "application/problem+json" },
  });
const json = (value: unknown) => new Response(JSON.stringify(value));
const asking = (path: string) => asked.filter((request) => request.path === path);

beforeEach(() => {
  asked = [];
  answers = {
    "/api/notes": () => json({ notes: NOTES, lastActiveAt: 1_000, idleExpiresAt: 61_000 }),
    "/audit?last=8": () => json([]),
    "/api/notes/1": () => new Response(null, { status: 204 }),
    "/api/transfer": () => json({}),
    "/reauth": () => new Response(null, { status: 204 }),
  };
  vi.useFakeTimers();
  vi.stubGlobal("fetch", async (path: string, { method = "GET", body }: RequestInit = {}) => {
    asked.push({ method, path, body: String(body ?? "") });
    return answers[path]?.() ?? new Response(null, { status: 404 });
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
  document.body.replaceChildren();
});

/** What is under way in the app is a promise or two. */
const settle = () => vi.advanceTimersByTimeAsync(0);

test("the poller goes on in every state, and what it meets makes the client ask the server", async () => {
  const session = createTestSession();
  const app = createNotesApp(session);
  await settle();
  expect(app.view()).toMatchObject({ notes: NOTES, pollCount: 1, pollStatus: "200", idleTimeout: 60_000 });
  expect(session.server.calls).toEqual([]);
  answers["/api/notes"] = () => problem("session-ended");
  await vi.advanceTimersByTimeAsync(2_000);
  await session.advance(0);
  expect(app.view()).toMatchObject({ pollCount: 2, pollStatus: "401 urn:curfew:session-ended" });
  expect(session.server.calls).toEqual(["session"]);
  expect(session.server.heartbeats).toEqual([]);
});

test("the time left is the session's own, not the browser's", async () => {
  const session = createTestSession({ policy: { idle: "60s", warning: "20s" } });
  const app = createNotesApp(session);
  await session.advance("41s");
  await vi.advanceTimersByTimeAsync(200);
  expect([session.state.status, app.view().remaining]).toEqual(["warning", 19_000]);
});

test("what is not saved yet is saved before the end, while the server still accepts", async () => {
  const session = createTestSession({ policy: { idle: "60s", warning: "20s" } });
  const app = createNotesApp(session);
  await settle();
  await session.advance("49s");
  app.edit("1", "Bed 5");
  expect(asking("/api/notes/1")).toEqual([]);
  await session.advance("1s");
  await settle();
  expect(asking("/api/notes/1")).toMatchObject([{ method: "PUT", body: '{"text":"Bed 5"}' }]);
  expect(session.state.status).toBe("warning");
  expect(app.view().saveStatus).toBe("All changes saved");
});

test("a draft that the server refused stays on the page, and is saved when the same person is back", async () => {
  const session = createTestSession();
  const app = createNotesApp(session);
  await settle();
  answers["/api/notes/1"] = () => problem("session-ended");
  await session.server.end();
  app.edit("1", "Bed 6");
  await vi.advanceTimersByTimeAsync(400);
  await session.advance(0);
  expect(app.view().saveStatus).toBe("Not saved yet");
  answers["/api/notes/1"] = () => new Response(null, { status: 204 });
  await session.server.signIn();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(app.view()).toMatchObject({ saveStatus: "All changes saved" });
  expect(session.state.status).toBe("active");
});

test("a transfer asks for the password only where the server wants it fresh", async () => {
  const session = createTestSession();
  const app = createNotesApp(session);
  answers["/api/transfer"] = () => problem("step-up");
  await app.transfer();
  expect(app.view()).toMatchObject({ stepUp: true, transferResult: "" });
  answers["/api/transfer"] = () => json({});
  await app.reauthenticate("demo");
  expect(app.view()).toMatchObject({ stepUp: false });
  expect(app.view().transferResult).toContain("transferred to City Hospital");
  expect(session.state.status).toBe("active");
});

test("the form signs out by the client, and by itself where the server cannot be reached", async () => {
  document.body.innerHTML = '<form class="who" method="post" action="/logout"></form>';
  const form = document.querySelector("form") ?? document.createElement("form");
  const submit = vi.spyOn(form, "submit").mockImplementation(() => {});
  const session = createTestSession();
  await startAndSignOut(createNotesApp(session), form);
  await vi.waitFor(() => expect(session.state).toMatchObject({ status: "ended", reason: "signed-out" }));
  expect(submit).not.toHaveBeenCalled();

  const offline = createTestSession({ reachable: false });
  await startAndSignOut(createNotesApp(offline), form);
  await vi.waitFor(() => expect(submit).toHaveBeenCalledOnce());
});

async function startAndSignOut(_app: NotesApp, form: HTMLFormElement): Promise<void> {
  form.dispatchEvent(new Event("submit", { cancelable: true }));
  await settle();
}
