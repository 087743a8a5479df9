/** The example of one app with `openid-client`, behind a real provider. */
import type { RequestListener } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import type { SessionVerifier, SessionVerifierOptions } from "../../src/server/index.js";
import { CLIENT } from "../sso/identity-provider.js";
import { Person } from "../sso/person.js";
import { curfewServer, load, MINUTE, POLICY } from "./installed.js";
import { onWallClock, openPlaces } from "./provider.js";

const { memoryStore } = await curfewServer();
const { createApp } = await load<{
  createApp(
    client: { issuer: string; clientId: string; clientSecret: string; origin: string },
    given: Partial<SessionVerifierOptions>,
  ): Promise<{ app: RequestListener; sessions: SessionVerifier }>;
}>("oidc", "src/app.ts");

const pass = onWallClock();

async function open() {
  const { provider, places } = await openPlaces(1);
  const [place] = places;
  if (place === undefined) throw new Error("there is no place");
  const { origin, clientId } = place;
  const { issuer } = provider;
  const client = { issuer, clientId, clientSecret: CLIENT.secret, origin };
  const { app, sessions } = await createApp(client, { policy: POLICY, store: memoryStore() });
  place.serve(app);
  onTestFinished(() => sessions.close());
  const ann = new Person();
  expect(await ann.visit(`${origin}/`)).toMatchObject({
    status: 200,
    text: expect.stringContaining("Hello, ann"),
  });
  return { origin, sessions, ann };
}

const asked = (way: readonly URL[]) =>
  way
    .filter(({ pathname }) => pathname === "/auth")
    .map(({ searchParams: sent }) => [sent.get("prompt"), sent.get("max_age")]);

test("after an idle end the provider is asked to ask, and the way back needs the password", async () => {
  const { origin, ann } = await open();
  pass(16 * MINUTE);
  const { text, way } = await ann.visit(`${origin}/`);
  expect(text).toContain("Hello, ann");
  expect([asked(way), ann.passwords]).toEqual([[["login", "0"]], 2]);
});

test("a sign-out leads to the provider, and after it the provider asks for the password", async () => {
  const { origin, ann, sessions } = await open();
  const { text, way } = await ann.visit(`${origin}/logout`, null, new URLSearchParams());
  expect(way.at(-1)?.pathname).toBe("/session/end");
  expect(await sessions.list("ann")).toEqual([]);
  const xsrf = /name="xsrf" value="(\w+)"/.exec(text)?.[1] ?? "";
  const confirm = new URL("/session/end/confirm", way.at(-1)).href;
  await ann.visit(confirm, null, new URLSearchParams({ xsrf, logout: "yes" }));
  expect((await ann.visit(`${origin}/`, null)).text).toContain("Your name and password, please");
});
