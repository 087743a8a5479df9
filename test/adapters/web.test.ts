import { describe, expect, test } from "vitest";
import { createSessionVerifier } from "../../src/server/adapters/web.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import { createTestClock } from "../server/support/test-clock.js";
import { MINUTE, SILENT } from "../server/support/test-verifier.js";

const ORIGIN = "https://app.test";

async function signedIn() {
  const clock = createTestClock();
  const sessions = createSessionVerifier({
    policy: { idle: "15m", absolute: "12h" },
    store: memoryStore({ clock }),
    signInUrl: "/login",
    logger: SILENT,
  });
  const { session, headers } = await sessions.start(new Request(`${ORIGIN}/sign-in`, { method: "POST" }), {
    subject: "ann",
  });
  const cookie = headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const request = (path: string, more: Record<string, string> = {}) =>
    new Request(`${ORIGIN}${path}`, { headers: { cookie, ...more } });
  return { clock, sessions, session, headers, request };
}

describe("the guard", () => {
  test("hands out the session, its signal and the headers of the answer", async () => {
    const { sessions, session, request } = await signedIn();
    const passed = await sessions.guard()(request("/api/me"));
    if (passed instanceof Response) throw new Error(`refused with ${passed.status}`);
    expect(passed.session).toMatchObject({ sid: session.sid, subject: "ann" });
    expect(Object.fromEntries(passed.headers)).toEqual({ "cache-control": "no-store" });
    expect(passed.signal.aborted).toBe(false);
    await sessions.end(session.sid);
    expect(passed.signal.aborted).toBe(true);
  });

  test("hands out the refusal to return as it is", async () => {
    const { sessions, clock, request } = await signedIn();
    clock.advance(15 * MINUTE);
    const refused = await sessions.guard()(request("/api/me"));
    if (!(refused instanceof Response)) throw new Error("let pass");
    expect([refused.status, refused.headers.get("content-type")]).toEqual([401, "application/problem+json"]);
    const page = await sessions.page()(request("/report?of=may"));
    if (!(page instanceof Response)) throw new Error("let pass");
    expect([page.status, page.headers.get("location")]).toEqual([303, "/login?return=%2Freport%3Fof%3Dmay"]);
  });

  test("refuses options that it does not know, at start", async () => {
    const { sessions } = await signedIn();
    expect(() => sessions.guard({ frsh: "5m" } as never)).toThrow(/frsh/);
    expect(() => sessions.page({ fresh: "soon" })).toThrow(/fresh/);
  });
});

test("every set of headers carries no-store", async () => {
  const { sessions, headers, request } = await signedIn();
  expect(headers.get("cache-control")).toBe("no-store");
  const again = await sessions.reauthenticate(request("/reauth"), { subject: "ann" });
  expect(again.headers.get("cache-control")).toBe("no-store");
  expect((await sessions.signOut(request("/sign-out"))).get("cache-control")).toBe("no-store");
});

test("a request of another runtime's own class is understood", async () => {
  const { sessions, request } = await signedIn();
  class OwnRequest extends Request {}
  const BuiltIn = globalThis.Request;
  const foreign = request("/api/me");
  globalThis.Request = OwnRequest;
  try {
    expect((await sessions.check(foreign)).status).toBe("active");
  } finally {
    globalThis.Request = BuiltIn;
  }
});

test("only the protocol's own paths are answered", async () => {
  const { sessions, request } = await signedIn();
  expect((await sessions.handle(request("/curfew/session"))).status).toBe(200);
  expect((await sessions.handle(request("/other"))).status).toBe(404);
  expect((await sessions.handle(request("/curfewish/session"))).status).toBe(404);
});
