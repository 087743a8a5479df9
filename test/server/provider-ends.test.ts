/** The provider hears of an end: by its adapter from this server, or by the link in the dialog of the end. Or not at all. */
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { keycloak, type OidcOptions, oidc, revocation } from "../../src/server/idp/oidc.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import type { SessionVerifierOptions } from "../../src/server/verifier/options.js";
import { CLIENT_ID, startFakeProvider } from "./support/fake-provider.js";
import { ORIGIN } from "./support/test-browser.js";
import { createTestClock } from "./support/test-clock.js";
import { createTestVerifier, MINUTE } from "./support/test-verifier.js";

const REFRESH = "refresh-token-of-ann-0123456789";
const ID_TOKEN = "header.claims-of-ann.signature";
const TOKENS = { refreshToken: REFRESH, idToken: ID_TOKEN };

async function open(
  oidcOptions: Partial<OidcOptions>,
  options: Partial<SessionVerifierOptions> = {},
  isDown = false,
) {
  const clock = createTestClock();
  const provider = await startFakeProvider(clock.now);
  const { issuer } = provider;
  provider.says.revocation_endpoint = `${issuer}/revoke`;
  provider.says.end_session_endpoint = `${issuer}/logout`;
  const store = memoryStore({ clock });
  const log: string[] = [];
  const write = (line: string) => void log.push(line);
  const idp = oidc({ issuer, clientId: CLIENT_ID, privateAddresses: ["loopback"], ...oidcOptions });
  const logger = { info: write, warn: write, error: write };
  const { sessions, audit } = createTestVerifier({ store, idp, logger, ...options });
  onTestFinished(async () => {
    await sessions.close();
    await provider.close();
  });
  provider.isDown = isDown;
  await sessions.ready();
  const signIn = async (idpTokens: object = TOKENS, more: object = {}) => {
    const told = { subject: "ann", authenticatedAt: clock.now(), idp: { iss: issuer, sid: "one" } };
    const request = new Request(ORIGIN, { headers: {} });
    const { session, headers } = await sessions.start(request, { ...told, idpTokens, ...more });
    return { sid: session.sid, cookie: headers.getSetCookie()[0]?.split(";")[0] ?? "" };
  };
  const recordOf = async (sid: string) => (await store.find(sid))?.record;
  const ask = async (path: string, headers: Readonly<Record<string, string>>) => {
    const answer = await sessions.handle(new Request(`${ORIGIN}/curfew${path}`, { headers }));
    const text = await answer.text();
    const body: Readonly<Record<string, unknown>> = text === "" ? {} : JSON.parse(text);
    return { status: answer.status, location: answer.headers.get("location"), body, headers: answer.headers };
  };
  return { clock, provider, sessions, audit, log, signIn, recordOf, ask };
}

describe("told by this server", () => {
  test.each([
    [
      "revocation() with a secret",
      revocation({ clientSecret: "s3 cret" }),
      {
        path: "/revoke",
        form: { token: REFRESH, token_type_hint: "refresh_token" },
        authorization: `Basic ${Buffer.from("notes:s3+cret").toString("base64")}`,
      },
    ],
    [
      "revocation() of a public client",
      revocation(),
      { path: "/revoke", form: { token: REFRESH, token_type_hint: "refresh_token", client_id: "notes" } },
    ],
    [
      "keycloak()",
      keycloak({ clientSecret: "secret" }),
      { path: "/logout", form: { client_id: "notes", client_secret: "secret", refresh_token: REFRESH } },
    ],
  ])("by %s, and the token is gone from the store", async (_name, adapter, expected) => {
    const { provider, sessions, signIn, recordOf } = await open({ end: "server", adapter });
    const { sid } = await signIn();
    expect(JSON.stringify(await recordOf(sid))).not.toContain(REFRESH);
    await sessions.end(sid);
    await vi.waitFor(async () => expect((await recordOf(sid))?.outbox).toEqual([]));
    expect(provider.posted).toMatchObject([expected]);
    expect(await recordOf(sid)).not.toHaveProperty("idpToken");
  });

  test("with the newest token that the app has told", async () => {
    const { provider, sessions, signIn } = await open({ end: "server", adapter: revocation() });
    const { sid, cookie } = await signIn();
    const refreshToken = "refresh-token-after-its-rotation";
    await sessions.update(new Request(ORIGIN, { headers: { cookie } }), { idpTokens: { refreshToken } });
    await sessions.end(sid);
    await vi.waitFor(() => expect(provider.posted.map(({ form }) => form.token)).toEqual([refreshToken]));
  });

  test("at least once: what fails is tried again, and no token is in trail, log or dead letter", async () => {
    const { provider, sessions, signIn, recordOf, clock, audit, log } = await open({
      end: "server",
      adapter: keycloak({ clientSecret: "the-client-secret" }),
    });
    const { sid } = await signIn();
    provider.answer = { status: 500, body: { error: "server_error", error_description: REFRESH } };
    await sessions.end(sid);
    await vi.waitFor(async () => expect((await recordOf(sid))?.outbox?.[0]?.attempts).toBe(1));
    clock.advance(3 * 24 * 60 * MINUTE);
    await vi.waitFor(async () => expect(await sessions.outbox.deadLetters()).toHaveLength(1), 10_000);
    const said = JSON.stringify([await sessions.outbox.deadLetters(), audit, log]);
    for (const secret of [REFRESH, ID_TOKEN, "the-client-secret"]) expect(said).not.toContain(secret);
    expect(said).toContain("the provider answered 500");
    provider.answer = { status: 204 };
    expect(await sessions.outbox.replay()).toBe(1);
    await vi.waitFor(async () => expect((await recordOf(sid))?.outbox).toEqual([]), 10_000);
    expect(provider.posted.at(-1)?.form.refresh_token).toBe(REFRESH);
  });

  test("a session that is over at Keycloak already counts as told", async () => {
    const adapter = keycloak();
    const { provider, sessions, signIn, recordOf } = await open({ end: "server", adapter });
    provider.answer = {
      status: 400,
      body: { error: "invalid_grant", error_description: "Session not active" },
    };
    const { sid } = await signIn();
    await sessions.end(sid);
    await vi.waitFor(async () => expect((await recordOf(sid))?.outbox).toEqual([]));
  });

  test("not where the same browser signed in anew, as that may rest on the same session there", async () => {
    const { provider, sessions, signIn, recordOf } = await open({ end: "server", adapter: revocation() });
    const first = await signIn();
    await sessions.start(new Request(ORIGIN, { headers: { cookie: first.cookie } }), {
      subject: "ann",
      authenticatedAt: Date.UTC(2026, 0, 1),
    });
    expect(await recordOf(first.sid)).toMatchObject({ ended: { reason: "replaced" } });
    expect(await recordOf(first.sid)).not.toHaveProperty("outbox");
    expect(await recordOf(first.sid)).not.toHaveProperty("idpToken");
    expect(provider.posted).toEqual([]);
  });

  test("of an app in a group only once the group is over", async () => {
    const { provider, sessions, signIn, recordOf } = await open(
      { end: "server", adapter: revocation() },
      { group: { name: "bank", trusts: [] } },
    );
    const [alone, together] = [
      await signIn(TOKENS, { group: "sign-in-0123456789" }),
      await signIn(TOKENS, { group: "other-sign-in-0123456789" }),
    ];
    await sessions.end(alone.sid);
    expect(await recordOf(alone.sid)).not.toHaveProperty("outbox");
    await sessions.end(together.sid, "signed-out", { scope: "group" });
    await vi.waitFor(async () => expect((await recordOf(together.sid))?.outbox).toEqual([]));
    expect(provider.posted).toHaveLength(1);
  });

  test.each<[string, Partial<OidcOptions>, Partial<Record<string, string>>, RegExp]>([
    ["no adapter", { end: "server" }, {}, /end: "server" and adapter go together/],
    ["an adapter alone", { adapter: keycloak() }, {}, /end: "server" and adapter go together/],
    ["another end", { end: "idp" as never }, {}, /end must be "app", "browser" or "server"/],
    [
      "a way back that nobody takes",
      { postLogoutRedirectUri: "https://app.test/" },
      {},
      /is for end: "browser"/,
    ],
    [
      "a way back that is no address",
      { end: "browser", postLogoutRedirectUri: "javascript:alert(1)" },
      {},
      /postLogoutRedirectUri must be a URL/,
    ],
    [
      "a provider that names no such endpoint",
      { end: "server", adapter: revocation() },
      { revocation_endpoint: undefined as never },
      /names no revocation_endpoint/,
    ],
    [
      "an endpoint of another host",
      { end: "browser" },
      { end_session_endpoint: "https://elsewhere.test/logout" },
      /has its end_session_endpoint at "https:\/\/elsewhere.test\/logout", another host/,
    ],
  ])("%s is refused at start, with what to write", async (_name, options, says, message) => {
    const clock = createTestClock();
    const provider = await startFakeProvider(clock.now);
    Object.assign(provider.says, says);
    onTestFinished(() => provider.close());
    const ready = async () =>
      oidc({
        issuer: provider.issuer,
        clientId: CLIENT_ID,
        privateAddresses: ["loopback"],
        ...options,
      }).ready();
    await expect(ready()).rejects.toThrow(message);
  });
});

describe("told by the browser", () => {
  const LINK = { "sec-fetch-site": "same-origin", "sec-fetch-dest": "document", "sec-fetch-user": "?1" };
  const back = "https://app.test/signed-out";

  test("by the link of the end, which leads to the provider once, whatever the request says", async () => {
    const { provider, sessions, signIn, ask, recordOf } = await open({
      end: "browser",
      postLogoutRedirectUri: back,
    });
    const { sid, cookie } = await signIn();
    expect((await ask("/idp/end", { cookie, ...LINK })).location).toBe("/login");
    expect((await ask("/session", { cookie })).body).not.toHaveProperty("endUrl");
    await sessions.end(sid);
    expect((await ask("/session", { cookie })).body).toMatchObject({
      signInUrl: "/login",
      endUrl: "/curfew/idp/end",
    });
    const query = "?post_logout_redirect_uri=https://evil.test/&return=//evil.test&id_token_hint=x";
    const led = await ask(`/idp/end${query}`, { cookie, ...LINK });
    const address = new URL(led.location ?? "");
    expect([led.status, address.origin + address.pathname]).toEqual([303, `${provider.issuer}/logout`]);
    expect(Object.fromEntries(address.searchParams)).toEqual({
      id_token_hint: ID_TOKEN,
      client_id: CLIENT_ID,
      post_logout_redirect_uri: back,
    });
    expect([led.headers.get("cache-control"), led.headers.get("referrer-policy")]).toEqual([
      "no-store",
      "no-referrer",
    ]);
    expect(await recordOf(sid)).not.toHaveProperty("idpToken");
    expect((await ask("/idp/end", { cookie, ...LINK })).location).toBe("/login");
    expect((await ask("/session", { cookie })).body).not.toHaveProperty("endUrl");
  });

  test.each([
    ["a frame", { "sec-fetch-dest": "iframe" }],
    ["a picture", { "sec-fetch-dest": "image" }],
    ["a script", { "sec-fetch-dest": "empty" }],
    ["another site", { "sec-fetch-site": "cross-site" }],
    ["a sister site", { "sec-fetch-site": "same-site" }],
    ["a page by itself", { "sec-fetch-user": "" }],
  ])("never from %s", async (_name, changes) => {
    const { sessions, signIn, ask, recordOf } = await open({ end: "browser" });
    const { sid, cookie } = await signIn();
    await sessions.end(sid);
    const answer = await ask("/idp/end", { cookie, ...LINK, ...changes });
    expect([answer.status, answer.location]).toEqual([403, null]);
    expect(await recordOf(sid)).toHaveProperty("idpToken");
  });

  test("not while the provider is away: the link leads to sign in, and the log says so", async () => {
    const { sessions, signIn, ask, recordOf, log } = await open({ end: "browser" }, {}, true);
    const { sid, cookie } = await signIn();
    await sessions.end(sid);
    expect((await ask("/idp/end", { cookie, ...LINK })).location).toBe("/login");
    expect(log.join("\n")).toContain("the provider cannot be told of an end");
    expect(await recordOf(sid)).toHaveProperty("idpToken");
  });

  test("and elsewhere there is no such route, and no token is kept", async () => {
    const { signIn, ask, recordOf } = await open({});
    const { sid, cookie } = await signIn();
    expect((await ask("/idp/end", { cookie, ...LINK })).status).toBe(404);
    expect(await recordOf(sid)).not.toHaveProperty("idpToken");
  });

  test.each([
    ["an empty token", { idToken: "" }],
    ["no text", { refreshToken: 7 }],
    ["a book", { idToken: "x".repeat(9_000) }],
  ])("%s is refused, without a word of it", async (_name, tokens) => {
    const { signIn } = await open({ end: "browser" });
    const error: unknown = await signIn(tokens).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "bad-idp", message: expect.not.stringContaining("xxx") });
  });
});
