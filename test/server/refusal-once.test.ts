import { afterEach, expect, test, vi } from "vitest";
import { createSessionVerifier } from "../../src/server/adapters/web.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import { TestBrowser } from "./support/test-browser.js";
import { createTestVerifier, MINUTE, SILENT } from "./support/test-verifier.js";

afterEach(() => void vi.restoreAllMocks());

test("what was refused is said without reading an answer that was written for it", async () => {
  const { clock, sessions } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions);
  clock.advance(15 * MINUTE);
  const written = vi.spyOn(JSON, "stringify");
  const read = vi.spyOn(JSON, "parse");
  expect(await sessions.check(browser.request("/notes"))).toMatchObject({
    status: "ended",
    problem: { type: "urn:curfew:session-ended", reason: "idle", sid: browser.live.sid, status: 401 },
  });
  expect(read).not.toHaveBeenCalled();
  const answers = written.mock.calls.filter(([value]) => Object.hasOwn(Object(value), "title"));
  expect(answers).toEqual([]);
});

test("the problem that a check tells is the one that the guard sends", async () => {
  const sessions = createSessionVerifier({
    policy: { idle: "15m", absolute: "12h" },
    store: memoryStore(),
    signInUrl: "/login",
    logger: SILENT,
  });
  const request = () =>
    new Request("https://app.test/api/notes", { headers: { accept: "application/json" } });
  const check = await sessions.check(request());
  const answer = await sessions.guard()(request());
  if (check.status === "active" || !(answer instanceof Response)) throw new Error("nobody is signed in");
  expect(await answer.json()).toEqual(check.problem);
  expect(answer.status).toBe(check.problem.status);
});
