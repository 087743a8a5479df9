/** The end outranks the identity provider in the sidecar too: each call as an app of any language makes it. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../stores/support/redis-server.js";
import { temporaryFolder } from "./support/program.js";
import { BASIC, cookieFrom, type RunningSidecar, startSidecar } from "./support/sidecar.js";

const folder = temporaryFolder();
let sidecar: RunningSidecar;

beforeAll(async () => {
  const policy = { idle: "2s", absolute: "1h", warning: "1s", unsafeForTesting: true };
  sidecar = await startSidecar(folder, { ...BASIC, policy });
});

afterAll(async () => {
  await sidecar.program.stop();
  folder.remove();
});

const idp = { iss: "https://id.test", sid: "provider-session-1" };
const LOGIN = { maxAge: 0, prompt: "login" };

async function signIn(subject: string, more: Readonly<Record<string, unknown>>) {
  const { status, body } = await sidecar.call("POST", "/sessions", { subject, ...more });
  return { status, body, code: body.code };
}

async function authorization(cookie: string) {
  const { status, body, headers } = await sidecar.ask("GET", "/authorization", { headers: { cookie } });
  expect([status, headers["cache-control"]]).toEqual([200, "no-store"]);
  return body;
}

test("an idle end stands against a provider that signs the person in again silently", async () => {
  const authenticatedAt = Date.now();
  const begun = await sidecar.call("POST", "/sessions", { subject: "ann", authenticatedAt, idp });
  const cookie = cookieFrom(begun);
  expect(await authorization(cookie)).toEqual({ maxAge: 3_600 });
  await until(async () => (await sidecar.check(cookie)).status === 401, "the session has not ended");

  for (const given of [{ cookie }, { idp }, {}, { cookie, idp, orphanPrevious: true }])
    expect(await signIn("ann", { authenticatedAt, ...given })).toMatchObject({
      status: 409,
      code: "stale-authentication",
      body: { type: "urn:curfew:sign-in-refused", detail: expect.stringMatching(/prompt=login, max_age=0/) },
    });
  expect(await signIn("bob", { authenticatedAt, idp })).toMatchObject({ code: "stale-authentication" });
  expect(await authorization(cookie)).toEqual(LOGIN);
  expect((await sidecar.call("GET", "/sessions?subject=ann")).body).toEqual({ sessions: [] });

  expect(await signIn("ann", { authenticatedAt: Date.now(), idp, cookie })).toMatchObject({ status: 201 });
  const { text } = await sidecar.ask("GET", "/metrics");
  expect(text).toContain('curfew_audit_events_total{type="idp_silent_sign_in"} 5');
});

test("a step-up takes no authentication that the session has already", async () => {
  const authenticatedAt = Date.now();
  const cookie = cookieFrom(await sidecar.call("POST", "/sessions", { subject: "eve", authenticatedAt }));
  const { status, body } = await sidecar.call("POST", "/sessions/reauthenticate", {
    subject: "eve",
    authenticatedAt,
    cookie,
  });
  expect([status, body.code]).toEqual([409, "stale-authentication"]);
});

test.each([{ iss: "https://id.test" }, { ...idp, sid: "" }, { ...idp, more: true }, "https://id.test"])(
  "a provider's session %j is refused",
  async (wrong) => {
    expect((await signIn("ann", { idp: wrong })).status).toBe(400);
  },
);

test.each([{}, { authenticatedAt: null }])(
  "a provider's session without the time of the authentication (%j) starts and renews none",
  async (untold) => {
    const { body } = await sidecar.call("POST", "/sessions", { subject: "ann", idp, ...untold });
    const cookie = cookieFrom(await sidecar.call("POST", "/sessions", { subject: "fay" }));
    const renewal = { subject: "fay", cookie, idp, ...untold };
    const renewed = await sidecar.call("POST", "/sessions/reauthenticate", renewal);
    expect([body.code, renewed.body.code]).toEqual(["bad-authenticated-at", "bad-authenticated-at"]);
  },
);

test("a sidecar that says it has a provider starts and renews nothing without the time of the authentication", async () => {
  const strict = await startSidecar(folder, { ...BASIC, idp: true });
  const untold = { type: "urn:curfew:bad-request", status: 400, code: "bad-authenticated-at" };
  expect((await strict.call("POST", "/sessions", { subject: "ann" })).body).toMatchObject(untold);
  const started = await strict.call("POST", "/sessions", { subject: "ann", authenticatedAt: Date.now() });
  const renewal = { subject: "ann", cookie: cookieFrom(started) };
  expect((await strict.call("POST", "/sessions/reauthenticate", renewal)).body).toMatchObject(untold);
  await strict.program.stop();
});
