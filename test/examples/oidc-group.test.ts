/** The example of two apps in one group, behind a real provider, over one store. */
import type { RequestListener } from "node:http";
import { expect, onTestFinished, test, vi } from "vitest";
import type { SessionVerifier, SessionVerifierOptions } from "../../src/server/index.js";
import { HttpBrowser } from "../adapters/support/http-browser.js";
import { createTestKey } from "../server/support/test-browser.js";
import { CLIENT } from "../sso/identity-provider.js";
import { Person } from "../sso/person.js";
import { curfewServer, load, MINUTE, POLICY } from "./installed.js";
import { onWallClock, openPlaces } from "./provider.js";

const { memoryStore } = await curfewServer();
const { createApp } = await load<{
  createApp(
    member: {
      name: string;
      trusts: readonly string[];
      issuer: string;
      clientId: string;
      clientSecret: string;
      origin: string;
    },
    given: Partial<SessionVerifierOptions>,
  ): Promise<{ app: RequestListener; sessions: SessionVerifier }>;
}>("oidc-group", "src/app.ts");

const pass = onWallClock();

async function open() {
  const { provider, places } = await openPlaces(2);
  const { issuer } = provider;
  const store = memoryStore();
  const apps = [];
  for (const [at, { origin, clientId, serve }] of places.entries()) {
    const [name = "", other = ""] = at === 0 ? ["mail", "crm"] : ["crm", "mail"];
    const member = { name, trusts: [other], issuer, clientId, clientSecret: CLIENT.secret, origin };
    const { app, sessions } = await createApp(member, { policy: POLICY, store });
    serve(app);
    onTestFinished(() => sessions.close());
    apps.push({ name, origin, sessions });
  }
  const [mail, crm] = apps;
  if (mail === undefined || crm === undefined) throw new Error("two apps were opened");
  const ann = new Person();
  for (const { origin } of apps) expect((await ann.visit(`${origin}/`)).text).toContain("Hello, ann");
  expect(ann.passwords).toBe(1);
  return { mail, crm, ann, issuer };
}

/** The page's own script in the person's browser: its key is bound. */
async function pageOf(ann: Person, origin: string): Promise<HttpBrowser> {
  const page = new HttpBrowser(origin, await createTestKey());
  page.cookie = ann.cookies(origin);
  await page.ask();
  expect((await page.bind()).status).toBe(200);
  return page;
}

const statusIn = async (ann: Person, { origin }: { readonly origin: string }) =>
  (await ann.visit(`${origin}/`, null)).text.includes("Hello, ann");

test("who works in one app is in the other too, and who works in none is out of both", async () => {
  const { mail, crm, ann } = await open();
  const page = await pageOf(ann, mail.origin);
  for (let beat = 0; beat < 3; beat++) {
    pass(10 * MINUTE);
    expect((await page.beat(Date.now())).status).toBe(200);
  }
  expect([await statusIn(ann, mail), await statusIn(ann, crm)]).toEqual([true, true]);
  pass(15 * MINUTE);
  expect([await statusIn(ann, mail), await statusIn(ann, crm)]).toEqual([false, false]);
});

test("one sign-out is for both", async () => {
  const { mail, crm, ann } = await open();
  const { way } = await ann.visit(`${mail.origin}/logout`, null, new URLSearchParams());
  expect(way.at(-1)?.pathname).toBe("/session/end");
  expect([await mail.sessions.list("ann"), await crm.sessions.list("ann")]).toEqual([[], []]);
});

test("a logout at the provider ends both", async () => {
  const { mail, crm, ann, issuer } = await open();
  const { text } = await ann.visit(`${issuer}/session/end`);
  const xsrf = /name="xsrf" value="(\w+)"/.exec(text)?.[1] ?? "";
  await ann.visit(`${issuer}/session/end/confirm`, null, new URLSearchParams({ xsrf, logout: "yes" }));
  for (const { sessions } of [mail, crm])
    await vi.waitFor(async () => expect(await sessions.list("ann")).toEqual([]), { timeout: 20_000 });
});
