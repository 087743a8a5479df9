import { describe, expect, onTestFinished, test } from "vitest";
import { type OidcOptions, oidc } from "../../src/server/idp/oidc.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import type { SessionVerifierOptions } from "../../src/server/verifier/options.js";
import { CLIENT_ID, EVENT, startFakeProvider } from "./support/fake-provider.js";
import { ORIGIN } from "./support/test-browser.js";
import { createTestClock } from "./support/test-clock.js";
import { createTestVerifier, MINUTE } from "./support/test-verifier.js";

const FORM = "application/x-www-form-urlencoded";

async function open(oidcOptions: Partial<OidcOptions> = {}, options: Partial<SessionVerifierOptions> = {}) {
  const clock = createTestClock();
  const provider = await startFakeProvider(clock.now);
  const store = memoryStore({ clock });
  const idp = oidc({
    issuer: provider.issuer,
    clientId: CLIENT_ID,
    privateAddresses: ["loopback"],
    ...oidcOptions,
  });
  const { sessions, audit } = createTestVerifier({ store, idp, ...options });
  onTestFinished(async () => {
    await sessions.close();
    await provider.close();
  });
  /** Signs in by the provider's session `sid`; null: the app tells of none. */
  const signIn = async (subject: string, sid: string | null, authenticatedAt = clock.now()) => {
    const told = sid === null ? {} : { idp: { iss: provider.issuer, sid } };
    const { session, headers } = await sessions.start(new Request(ORIGIN), {
      subject,
      authenticatedAt,
      ...told,
    });
    return { sid: session.sid, cookie: headers.getSetCookie()[0]?.split(";")[0] ?? "" };
  };
  const post = async (body: string, headers: Readonly<Record<string, string>> = {}) => {
    const init = { method: "POST", body, headers: { "content-type": FORM, ...headers } };
    const answer = await sessions.handle(new Request(`${ORIGIN}/curfew/idp/logout`, init));
    const text = await answer.text();
    const { code, detail } = text === "" ? {} : JSON.parse(text);
    return { status: answer.status, code, detail, headers: answer.headers };
  };
  const logOut = async (claims: Readonly<Record<string, unknown>>, header = {}) =>
    post(new URLSearchParams({ logout_token: await provider.token(claims, header) }).toString());
  const live = async (subject: string) => (await sessions.list(subject)).map(({ sid }) => sid);
  const told = (type: string) => audit.filter((record) => record.type === type);
  return { clock, provider, store, sessions, audit, signIn, post, logOut, live, told };
}

const codeOf = (error: unknown): unknown => Object(error).code;

describe("a logout token", () => {
  test("of a session at the provider ends what came of it, and nothing of the person's besides", async () => {
    const { signIn, logOut, live, told } = await open();
    const [first, second] = [await signIn("ann", "one"), await signIn("ann", "one")];
    const other = await signIn("ann", "two");
    expect(await logOut({ sid: "one" })).toMatchObject({ status: 200 });
    expect(await live("ann")).toEqual([other.sid]);
    expect(told("session_revoked").map(({ sid }) => sid)).toEqual([first.sid, second.sid]);
    expect(told("idp_logout")).toMatchObject([{ code: "sid", count: 2 }]);
  });

  test("of a person ends all of theirs, and an authentication from before starts none", async () => {
    const { signIn, logOut, live, clock } = await open();
    const authenticatedAt = clock.now();
    await signIn("ann", "one");
    await signIn("ann", null);
    await signIn("bob", "three");
    clock.advance(MINUTE);
    expect(await logOut({ sub: "ann" })).toMatchObject({ status: 200 });
    expect([await live("ann"), (await live("bob")).length]).toEqual([[], 1]);
    expect(await signIn("ann", "four", authenticatedAt).catch(codeOf)).toBe("revoked");
  });

  test("of both ends the session alone", async () => {
    const { signIn, logOut, live } = await open();
    await signIn("ann", "one");
    const other = await signIn("ann", "two");
    expect(await logOut({ sid: "one", sub: "ann" })).toMatchObject({ status: 200 });
    expect(await live("ann")).toEqual([other.sid]);
  });

  test("of both, whose session the app has never told of, ends those of the person that tell of none", async () => {
    const { signIn, logOut, live } = await open();
    await signIn("ann", null);
    const other = await signIn("ann", "two");
    expect(await logOut({ sid: "one", sub: "ann" })).toMatchObject({ status: 200 });
    expect(await live("ann")).toEqual([other.sid]);
  });

  test("whose session stands for the person ends all of theirs, where the app says so", async () => {
    const { signIn, logOut, live } = await open({ sidMeans: "subject" });
    await signIn("ann", "one");
    await signIn("ann", "two");
    expect(await logOut({ sid: "one" })).toMatchObject({ status: 200 });
    expect(await live("ann")).toEqual([]);
  });

  test("names the person by the app's own id for them, and nobody where there is none", async () => {
    const { signIn, logOut, live } = await open({ subjectOf: async (sub) => (sub === "u-1" ? "ann" : null) });
    await signIn("ann", null);
    expect(await logOut({ sub: "ann" })).toMatchObject({ status: 200 });
    expect(await live("ann")).toHaveLength(1);
    expect(await logOut({ sub: "u-1" })).toMatchObject({ status: 200 });
    expect(await live("ann")).toEqual([]);
  });

  test("ends 20 sessions of one session at the provider, though fewer are remembered of it", async () => {
    const { signIn, logOut, live } = await open();
    for (let count = 0; count < 20; count++) await signIn("ann", "one");
    expect(await logOut({ sid: "one" })).toMatchObject({ status: 200 });
    expect(await live("ann")).toEqual([]);
  });

  test("of nobody who is here is taken", async () => {
    const { logOut, told } = await open();
    expect(await logOut({ sid: "one" })).toMatchObject({ status: 200, code: undefined });
    expect(told("idp_logout")).toMatchObject([{ code: "sid", count: 0 }]);
  });

  test("leaves no sign-in that rests on the session: neither one from before nor one that races it", async () => {
    const { signIn, logOut, live, clock } = await open();
    const authenticatedAt = clock.now();
    clock.advance(MINUTE);
    const [, raced] = await Promise.all([
      logOut({ sid: "one" }),
      signIn("ann", "one", authenticatedAt).catch(codeOf),
    ]);
    expect(await live("ann"), String(raced)).toEqual([]);
    expect(await signIn("ann", "one", authenticatedAt).catch(codeOf)).toBe("revoked");
    clock.advance(MINUTE);
    expect((await signIn("ann", "one")).sid).toEqual(expect.any(String));
  });

  test("is answered without a cookie, and reads none: a browser's session stands for nothing", async () => {
    const { signIn, provider, post, live } = await open();
    const { cookie } = await signIn("ann", "one");
    const token = await provider.token({ sid: "two" });
    const answer = await post(`logout_token=${token}&more=1`, {
      cookie: `${cookie}; ${cookie}`,
      origin: "https://evil.test",
      "sec-fetch-site": "cross-site",
    });
    expect(answer).toMatchObject({ status: 200 });
    expect([...answer.headers.keys()]).toEqual(["cache-control"]);
    expect(await live("ann")).toHaveLength(1);
  });
});

/** What is wrong, what the token says besides, and the code of its refusal. */
const BAD: readonly (readonly [
  string,
  Readonly<Record<string, unknown>>,
  Readonly<Record<string, unknown>>,
  string,
])[] = [
  ["of the type of an access token", {}, { typ: "at+jwt" }, "typ"],
  ["of a security event", {}, { typ: "secevent+jwt" }, "typ"],
  ["of the type of an ID token", {}, { typ: "JWT" }, "typ"],
  ["without a type", {}, { typ: undefined }, "typ"],
  ["of another issuer", { iss: "https://evil.test" }, {}, "iss"],
  ["for another client", { aud: "mail" }, {}, "aud"],
  ["without its event", { events: { other: {} } }, {}, "events"],
  ["without events", { events: undefined }, {}, "events"],
  ["whose event is no object", { events: { [EVENT]: true } }, {}, "events"],
  ["with a nonce", { nonce: "n" }, {}, "nonce"],
  ["without an id", { jti: undefined }, {}, "jti"],
  ["without an expiry", { exp: undefined }, {}, "exp"],
  ["that has expired", { exp: 1_000_000 }, {}, "exp"],
  ["of the future", { iat: 9_000_000_000 }, {}, "iat"],
  ["that is good for years", { exp: 9_000_000_000 }, {}, "exp"],
  ["of nobody", { sid: undefined }, {}, "sub"],
  ["whose session is no text", { sid: 7 }, {}, "sid"],
  ["that names another key", {}, { kid: "key-9" }, "kid"],
];

describe("is refused with one sentence and an audit record, and ends nothing:", () => {
  test.each(BAD)("a token %s", async (_what, claims, header, code) => {
    const { signIn, logOut, live, told, provider } = await open();
    await signIn("ann", "one");
    const answer = await logOut({ sid: "one", ...claims }, header);
    expect(answer).toMatchObject({ status: 400, code });
    expect(answer.detail).toMatch(/^The logout token [^.]+\.$/);
    expect(await live("ann")).toHaveLength(1);
    expect(told("idp_logout_refused")).toMatchObject([{ code }]);
    expect(provider.asked.every((path) => /^\/(?:keys|\.well-known\/openid-configuration)$/.test(path))).toBe(
      true,
    );
  });

  test("a token that nobody has signed", async () => {
    const { provider, post, told } = await open();
    const [, payload] = (await provider.token({ sid: "one" })).split(".");
    for (const [alg, code] of [
      ["none", "alg"],
      ["HS256", "alg"],
      ["RS256", "signature"],
    ] as const) {
      const head = Buffer.from(JSON.stringify({ alg, typ: "logout+jwt", kid: "key-1" })).toString(
        "base64url",
      );
      expect(await post(`logout_token=${head}.${payload}.`)).toMatchObject({ status: 400, code });
    }
    expect(told("idp_logout_refused").map(({ code }) => code)).toEqual(["alg", "alg", "signature"]);
  });

  test("a token a second time, on another node too", async () => {
    const { provider, post, store, told } = await open();
    const form = `logout_token=${await provider.token({ sid: "one" })}`;
    expect(await post(form)).toMatchObject({ status: 200 });
    expect(await post(form)).toMatchObject({ status: 400, code: "jti" });
    const idp = oidc({ issuer: provider.issuer, clientId: CLIENT_ID, privateAddresses: ["loopback"] });
    const { sessions } = createTestVerifier({ store, idp });
    const init = { method: "POST", body: form, headers: { "content-type": FORM } };
    expect((await sessions.handle(new Request(`${ORIGIN}/curfew/idp/logout`, init))).status).toBe(400);
    expect(told("idp_logout_refused")).toHaveLength(1);
  });

  test.each([
    ["JSON", '{"logout_token":"a.b.c"}', { "content-type": "application/json" }, "media-type"],
    ["a megabyte of form", `logout_token=${"a".repeat(1_000_000)}`, {}, "too-large"],
    ["a form without a token", "token=a.b.c", {}, "shape"],
    ["a form with two", "logout_token=a.b.c&logout_token=d.e.f", {}, "shape"],
    ["what is no token", "logout_token=a.b.c", {}, "shape"],
  ])("%s", async (_what, body, headers, code) => {
    const { post, told } = await open();
    expect(await post(body, headers)).toMatchObject({
      status: 400,
      code,
      detail: expect.stringMatching(/^[^.]+\.$/),
    });
    expect(told("idp_logout_refused")).toMatchObject([{ code }]);
  });

  test("500 of them, as a handful of records and a count", async () => {
    const { post, told, sessions } = await open();
    for (let count = 0; count < 500; count++) await post("logout_token=a.b.c");
    await sessions.close();
    const counted = told("idp_logout_refused").map(({ count = 1 }) => count);
    expect(counted.length).toBeLessThan(10);
    expect(counted.reduce((sum, count) => sum + count)).toBe(500);
  });
});

test("a token of the type JWT is taken where the app says that its provider is old, and an ID token is not", async () => {
  const { logOut } = await open({ legacyTyp: true });
  expect(await logOut({ sid: "one" }, { typ: "JWT" })).toMatchObject({ status: 200 });
  expect(await logOut({ sid: "one" }, { typ: undefined })).toMatchObject({ status: 200 });
  expect(await logOut({ sid: "one", events: undefined }, { typ: "JWT" })).toMatchObject({ status: 400 });
  expect(await logOut({ sid: "one" }, { typ: "at+jwt" })).toMatchObject({ status: 400 });
});

test("without a provider that can tell, the route is not there", async () => {
  const { post } = await open({}, { idp: true });
  expect(await post("logout_token=a.b.c")).toMatchObject({ status: 404 });
});

describe("endByIdp", () => {
  test("ends what came of a provider's session or a person there, for whoever tells of it", async () => {
    const { sessions, signIn, live, provider } = await open({}, { idp: true });
    await signIn("ann", "one");
    const { sid } = await signIn("ann", "two");
    expect(await sessions.endByIdp({ iss: provider.issuer, sid: "one" }, "signed-out")).toBe(1);
    expect(await live("ann")).toEqual([sid]);
    expect(await sessions.endByIdp({ iss: provider.issuer, sub: "ann" })).toBe(1);
    expect(await live("ann")).toEqual([]);
  });

  test.each([
    {},
    { iss: "https://id.test" },
    { iss: "", sid: "one" },
    { iss: "https://id.test", sid: 7 },
    null,
  ])("is told by %j of nothing that is over", async (end) => {
    const { sessions } = await open();
    await expect(sessions.endByIdp(end as never)).rejects.toMatchObject({ code: "bad-idp" });
  });
});
