/** Attacks on reauthentication and on the proof of a single operation. */
import { describe, expect, test } from "vitest";
import { PROOF_TYP } from "../../src/protocol/operation-proof.js";
import { sha256 } from "../../src/server/platform/secrets.js";
import { createTestKey, ORIGIN, TestBrowser, type TestKey } from "../server/support/test-browser.js";
import { createTestVerifier, MINUTE } from "../server/support/test-verifier.js";
import { copyOf, STORES } from "./support/nodes.js";

const BODY = '{"amount":5}';

function transfer(browser: TestBrowser, proof?: string): Request {
  const headers = { origin: ORIGIN, ...(proof === undefined ? {} : { "curfew-proof": proof }) };
  return browser.request("/transfer", { method: "POST", headers, body: BODY });
}

async function proofOf(browser: TestBrowser, challenge: string, key: TestKey = browser.key): Promise<string> {
  const { sid } = browser.live;
  const payload = { v: 1, aud: ORIGIN, sid, challenge, method: "POST", path: "/transfer" };
  return key.sign(
    { alg: "ES256", typ: PROOF_TYP, kid: browser.key.thumbprint },
    { ...payload, bodyHash: sha256(BODY) },
  );
}

type Sessions = ReturnType<typeof createTestVerifier>["sessions"];

async function challengeFor(sessions: Sessions, browser: TestBrowser): Promise<string> {
  const asked = await sessions.check(transfer(browser), { proof: true });
  return asked.status === "stale" ? (asked.problem.challenge ?? "") : "";
}

describe("42: a script that signs in the page", () => {
  test("42: cannot prove a fresh authentication, and gains no hour beyond the absolute deadline", async () => {
    const { sessions, clock } = createTestVerifier();
    const browser = await TestBrowser.signedIn(sessions);
    const { absoluteExpiresAt } = browser.live;
    clock.advance(6 * MINUTE);
    // The script has all that the page has: cookie, key, and as many signatures as it wants.
    await browser.beat(clock.now(), { payload: { intent: "extend" } });
    expect(await sessions.check(browser.request("/pay"), { fresh: "5m" })).toMatchObject({
      status: "stale",
      problem: { type: "urn:curfew:step-up", maxAge: 300 },
    });
    while (clock.now() + 10 * MINUTE < absoluteExpiresAt) {
      clock.advance(10 * MINUTE);
      await browser.beat(clock.now());
    }
    clock.advance(absoluteExpiresAt - clock.now());
    expect((await browser.beat(clock.now())).body.reason).toBe("absolute");
  });
});

describe.each(STORES)("$name", ({ open }) => {
  test("56: a proof is used once, whichever of two nodes it is sent to, at the same moment or later", async () => {
    const nodes = open();
    const [here, there] = [nodes.add(), nodes.add()];
    const browser = await TestBrowser.signedIn(here.sessions);
    const copy = copyOf(browser, there.sessions);
    const proof = await proofOf(browser, await challengeFor(here.sessions, browser));
    const statuses = await Promise.all(
      [...Array(20)].map(async (_, at) => {
        const node = at % 2 === 0 ? here : there;
        return (await node.sessions.check(transfer(copy, proof), { proof: true })).status;
      }),
    );
    expect(statuses.filter((status) => status === "active")).toHaveLength(1);
    expect(await there.sessions.check(transfer(copy, proof), { proof: true })).toMatchObject({
      status: "refused",
      problem: { code: "challenge" },
    });
  });

  test("57: whatever is asked, signed or proven, only a reauthentication moves the absolute deadline", async () => {
    const nodes = open();
    const { sessions } = nodes.add();
    const browser = await TestBrowser.signedIn(sessions);
    const { authenticatedAt, absoluteExpiresAt } = browser.live;
    nodes.clock.advance(5 * MINUTE);
    await browser.beat(nodes.clock.now(), { payload: { intent: "extend" } });
    await sessions.check(transfer(browser, await proofOf(browser, await challengeFor(sessions, browser))), {
      proof: true,
    });
    await sessions.update(browser.request("/"), { roles: ["admin"] });
    await browser.ask();
    expect(browser.live).toMatchObject({
      authenticatedAt,
      absoluteExpiresAt,
      lastActiveAt: nodes.clock.now(),
    });
    await expect(
      sessions.reauthenticate(browser.request("/reauth"), { subject: "bob" }),
    ).rejects.toMatchObject({
      code: "other-subject",
    });
    await expect(
      sessions.reauthenticate(browser.request("/reauth"), {
        subject: "ann",
        authenticatedAt: nodes.clock.now() + 60 * MINUTE,
      }),
    ).rejects.toMatchObject({ code: "bad-authenticated-at" });
    expect((await browser.ask()).body.absoluteExpiresAt).toBe(absoluteExpiresAt);
    await browser.reauthenticate("ann");
    expect(browser.live.absoluteExpiresAt).toBe(absoluteExpiresAt + 5 * MINUTE);
  });
});

test("56: a proof by another key, or asked for by a session without one, is refused and audited", async () => {
  const { sessions, audit } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions);
  const challenge = await challengeFor(sessions, browser);
  const forged = await proofOf(browser, challenge, await createTestKey());
  expect(await sessions.check(transfer(browser, forged), { proof: true })).toMatchObject({
    problem: { code: "signature" },
  });
  expect(audit.at(-1)).toMatchObject({ type: "proof_refused", code: "signature" });
  const keyless = await TestBrowser.signedIn(sessions, { bind: false });
  const proof = await proofOf(keyless, await challengeFor(sessions, keyless));
  expect(await sessions.check(transfer(keyless, proof), { proof: true })).toMatchObject({
    problem: { type: "urn:curfew:key-mismatch" },
  });
});

test("56: who holds only the cookie cannot use up or push out the honest browser's challenge", async () => {
  const { sessions } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions);
  const challenge = await challengeFor(sessions, browser);
  // The thief has a copy of the cookie and no key.
  for (let at = 0; at < 50; at++) await challengeFor(sessions, browser);
  const proof = await proofOf(browser, challenge);
  expect((await sessions.check(transfer(browser, proof), { proof: true })).status).toBe("active");
});
