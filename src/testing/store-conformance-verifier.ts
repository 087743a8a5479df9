/** The promises that a store keeps only together with the verifier: exact deadlines, and ends that stay. */
import assert from "node:assert/strict";
import { createSessionVerifier, type SessionVerifier } from "../server/adapters/node.js";
import { newSubject, withEnding } from "../server/record/subject.js";
import type { SessionStore } from "../server/stores/store.js";
import type { Checks } from "./store-conformance-types.js";
import { createTestKey } from "./test-key.js";

const ORIGIN = "https://app.test";
const RACES = 25;
const silent = { info() {}, warn() {}, error() {} };

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** As much of a browser as a heartbeat needs. */
interface Browser {
  readonly sid: string;
  readonly expiresAt: number;
  /** Signs a heartbeat for input at `activeAt` with the nonce of now. */
  heartbeat(activeAt: number): string;
  send(sessions: SessionVerifier, heartbeat: string): Promise<Answer>;
  ask(sessions: SessionVerifier): Promise<Answer>;
}

export const VERIFIER_CHECKS: Checks = [
  [
    "accepts a heartbeat one millisecond before the deadline and refuses it at the deadline",
    ({ store, peer, advance }) =>
      withVerifiers([store, peer], async (one, two) => {
        const early = await signedIn(one);
        await advance(early.expiresAt - 1 - (await store.now()));
        assert.equal((await early.send(one, early.heartbeat(await store.now()))).status, 200);
        const late = await signedIn(one);
        await advance(late.expiresAt - (await store.now()));
        for (const sessions of [two, one]) {
          const { status, body } = await late.send(sessions, late.heartbeat(await store.now()));
          assert.equal(status, 401);
          assert.equal(body.reason, "idle");
          assert.equal(body.endedAt, late.expiresAt);
        }
      }),
  ],
  [
    "ends a session on every node at once, and a request that began before cannot bring it back",
    ({ store, peer }) =>
      withVerifiers([store, peer], async (one, two) => {
        const browser = await signedIn(one);
        const slow = browser.heartbeat(await store.now());
        await two.end(browser.sid);
        for (const sessions of [one, two]) {
          assert.equal((await browser.send(sessions, slow)).body.reason, "revoked");
          assert.equal((await browser.ask(sessions)).body.reason, "revoked");
        }
      }),
  ],
  [
    "lets nobody pass on any node from the moment of a revocation, though no tombstone was written",
    ({ store, peer, advance }) =>
      withVerifiers([store, peer], async (one, two) => {
        const [ended, spared] = [await signedIn(one), await signedIn(two)];
        await advance(1);
        const endedAt = await store.now();
        const subject = newSubject({ app: "curfew", subject: "ann" });
        const revoked = withEnding(subject, { reason: "revoked", endedAt, sparedSid: spared.sid });
        const kept = { ...revoked, purgeAt: endedAt + 60 * 60_000 };
        assert.equal(await store.replaceSubject(kept, 0), "done");
        for (const sessions of [two, one]) {
          assert.equal((await spared.ask(sessions)).status, 200);
          const { status, body } = await ended.ask(sessions);
          assert.deepEqual([status, body.reason, body.endedAt], [401, "revoked", endedAt]);
        }
      }),
  ],
  [
    "keeps an end that races a heartbeat",
    ({ store, peer }) =>
      withVerifiers([store, peer], async (one, two) => {
        for (let at = 0; at < RACES; at++) {
          const browser = await signedIn(one);
          const heartbeat = browser.heartbeat(await store.now());
          const beat = () => browser.send(one, heartbeat);
          const end = () => two.end(browser.sid);
          const { status } =
            at % 2 === 0 ? (await Promise.all([beat(), end()]))[0] : (await Promise.all([end(), beat()]))[1];
          assert.ok(status === 200 || status === 401, `the heartbeat got ${status}`);
          for (const sessions of [one, two])
            assert.equal((await browser.ask(sessions)).body.reason, "revoked");
        }
      }),
  ],
];

/** Runs a check over two verifiers, as two nodes are; they close their stores. */
async function withVerifiers(
  [store, peer]: readonly [SessionStore, SessionStore],
  check: (one: SessionVerifier, two: SessionVerifier) => Promise<void>,
): Promise<void> {
  const one = verifierOver(store);
  const two = peer === store ? one : verifierOver(peer);
  try {
    // A first connection can take longer than a request may wait.
    await Promise.all([one.ready(), two.ready()]);
    await check(one, two);
  } finally {
    await one.close();
    if (two !== one) await two.close();
  }
}

function verifierOver(store: SessionStore): SessionVerifier {
  const policy = { idle: "60s", absolute: "10m", warning: "25s" };
  return createSessionVerifier({ policy, store, signInUrl: "/login", logger: silent });
}

async function signedIn(sessions: SessionVerifier): Promise<Browser> {
  const key = createTestKey();
  const { session, headers } = await sessions.start(new Request(`${ORIGIN}/sign-in`, { method: "POST" }), {
    subject: "ann",
  });
  const cookie = headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const get = { headers: { cookie } };
  const post = (path: string, body: object) => ({
    path,
    init: {
      method: "POST",
      headers: {
        cookie,
        origin: ORIGIN,
        "sec-fetch-site": "same-origin",
        "content-type": "application/json",
      },
      body: JSON.stringify(body),
    },
  });
  const call = async (by: SessionVerifier, path: string, init: RequestInit): Promise<Answer> => {
    const response = await by.handle(new Request(`${ORIGIN}/curfew${path}`, init));
    return { status: response.status, body: (await response.json()) as Answer["body"] };
  };
  const { sid } = session;
  const first = await call(sessions, "/session", get);
  const nonce = String(first.body.nonce);
  const claims = { v: 1, aud: ORIGIN, sid };
  const binding = key.sign({ alg: "ES256", typ: "curfew-key+jwt", jwk: key.jwk }, { ...claims, nonce });
  const { path, init } = post("/key", { binding });
  const bound = await call(sessions, path, init);
  assert.equal(bound.status, 200, "a key could not be bound");
  const counts = { pointer: 1, key: 0, touch: 0, wheel: 0, media: 0, other: 0 };
  return {
    sid,
    expiresAt: Number(bound.body.expiresAt),
    heartbeat: (activeAt) =>
      key.sign(
        { alg: "ES256", typ: "curfew-heartbeat+jwt", kid: key.thumbprint },
        { ...claims, nonce: bound.body.nonce, activeAt, intent: "activity", counts, automated: false },
      ),
    send: (by, heartbeat) => call(by, "/heartbeat", post("/heartbeat", { heartbeat }).init),
    ask: (by) => call(by, "/session", get),
  };
}
