import { beforeEach, expect, test, vi } from "vitest";
import { resolveTimeouts } from "../../src/server/policy/resolve.js";
import { TestBrowser } from "./support/test-browser.js";
import { createTestVerifier, MINUTE } from "./support/test-verifier.js";

// The real one, counted: it evaluates every rule of the policy for one session.
vi.mock("../../src/server/policy/resolve.js", { spy: true });

const counted = vi.mocked(resolveTimeouts);
const policy = {
  idle: "15m",
  absolute: "12h",
  rules: [
    { roles: ["admin"], idle: "5m" },
    { attributes: { desk: "trading" }, idle: "10m" },
    { networks: ["10.0.0.0/8"], idle: "6m" },
    { routes: ["/admin/**"], fresh: "5m" },
  ],
};

async function begun() {
  const verifier = createTestVerifier({ policy });
  const browser = await TestBrowser.signedIn(verifier.sessions);
  verifier.clock.advance(MINUTE);
  counted.mockClear();
  return { ...verifier, browser };
}

beforeEach(() => void counted.mockClear());

test("a guard's check evaluates the policy's rules once", async () => {
  const { sessions, browser } = await begun();
  expect(await sessions.check(browser.request("/notes"))).toMatchObject({ status: "active" });
  expect(counted).toHaveBeenCalledTimes(1);
});

test("a question for the status evaluates the policy's rules once", async () => {
  const { browser } = await begun();
  expect((await browser.ask()).status).toBe(200);
  expect(counted).toHaveBeenCalledTimes(1);
});

test("an accepted heartbeat evaluates them once for the record that it reads and once for the one that it writes", async () => {
  const { clock, browser } = await begun();
  expect((await browser.beat(clock.now())).status).toBe(200);
  expect(counted).toHaveBeenCalledTimes(2);
});

test("a heartbeat that is refused evaluates them once", async () => {
  const { clock, browser } = await begun();
  expect((await browser.beat(clock.now(), { payload: { aud: "https://other.test" } })).status).toBe(400);
  expect(counted).toHaveBeenCalledTimes(1);
});

test("a request from other networks evaluates them once for the record that it reads and once for the one that it writes", async () => {
  const { sessions, browser } = await begun();
  const request = browser.request("/curfew/session");
  expect((await sessions.handle(request, { address: "10.1.2.3" })).status).toBe(200);
  expect(counted).toHaveBeenCalledTimes(2);
});

test("a list evaluates them once for each session", async () => {
  const { sessions } = await begun();
  await TestBrowser.signedIn(sessions);
  counted.mockClear();
  expect(await sessions.list("ann")).toHaveLength(2);
  expect(counted).toHaveBeenCalledTimes(2);
});

test("an end that is found evaluates them once, and the tombstone not at all", async () => {
  const { clock, sessions, browser } = await begun();
  clock.advance(15 * MINUTE);
  expect(await sessions.check(browser.request("/notes"))).toMatchObject({ status: "ended" });
  expect(counted).toHaveBeenCalledTimes(1);
  counted.mockClear();
  expect(await sessions.check(browser.request("/notes"))).toMatchObject({ status: "ended" });
  expect(counted).not.toHaveBeenCalled();
});
