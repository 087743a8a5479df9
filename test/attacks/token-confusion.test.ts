/** Every kind of token that Curfew or a provider makes, offered at every door: each opens its own, and nothing else. */
import { SignJWT } from "jose";
import { describe, expect, onTestFinished, test } from "vitest";
import { oidc } from "../../src/server/idp/oidc.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import { signIn } from "../../src/testing/sign-in.js";
import { CLIENT_ID, startFakeProvider } from "../server/support/fake-provider.js";
import { createTestClock } from "../server/support/test-clock.js";
import { createTestVerifier } from "../server/support/test-verifier.js";

const ORIGIN = "https://app.test";

/** A live session of ann's with a key, one of each kind of token that stands for it, and the doors. */
async function open() {
  const clock = createTestClock();
  const provider = await startFakeProvider(clock.now);
  const idp = oidc({ issuer: provider.issuer, clientId: CLIENT_ID, privateAddresses: ["loopback"] });
  const { sessions } = createTestVerifier({ store: memoryStore({ clock }), idp });
  onTestFinished(async () => {
    await sessions.close();
    await provider.close();
  });
  const sent: Record<string, string> = {};
  /** What the real browser half posts, as it is kept for the doors: it goes nowhere where the test says so. */
  let isHeldBack = false;
  const recorded = {
    start: sessions.start.bind(sessions) as never,
    async handle(request: Request) {
      const path = new URL(request.url).pathname.replace("/curfew/", "");
      if (request.method === "POST") sent[path] = Object.values(await request.clone().json()).join();
      return isHeldBack && path === "heartbeat"
        ? new Response("{}", { status: 503 })
        : sessions.handle(request);
    },
  };
  const told = { subject: "ann", authenticatedAt: clock.now(), idp: { iss: provider.issuer, sid: "one" } };
  const person = await signIn(recorded, told);
  clock.advance(60_000);
  isHeldBack = true;
  await person.heartbeat(clock.now()).catch(() => {});
  const { cookie, sid } = person;
  const asked = await sessions.check(
    new Request(`${ORIGIN}/transfer`, { method: "POST", headers: { cookie } }),
    { proof: true } as never,
  );
  const challenge = "problem" in asked ? String(asked.problem.challenge) : "";
  const second = Math.floor(clock.now() / 1_000);
  const ofProvider = {
    iss: provider.issuer,
    aud: CLIENT_ID,
    sub: "ann",
    sid: "one",
    iat: second,
    exp: second + 60,
  };
  const tokens: Readonly<Record<string, string>> = {
    "the cookie's secret": cookie.split("=")[1] ?? "",
    "the session's public id": sid,
    "a key binding": sent.key ?? "",
    "a heartbeat": sent.heartbeat ?? "",
    "a proof": person.proof({ challenge, method: "POST", path: "/transfer" }),
    "an ID token": await provider.token({ ...ofProvider, events: undefined, nonce: "n" }, { typ: "JWT" }),
    "an access token": await provider.token({ ...ofProvider, events: undefined }, { typ: "at+jwt" }),
    "a security event": await provider.token({ ...ofProvider, exp: undefined }, { typ: "secevent+jwt" }),
    "a logout token": await provider.token(ofProvider),
    "a logout token by a shared secret": await new SignJWT(ofProvider)
      .setProtectedHeader({ alg: "HS256", typ: "logout+jwt" })
      .sign(new TextEncoder().encode("a secret of the app's with 32 characters")),
  };
  const ask = async (path: string, init: RequestInit) =>
    (await sessions.handle(new Request(`${ORIGIN}${path}`, init))).status;
  const post = (path: string, member: object) =>
    ask(`/curfew/${path}`, {
      method: "POST",
      headers: { cookie, "content-type": "application/json", "sec-fetch-site": "same-origin" },
      body: JSON.stringify(member),
    });
  const checked = async (headers: Record<string, string>, options = {}) =>
    (await sessions.check(new Request(`${ORIGIN}/transfer`, { method: "POST", headers }), options)).status;
  const name = cookie.split("=")[0];
  const doors: Readonly<Record<string, (token: string) => Promise<number | string>>> = {
    "the cookie": (token) => checked({ cookie: `${name}=${token}` }),
    "the Authorization header": (token) => checked({ authorization: `Bearer ${token}` }),
    "the proof of an operation": (token) => checked({ cookie, "curfew-proof": token }, { proof: true }),
    "POST /key": (token) => post("key", { binding: token }),
    "POST /heartbeat": (token) => post("heartbeat", { heartbeat: token }),
    "POST /idp/logout": (token) =>
      ask("/curfew/idp/logout", {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams({ logout_token: token }).toString(),
      }),
    "POST /end": (token) => post("end", { sid: token }),
  };
  return { tokens, doors, sessions };
}

/** Which token opens which door, and the answer that says so. */
const OWN: Readonly<Record<string, readonly [door: string, opened: number | string]>> = {
  "the cookie's secret": ["the cookie", "active"],
  "the session's public id": ["POST /end", 204],
  "a key binding": ["POST /key", 200],
  "a heartbeat": ["POST /heartbeat", 200],
  "a proof": ["the proof of an operation", "active"],
  "a logout token": ["POST /idp/logout", 200],
};
const KINDS = [
  ...Object.keys(OWN),
  "an ID token",
  "an access token",
  "a security event",
  "a logout token by a shared secret",
];

describe("a token of any kind", () => {
  test.each(KINDS)("opens its own door, and no other: %s", async (kind) => {
    const { tokens, doors, sessions } = await open();
    const token = tokens[kind] ?? "";
    expect(token).not.toBe("");
    const [own, opened] = OWN[kind] ?? [null, null];
    for (const [door, offer] of Object.entries(doors)) {
      if (door === own) continue;
      const answer = await offer(token);
      const isOpen = answer === "active" || (typeof answer === "number" && answer < 400);
      expect(isOpen, `${kind} at ${door}: ${answer}`).toBe(false);
    }
    expect(await sessions.list("ann")).toHaveLength(1);
    if (own !== null) expect(await doors[own]?.(token)).toBe(opened);
  });
});
