/** Attacks by cost and by guessing: what a request may make the server compute, and what its answer tells. */
import type * as Crypto from "node:crypto";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { randomText } from "../../src/server/platform/secrets.js";
import { createTestKey, ORIGIN, TestBrowser } from "../server/support/test-browser.js";
import { createTestVerifier, MINUTE } from "../server/support/test-verifier.js";

const cost = vi.hoisted(() => ({ verifications: 0, imports: 0 }));
vi.mock("node:crypto", async (original) => {
  const crypto = await original<typeof Crypto>();
  return {
    ...crypto,
    verify: (...args: Parameters<typeof crypto.verify>) => {
      cost.verifications++;
      return crypto.verify(...args);
    },
    createPublicKey: (...args: Parameters<typeof crypto.createPublicKey>) => {
      cost.imports++;
      return crypto.createPublicKey(...args);
    },
  };
});

beforeEach(() => {
  Object.assign(cost, { verifications: 0, imports: 0 });
});

describe("38: a flood of heartbeats whose signatures are garbage", () => {
  async function attacked(limits: { failures?: number } = {}) {
    const verifier = createTestVerifier({ limits });
    const browser = await TestBrowser.signedIn(verifier.sessions);
    verifier.clock.advance(MINUTE);
    const right = await browser.heartbeat(verifier.clock.now());
    const garbage = `${right.slice(0, right.lastIndexOf("."))}.${"A".repeat(86)}`;
    Object.assign(cost, { verifications: 0, imports: 0 });
    return { ...verifier, browser, garbage };
  }

  test.each([
    ["without a cookie", null],
    ["with a cookie that names nothing", `__Host-curfew=${randomText(32)}`],
  ])("38: %s they cost no cryptography at all", async (_name, cookie) => {
    const { browser, garbage } = await attacked();
    browser.cookie = cookie;
    for (let at = 0; at < 100; at++)
      expect((await browser.post("/curfew/heartbeat", { heartbeat: garbage })).status).toBe(401);
    expect(cost).toEqual({ verifications: 0, imports: 0 });
  });

  test("38: with the cookie and a used nonce, another key's name or another page they cost no cryptography either, but for the few that are told one by one", async () => {
    const { browser, clock } = await attacked();
    const wrong = [
      await browser.heartbeat(clock.now(), { payload: { nonce: randomText(32) } }),
      await browser.heartbeat(clock.now(), { header: { kid: "other" } }),
      await browser.heartbeat(clock.now(), { header: { alg: "none" } }),
      await browser.heartbeat(clock.now(), { payload: { aud: "https://evil.test" } }),
    ];
    for (const heartbeat of wrong)
      for (let at = 0; at < 25; at++)
        expect((await browser.post("/curfew/heartbeat", { heartbeat })).status).toBeGreaterThanOrEqual(400);
    // The trail says of a used nonce whether the key has signed it: that of a copied profile is told from a forger's so.
    expect(cost.imports).toBe(0);
    expect(cost.verifications).toBeLessThanOrEqual(5);
  });

  test("38: with the cookie and the right nonce they cost as many verifications as the limit says, and 429 after that", async () => {
    const { browser, garbage, audit } = await attacked({ failures: 20 });
    const statuses: number[] = [];
    for (let at = 0; at < 200; at++)
      statuses.push((await browser.post("/curfew/heartbeat", { heartbeat: garbage })).status);
    expect(statuses.filter((status) => status === 400)).toHaveLength(20);
    expect(statuses.filter((status) => status === 429)).toHaveLength(180);
    expect(cost.verifications).toBe(20);
    expect(audit.filter(({ type }) => type === "rate_limited")).toHaveLength(1);
  });

  test("38: a second key costs nothing once one is bound, and keys that prove nothing share the limit", async () => {
    const { browser } = await attacked();
    const stranger = await createTestKey();
    for (let at = 0; at < 20; at++) expect((await browser.bind(stranger)).status).toBe(409);
    expect(cost).toEqual({ verifications: 0, imports: 0 });

    const { sessions } = createTestVerifier({ limits: { failures: 5 } });
    const unbound = await TestBrowser.signedIn(sessions, { bind: false });
    for (let at = 0; at < 20; at++) {
      const binding = await unbound.binding(await createTestKey());
      const [header, payload] = binding.split(".");
      await unbound.post("/curfew/key", { binding: `${header}.${payload}.${"A".repeat(86)}` });
    }
    expect(cost.verifications).toBe(5);
  });
});

describe("73: who has no session of theirs", () => {
  test("73: learns nothing of a sid that they guess: one that lives, one that ended, one that never was", async () => {
    const { sessions, clock } = createTestVerifier();
    const [live, ended] = [await TestBrowser.signedIn(sessions), await TestBrowser.signedIn(sessions)];
    await sessions.end(ended.live.sid);
    const mine = await TestBrowser.signedIn(sessions, { subject: "mallory" });
    const cookies = { mine: mine.cookie, unknown: `__Host-curfew=${randomText(32)}`, none: null };
    for (const [whose, cookie] of Object.entries(cookies)) {
      const answers = new Set<string>();
      for (const sid of [live.live.sid, ended.live.sid, randomText(16)]) {
        mine.cookie = cookie;
        const heartbeat = await mine.heartbeat(clock.now(), { payload: { sid } });
        const all = [
          await mine.post("/curfew/heartbeat", { heartbeat }),
          await mine.post("/curfew/end", { sid }),
        ];
        answers.add(JSON.stringify(all.map(({ status, body, headers }) => [status, body, [...headers]])));
      }
      expect(answers.size, whose).toBe(1);
    }
    expect((await sessions.list("ann")).map(({ sid }) => sid)).toEqual([live.live.sid]);
  });

  test("73: ?was= says of another's sid what it says of one that never was", async () => {
    const { sessions } = createTestVerifier();
    const ann = await TestBrowser.signedIn(sessions);
    const mallory = await TestBrowser.signedIn(sessions, { subject: "mallory" });
    for (const sid of [ann.live.sid, randomText(16), "", "__proto__"])
      expect((await mallory.ask(`?was=${sid}`)).body.sameSubject).toBe(false);
  });

  test("74: 10,000 guesses at the cookie cost no cryptography, move nothing and make nothing", async () => {
    const { sessions, clock, audit } = createTestVerifier();
    const ann = await TestBrowser.signedIn(sessions);
    const { lastActiveAt } = ann.live;
    const records = audit.length;
    Object.assign(cost, { verifications: 0, imports: 0 });
    clock.advance(MINUTE);
    for (let at = 0; at < 10_000; at++) {
      const headers = { cookie: `__Host-curfew=${randomText(32)}` };
      const answer = await sessions.handle(new Request(`${ORIGIN}/curfew/session`, { headers }));
      if (answer.status !== 401 || answer.headers.has("set-cookie"))
        expect.unreachable("a guess was answered");
    }
    expect(cost).toEqual({ verifications: 0, imports: 0 });
    expect(audit).toHaveLength(records);
    expect((await sessions.list("ann")).map((session) => session.lastActiveAt)).toEqual([lastActiveAt]);
  });
});
