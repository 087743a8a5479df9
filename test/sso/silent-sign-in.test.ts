import express from "express";
import * as oidc from "openid-client";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { createSessionVerifier } from "../../src/server/adapters/node.js";
import type { AuditRecord } from "../../src/server/audit/audit-record.js";
import type { PolicyOptions } from "../../src/server/policy/policy.types.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import { MINUTE, SILENT } from "../server/support/test-verifier.js";
import { CLIENT, listen, startIdentityProvider } from "./identity-provider.js";
import { Person } from "./person.js";
import { signInOfTheGuide } from "./recipe.js";

const POLICY = { idle: "15m", absolute: "12h", warning: "2m" } as const;
const addSignIn = await signInOfTheGuide();

/** The app and the provider live in this process, by one wall clock; everything between them goes over HTTP. */
beforeEach(() => {
  // What the provider says of its keys and of its memory, which last as long as a test.
  vi.spyOn(console, "warn").mockReturnValue();
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});
const pass = (duration: number) => vi.setSystemTime(Date.now() + duration);

async function open({ isDeaf = false, policy = POLICY as PolicyOptions } = {}) {
  const audit: AuditRecord[] = [];
  const app = express();
  const { url, close } = await listen(app);
  const provider = await startIdentityProvider(url, { isDeaf });
  const config = await oidc.discovery(new URL(provider.issuer), CLIENT.id, CLIENT.secret, undefined, {
    execute: [oidc.allowInsecureRequests],
  });
  const sessions = createSessionVerifier({
    policy,
    store: memoryStore(),
    signInUrl: "/login",
    logger: SILENT,
    onEvent: (record) => audit.push(record),
  });
  app.use(sessions.routes());
  addSignIn(app, sessions, config, url);
  app.get("/", sessions.page(), ({ curfew }, response) => void response.send(`Hello, ${curfew?.subject}`));
  app.use((error: unknown, _request: express.Request, response: express.Response, _next: unknown) => {
    const { status = 500, message = "" } = Object(error) as { status?: number; message?: string };
    response.status(status).send(message);
  });
  onTestFinished(async () => {
    await sessions.close();
    await provider.close();
    await close();
  });
  const ann = new Person();
  expect(await ann.visit(`${url}/`)).toMatchObject({ status: 200, text: "Hello, ann" });
  expect(ann.passwords).toBe(1);
  const refusals = () => audit.filter(({ type }) => type === "idp_silent_sign_in").map(({ code }) => code);
  return { url, sessions, ann, refusals };
}

/** What the provider was asked for on the way. */
function demandsOn(way: readonly URL[]): readonly (string | null)[] {
  return way
    .filter(({ pathname }) => pathname === "/auth")
    .map(({ searchParams }) => searchParams.get("prompt"));
}

describe("behind a provider that would sign the person in silently", () => {
  test("a sign-in after a sign-out is silent", async () => {
    const { url, ann, sessions } = await open();
    pass(MINUTE);
    const [live] = await sessions.list("ann");
    await sessions.end(live?.sid ?? "", "signed-out");
    expect(await ann.visit(`${url}/`)).toMatchObject({ status: 200, text: "Hello, ann" });
    expect(ann.passwords).toBe(1);
  });

  test("after an idle end the provider is asked to ask, and the way back needs a password", async () => {
    const { url, ann, refusals } = await open();
    pass(16 * MINUTE);
    const { text, way } = await ann.visit(`${url}/`);
    expect(text).toBe("Hello, ann");
    expect(demandsOn(way)).toEqual(["login"]);
    expect(ann.passwords).toBe(2);
    expect(refusals()).toEqual([]);
  });

  test("without the app's cookie the silent answer is refused, and the provider asked once more", async () => {
    const { url, ann, refusals } = await open();
    pass(16 * MINUTE);
    ann.forget(url);
    const { text, way } = await ann.visit(`${url}/`);
    expect(text).toBe("Hello, ann");
    expect(demandsOn(way)).toEqual([null, "login"]);
    expect(ann.passwords).toBe(2);
    // The provider tells the same `sid` as before.
    expect(refusals()).toEqual(["provider"]);
  });

  test.each(["with", "without"])(
    "who sits down at the desk is asked for a password, %s the cookie",
    async (carries) => {
      const { url, ann, sessions } = await open();
      pass(16 * MINUTE);
      if (carries === "without") ann.forget(url);
      const { text } = await ann.visit(`${url}/`, null);
      expect(text).toContain("Your name and password, please");
      expect(await sessions.list("ann")).toEqual([]);
    },
  );

  test("a provider that does not ask cannot send the browser in circles", async () => {
    const { url, ann, sessions, refusals } = await open({ isDeaf: true });
    pass(16 * MINUTE);
    for (const forgets of [false, true]) {
      if (forgets) ann.forget(url);
      const { status, text, way } = await ann.visit(`${url}/`);
      expect([status, text]).toEqual([
        401,
        expect.stringMatching(/^start\(\) was given an authentication from before/),
      ]);
      expect(demandsOn(way)).toEqual(forgets ? [null, "login"] : ["login"]);
    }
    expect(refusals()).toEqual(["browser", "provider", "provider"]);
    expect(await sessions.list("ann")).toEqual([]);
    expect(ann.passwords).toBe(1);
  });

  test("an authentication since the end, for another app, is enough", async () => {
    const { url, ann } = await open();
    pass(16 * MINUTE);
    await ann.visit(`${url}/login`);
    expect(ann.passwords).toBe(2);
    ann.forget(url);
    pass(MINUTE);
    expect(await ann.visit(`${url}/`)).toMatchObject({ text: "Hello, ann" });
    expect(ann.passwords).toBe(2);
  });
});
