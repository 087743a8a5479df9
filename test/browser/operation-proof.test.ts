/** The proof of one operation, made by the client and taken by the verifier. */
import { expect, test } from "vitest";
import type { CurfewError } from "../../src/browser/platform/error.js";
import { parseOperationProof } from "../../src/protocol/operation-proof.js";
import { sha256 } from "../../src/server/platform/secrets.js";
import { FakeBrowser } from "./fake-browser.js";
import { settle } from "./fake-clock.js";

const SIGNATURE = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const CHALLENGE = "a-challenge-of-the-server";
const transfer = (body?: string) =>
  new Request("https://app.example/transfer?to=7", {
    method: "POST",
    ...(body === undefined ? {} : { body }),
  });

async function signedIn() {
  const browser = new FakeBrowser();
  const sid = browser.server.signIn();
  const tab = browser.openTab();
  await settle();
  tab.input();
  await settle();
  return { browser, sid, session: tab.session };
}

test("the client signs method, path, query and body under the challenge, with the bound key", async () => {
  const { sid, session, browser } = await signedIn();
  const request = transfer('{"amount":5}');
  const { header, payload, signingInput, signature } = parseOperationProof(
    await session.prove(CHALLENGE, request),
  );
  expect(payload).toEqual({
    v: 1,
    aud: "https://app.example",
    sid,
    challenge: CHALLENGE,
    method: "POST",
    path: "/transfer?to=7",
    bodyHash: sha256('{"amount":5}'),
  });
  const { key, jwk } = browser.server.sessions.get(sid) ?? {};
  expect(header).toEqual({ alg: "ES256", typ: "curfew-proof+jwt", kid: key });
  if (!jwk) throw new Error("no key was bound");
  const publicKey = await crypto.subtle.importKey("jwk", { ...jwk }, SIGNATURE, false, ["verify"]);
  const data = Buffer.from(signingInput);
  expect(await crypto.subtle.verify(SIGNATURE, publicKey, signature, data)).toBe(true);
  expect(await request.text()).toBe('{"amount":5}');
});

test("a request without a body is proven over no bytes", async () => {
  const { session } = await signedIn();
  const { payload } = parseOperationProof(await session.prove(CHALLENGE, transfer()));
  expect(payload.bodyHash).toBe(sha256(""));
});

test("nothing is proven where nobody is signed in", async () => {
  const tab = new FakeBrowser().openTab();
  await settle();
  await expect(tab.session.prove(CHALLENGE, transfer())).rejects.toMatchObject({
    code: "no-session",
  } satisfies Partial<CurfewError>);
});

test("a challenge that read() sees is no call for a password", async () => {
  const { session } = await signedIn();
  const told: unknown[] = [];
  session.on("step-up", (event) => told.push(event));
  const answer = (members: object) =>
    new Response(JSON.stringify({ type: "urn:curfew:step-up", status: 401, title: "…", ...members }), {
      status: 401,
      headers: { "content-type": "application/problem+json" },
    });
  const problem = await session.read(answer({ code: "proof", challenge: CHALLENGE }));
  expect([problem?.challenge, told]).toEqual([CHALLENGE, []]);
  await session.read(answer({ maxAge: 300 }));
  expect(told).toHaveLength(1);
});
