/** Heartbeats that were valid once, or somewhere else. */
import { describe, expect, test } from "vitest";
import type { SessionStore } from "../../src/server/stores/store.js";
import { TestBrowser } from "../server/support/test-browser.js";
import { createTestVerifier, MINUTE } from "../server/support/test-verifier.js";
import { copyOf, STORES } from "./support/nodes.js";

describe.each(STORES)("$name", ({ open }) => {
  test("1: a heartbeat replayed byte for byte moves nothing, on either node", async () => {
    const nodes = open();
    const [here, there] = [nodes.add(), nodes.add()];
    const browser = await TestBrowser.signedIn(here.sessions);
    nodes.clock.advance(MINUTE);
    const heartbeat = await browser.heartbeat(nodes.clock.now());
    const { idleExpiresAt } = (await browser.post("/curfew/heartbeat", { heartbeat })).body;
    nodes.clock.advance(MINUTE);
    for (const node of [here, there]) {
      const replayed = await copyOf(browser, node.sessions).post("/curfew/heartbeat", { heartbeat });
      expect(replayed).toMatchObject({ status: 409, body: { type: "urn:curfew:stale-nonce" } });
      expect(replayed.body.session).toMatchObject({ idleExpiresAt });
      expect(node.audit.at(-1)).toMatchObject({ type: "heartbeat_duplicate", sid: browser.live.sid });
    }
    expect((await browser.ask()).body.idleExpiresAt).toBe(idleExpiresAt);
  });

  test.each(["signed out", "expired"])(
    "2: a heartbeat replayed after the session was %s revives nothing",
    async (how) => {
      const nodes = open();
      const [here, there] = [nodes.add(), nodes.add()];
      const browser = await TestBrowser.signedIn(here.sessions);
      const used = await browser.heartbeat(nodes.clock.now());
      await browser.post("/curfew/heartbeat", { heartbeat: used });
      const unused = await browser.heartbeat(nodes.clock.now());
      const reason = how === "expired" ? "idle" : "signed-out";
      if (how === "expired") nodes.clock.advance(15 * MINUTE);
      else await browser.post("/curfew/end", { sid: browser.live.sid });
      for (const heartbeat of [used, unused]) {
        const { status, body } = await copyOf(browser, there.sessions).post("/curfew/heartbeat", {
          heartbeat,
        });
        expect([status, body.type, body.reason]).toEqual([401, "urn:curfew:session-ended", reason]);
      }
      expect(there.audit.at(-1)).toMatchObject({ type: "session_use_after_expire", reason });
      expect((await browser.ask()).body.reason).toBe(reason);
      expect((await here.sessions.check(browser.request("/api"))).status).toBe("ended");
    },
  );

  test("3: heartbeats that arrive in another order than they were signed never move activity back", async () => {
    const nodes = open();
    const { sessions, audit } = nodes.add();
    const browser = await TestBrowser.signedIn(sessions);
    nodes.clock.advance(2 * MINUTE);
    const earlier = await browser.heartbeat(nodes.clock.now() - MINUTE);
    const later = await browser.heartbeat(nodes.clock.now());
    await browser.post("/curfew/heartbeat", { heartbeat: later });
    const { lastActiveAt } = browser.live;
    expect(lastActiveAt).toBe(nodes.clock.now());
    expect((await browser.post("/curfew/heartbeat", { heartbeat: earlier })).status).toBe(409);
    expect(audit.at(-1)).toMatchObject({ type: "heartbeat_refused", code: "stale-nonce" });
    expect((await browser.beat(lastActiveAt - MINUTE)).body.lastActiveAt).toBe(lastActiveAt);
  });

  test("75: a heartbeat whose answer was lost is not counted twice, and one that was never written is sent again", async () => {
    const nodes = open();
    const crash = { when: "never" as "never" | "before" | "after" };
    const failing = (store: SessionStore): SessionStore => ({
      ...store,
      async replace(record, expected) {
        if (crash.when === "before") throw new Error("the process is gone");
        const result = await store.replace(record, expected);
        if (crash.when === "after") throw new Error("the process is gone");
        return result;
      },
    });
    const { sessions, audit } = nodes.add({}, failing);
    const browser = await TestBrowser.signedIn(sessions);
    const send = async (heartbeat: string, when: typeof crash.when) => {
      crash.when = when;
      return browser.post("/curfew/heartbeat", { heartbeat });
    };
    nodes.clock.advance(MINUTE);
    const first = await browser.heartbeat(nodes.clock.now());
    expect((await send(first, "before")).status).toBe(503);
    expect((await send(first, "never")).status).toBe(200);

    nodes.clock.advance(MINUTE);
    const activeAt = nodes.clock.now();
    const second = await browser.heartbeat(activeAt);
    expect((await send(second, "after")).status).toBe(503);
    nodes.clock.advance(MINUTE);
    const again = await send(second, "never");
    // What the client reads as success: the server knows of this very activity.
    expect(again).toMatchObject({ status: 409, body: { session: { lastActiveAt: activeAt } } });
    expect(audit.at(-1)?.type).toBe("heartbeat_duplicate");
  });
});

test("4: the mirrored signature (n − s) of an accepted heartbeat is a used heartbeat all the same", async () => {
  const { clock, sessions } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions);
  clock.advance(MINUTE);
  const heartbeat = await browser.heartbeat(clock.now());
  const copy = mirrored(heartbeat);
  expect((await browser.post("/curfew/heartbeat", { heartbeat })).status).toBe(200);
  const { lastActiveAt } = browser.live;
  clock.advance(MINUTE);
  const { status, body } = await browser.post("/curfew/heartbeat", { heartbeat: copy });
  expect([status, body.type]).toEqual([409, "urn:curfew:stale-nonce"]);
  expect((await browser.ask()).body.lastActiveAt).toBe(lastActiveAt);

  // The mirrored form is a right signature: what refuses the copy is the nonce, not its bytes.
  const fresh = mirrored(await browser.heartbeat(clock.now()));
  expect((await browser.post("/curfew/heartbeat", { heartbeat: fresh })).status).toBe(200);
});

function mirrored(jws: string): string {
  const [header, payload, signature = ""] = jws.split(".");
  const bytes = Buffer.from(signature, "base64url");
  const order = BigInt("0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
  const s = (order - BigInt(`0x${bytes.subarray(32).toString("hex")}`)).toString(16).padStart(64, "0");
  return `${header}.${payload}.${Buffer.concat([bytes.subarray(0, 32), Buffer.from(s, "hex")]).toString("base64url")}`;
}

const NONCES: readonly unknown[] = [
  "",
  "0",
  "-1",
  "1e99",
  "null",
  "A".repeat(43),
  "A".repeat(2_000),
  "../../nonce",
  "' OR 1=1 --",
  "\u0000",
  "%00",
  0,
  -1,
  1.5,
  2 ** 53,
  null,
  true,
  [],
  {},
  ["A"],
];

test("5: no nonce but the current one is taken, and the honest browser is not locked out by any", async () => {
  const { clock, sessions } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions);
  clock.advance(MINUTE);
  const { nonce, lastActiveAt } = browser.live;
  const near = [nonce.slice(0, -1), `${nonce}A`, ` ${nonce}`, nonce.toUpperCase(), nonce.toLowerCase()];
  for (const wrong of [...NONCES, ...near]) {
    const { status } = await browser.beat(clock.now(), { payload: { nonce: wrong } });
    expect(status, JSON.stringify(wrong)).toBe(typeof wrong === "string" ? 409 : 400);
  }
  expect((await browser.ask()).body).toMatchObject({ nonce, lastActiveAt });
  expect((await browser.beat(clock.now())).body.lastActiveAt).toBe(clock.now());
});

test("34: a heartbeat of one session extends neither that one nor another under the other's cookie", async () => {
  const { clock, sessions } = createTestVerifier();
  const ann = await TestBrowser.signedIn(sessions, { subject: "ann" });
  const bob = await TestBrowser.signedIn(sessions, { subject: "bob" });
  clock.advance(MINUTE);
  const heartbeat = await ann.heartbeat(clock.now());
  // Bob's session, named and signed by Ann's key; then Ann's own heartbeat under Bob's cookie.
  const { sid, nonce } = bob.live;
  const forged = await ann.heartbeat(clock.now(), { payload: { sid, nonce } });
  const named = await ann.heartbeat(clock.now(), {
    header: { kid: bob.key.thumbprint },
    payload: { sid, nonce },
  });
  const answers = [];
  for (const jws of [heartbeat, forged, named])
    answers.push(await bob.post("/curfew/heartbeat", { heartbeat: jws }));
  expect(answers.map(({ body }) => body.code ?? body.type)).toEqual([
    "urn:curfew:other-session",
    "urn:curfew:key-mismatch",
    "signature",
  ]);
  for (const browser of [ann, bob]) {
    const { lastActiveAt } = browser.live;
    expect((await browser.ask()).body.lastActiveAt).toBe(lastActiveAt);
  }
  const another = await bob.beat(clock.now(), { payload: { aud: "https://other.test" } });
  expect(another.body.code).toBe("aud");
});
