/** What happens to a logout while the store, the provider or its keys are not there: it is late, never lost. */
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { type OidcOptions, oidc } from "../../src/server/idp/oidc.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import type { SessionStore } from "../../src/server/stores/store.js";
import { CLIENT_ID, startFakeProvider } from "./support/fake-provider.js";
import { ORIGIN } from "./support/test-browser.js";
import { createTestClock } from "./support/test-clock.js";
import { createTestVerifier } from "./support/test-verifier.js";

/** Time that this process measures goes on by hand; timers of the platform stay real. */
let monotonic = 0;
beforeEach(() => {
  monotonic = 1_000_000;
  vi.spyOn(performance, "now").mockImplementation(() => (monotonic += 0.001));
});
afterEach(() => void vi.restoreAllMocks());

async function open(oidcOptions: Partial<OidcOptions> = {}) {
  const clock = createTestClock();
  const provider = await startFakeProvider(clock.now);
  const errors: string[] = [];
  const kept = memoryStore({ clock });
  let isAway = false;
  const store: SessionStore = {
    ...kept,
    async replace(...call) {
      if (isAway) throw new Error("away");
      return kept.replace(...call);
    },
    async replaceSubject(...call) {
      if (isAway) throw new Error("away");
      return kept.replaceSubject(...call);
    },
  };
  const logger = { info: () => {}, warn: () => {}, error: (line: string) => void errors.push(line) };
  const options = {
    issuer: provider.issuer,
    clientId: CLIENT_ID,
    privateAddresses: ["loopback"],
    ...oidcOptions,
  };
  const { sessions, audit } = createTestVerifier({ store, logger, idp: oidc(options) });
  onTestFinished(async () => {
    await sessions.close();
    await provider.close();
  });
  const told = { subject: "ann", authenticatedAt: clock.now(), idp: { iss: provider.issuer, sid: "one" } };
  await sessions.start(new Request(ORIGIN), told);
  const post = async (token: string) => {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const init = { method: "POST", body: `logout_token=${token}`, headers };
    return sessions.handle(new Request(`${ORIGIN}/curfew/idp/logout`, init));
  };
  return {
    provider,
    sessions,
    audit,
    errors,
    clock,
    post,
    setAway(value: boolean) {
      isAway = value;
    },
  };
}

test("while the store is away the answer is 503, and the session ends as soon as it is back, before any second token", async () => {
  const { post, provider, sessions, setAway, audit } = await open();
  const token = await provider.token({ sid: "one" });
  setAway(true);
  const answer = await post(token);
  expect([answer.status, (await answer.json()).type]).toEqual([503, "urn:curfew:unavailable"]);
  expect(await sessions.list("ann")).toHaveLength(1);
  setAway(false);
  await expect.poll(() => sessions.list("ann"), { timeout: 20_000 }).toEqual([]);
  await expect
    .poll(() => audit.filter(({ type }) => type === "idp_logout"), { timeout: 20_000 })
    .toHaveLength(1);
});

test("what cannot be written for a minute is given up, and the log says so", async () => {
  const { post, provider, setAway, errors } = await open();
  setAway(true);
  expect((await post(await provider.token({ sid: "one" }))).status).toBe(503);
  monotonic += 61_000;
  await expect
    .poll(() => errors.join("\n"), { timeout: 20_000 })
    .toContain("is lost, which could not be carried out for 60 s");
});

test("a provider that is down gets 503, and its token is good once its keys are there", async () => {
  const { post, provider, sessions } = await open();
  provider.isDown = true;
  expect((await post(await provider.token({ sid: "one" }))).status).toBe(503);
  provider.isDown = false;
  await expect.poll(() => sessions.list("ann"), { timeout: 20_000 }).toEqual([]);
});

test("a key that is new is asked for at once, and not again and again", async () => {
  const { post, provider, sessions } = await open();
  const asked = () => provider.asked.filter((path) => path === "/keys").length;
  expect((await post(await provider.token({ sid: "another" }))).status).toBe(200);
  provider.rotate();
  // The keys were had just now: the token waits until they may be asked for again.
  expect((await post(await provider.token({ sid: "one" }))).status).toBe(503);
  expect(asked()).toBe(1);
  monotonic += 11_000;
  await expect.poll(() => sessions.list("ann"), { timeout: 20_000 }).toEqual([]);
  expect(asked()).toBe(2);
});

test("a key that the provider has taken back is believed for ten minutes at most", async () => {
  const { post, provider } = await open();
  const old = await provider.token({ sid: "another" });
  const older = await provider.token({ sid: "another" });
  expect((await post(old)).status).toBe(200);
  provider.rotate();
  monotonic += 10 * 60_000;
  expect((await post(older)).status).toBe(400);
});

test.each([
  ["calls itself another", { issuer: "https://evil.test" }, /calls itself "https:\/\/evil\.test"/],
  [
    "has its keys on another host",
    { jwks_uri: "http://127.0.0.1:9/keys" },
    /another host: if they are there, name it in hosts/,
  ],
  ["has its keys elsewhere by another scheme", { jwks_uri: "https://127.0.0.1/keys" }, /another host/],
  ["has its keys nowhere", { jwks_uri: "keys" }, /another host/],
])(
  "a provider whose document %s is not believed: ready() says so, and no token passes",
  async (_what, says, message) => {
    const { post, provider, sessions, errors } = await open();
    await expect.poll(() => provider.asked.length, { timeout: 20_000 }).toBe(1);
    Object.assign(provider.says, says);
    monotonic += 60 * 60_000;
    const idp = oidc({ issuer: provider.issuer, clientId: CLIENT_ID, privateAddresses: ["loopback"] });
    await expect(idp.ready()).rejects.toMatchObject({
      code: "bad-configuration",
      message: expect.stringMatching(message),
    });
    expect(errors).toEqual([]);
    expect((await post(await provider.token({ sid: "one" }))).status).toBe(200);
    await sessions.close();
  },
);

test("a host that the configuration names besides may have the keys", async () => {
  const clock = createTestClock();
  const [provider, keys] = [await startFakeProvider(clock.now), await startFakeProvider(clock.now)];
  onTestFinished(() => Promise.all([provider.close(), keys.close()]).then(() => {}));
  provider.says.jwks_uri = `${keys.issuer}/keys`;
  const named = { hosts: [new URL(keys.issuer).host], privateAddresses: ["loopback"] };
  const idp = oidc({ issuer: provider.issuer, clientId: CLIENT_ID, ...named });
  const token = await keys.token({ iss: provider.issuer, sid: "one" });
  expect(await idp.readLogout(token, clock.now())).toMatchObject({ iss: provider.issuer, sid: "one" });
});

test.each([
  ["loopback", "http://127.0.0.1:9", /private: name it in privateAddresses/],
  ["loopback by its name", "https://localhost:9", /private: name it in privateAddresses/],
  ["a private network", "https://10.1.2.3", /private: name it in privateAddresses/],
  ["the address of a cloud's metadata", "http://169.254.169.254", /private: name it in privateAddresses/],
  ["IPv4 in IPv6", "https://[::ffff:10.1.2.3]", /private: name it in privateAddresses/],
  ["the internet without TLS", "http://192.0.2.1", /private|https/],
])("%s is not asked unless the configuration names it", async (_what, issuer, message) => {
  await expect(oidc({ issuer, clientId: CLIENT_ID }).ready()).rejects.toThrow(message);
});

test.each([
  [{ issuer: "id.example.com", clientId: "notes" }, "options.issuer must be a URL"],
  [{ issuer: "https://id.example.com?x=1", clientId: "notes" }, "options.issuer must be a URL"],
  [{ issuer: "https://id.example.com" }, "clientId"],
  [{ issuer: "https://id.example.com", clientId: "notes", algorithms: ["none"] }, "algorithms"],
  [{ issuer: "https://id.example.com", clientId: "notes", algorithms: ["HS256"] }, "algorithms"],
  [{ issuer: "https://id.example.com", clientId: "notes", hosts: ["https://a.test/"] }, "hosts"],
  [{ issuer: "https://id.example.com", clientId: "notes", privateAddresses: ["10/8"] }, "privateAddresses"],
  [{ issuer: "https://id.example.com", clientId: "notes", legacyType: true }, 'did you mean "legacyTyp"'],
])("options that cannot be used are refused at once: %j", (options, message) => {
  expect(() => oidc(options as never)).toThrow(message);
});
