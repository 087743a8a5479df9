import { expect, test } from "vitest";
import { createSessionVerifier } from "../../src/server/adapters/node.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import { signIn } from "../../src/testing/sign-in.js";
import { createTestClock } from "../../src/testing/test-clock.js";

const MINUTE = 60_000;
const SILENT = { info: () => {}, warn: () => {}, error: () => {} };

function setUp(more: Record<string, unknown> = {}) {
  const clock = createTestClock();
  const sessions = createSessionVerifier({
    policy: { idle: "15m", absolute: "12h" },
    store: memoryStore({ clock }),
    signInUrl: "/login",
    logger: SILENT,
    ...more,
  });
  return { clock, sessions };
}

const api = (cookie: string, init: RequestInit = {}) =>
  new Request("https://app.test/api", { ...init, headers: { cookie, ...init.headers } });

test("signs in with a real key, and a heartbeat extends to the millisecond", async () => {
  const { clock, sessions } = setUp();
  const { cookie, heartbeat, status } = await signIn(sessions, { subject: "ann", roles: ["nurse"] });
  expect((await status()).key).toMatch(/^[\w-]{43}$/);
  clock.advance(15 * MINUTE - 1);
  expect(await heartbeat()).toMatchObject({ status: 200, body: { status: "active" } });
  clock.advance(15 * MINUTE - 1);
  expect(await sessions.check(api(cookie))).toMatchObject({
    status: "active",
    session: { roles: ["nurse"] },
  });
  clock.advance(1);
  expect((await sessions.check(api(cookie))).status).toBe("ended");
  await expect(status()).rejects.toThrow(/does not live: 401/);
  expect(await heartbeat()).toMatchObject({ status: 401, body: { type: "urn:curfew:session-ended" } });
});

test("dates a heartbeat back to when the input was", async () => {
  const { clock, sessions } = setUp();
  const { heartbeat, status } = await signIn(sessions, { subject: "ann" });
  const inputAt = clock.now() + 1_000;
  clock.advance(5 * MINUTE);
  await heartbeat(inputAt);
  expect((await status()).lastActiveAt).toBe(inputAt);
});

test("makes the proof that a guarded operation asks for", async () => {
  const { sessions } = setUp();
  const { cookie, proof } = await signIn(sessions, { subject: "ann" });
  const send = (headers: Record<string, string> = {}) =>
    sessions.check(
      api(cookie, { method: "POST", body: "5", headers: { origin: "https://app.test", ...headers } }),
      {
        proof: true,
      },
    );
  const asked = await send();
  const challenge = asked.status === "stale" ? (asked.problem.challenge ?? "") : "";
  const header = proof({ challenge, method: "POST", path: "/api", body: "5" });
  expect((await send({ "curfew-proof": header })).status).toBe("active");
});

test("works with the plain cookie, another base and another origin", async () => {
  const { sessions } = setUp({
    policy: { idle: "15m", absolute: "12h", unsafeForTesting: true },
    cookie: "plain",
    base: "/session",
  });
  const { cookie, heartbeat } = await signIn(sessions, {
    subject: "ann",
    base: "/session",
    origin: "http://localhost:3000",
  });
  expect(cookie).toMatch(/^curfew=[\w-]{43}$/);
  expect((await heartbeat()).status).toBe(200);
});

test("a test's clock goes on by a duration as a policy writes it, and refuses what is none", () => {
  const clock = createTestClock(0);
  clock.advance("25m");
  clock.advance(500);
  expect([clock.now(), clock.monotonic()]).toEqual([25 * MINUTE + 500, 25 * MINUTE + 500]);
  expect(() => clock.advance("soon")).toThrow('advance() is "soon"; write a duration with its unit');
});
