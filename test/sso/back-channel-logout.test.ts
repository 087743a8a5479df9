/** A real provider that tells two apps of a logout: each app on a port of its own, and everything between them over HTTP. */
import express, { type Express } from "express";
import * as oidc from "openid-client";
import { expect, onTestFinished, test, vi } from "vitest";
import { createSessionVerifier } from "../../src/server/adapters/node.js";
import type { AuditRecord } from "../../src/server/audit/audit-record.js";
import { oidc as oidcProvider } from "../../src/server/idp/oidc.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import { SILENT } from "../server/support/test-verifier.js";
import { CLIENT, clientOf, listen, startIdentityProvider } from "./identity-provider.js";
import { Person } from "./person.js";
import { signInOfTheGuide } from "./recipe.js";

const addSignIn = await signInOfTheGuide();

async function openApp(app: Express, url: string, issuer: string, clientId: string) {
  const audit: AuditRecord[] = [];
  const sessions = createSessionVerifier({
    policy: { idle: "15m", absolute: "12h", warning: "2m" },
    store: memoryStore(),
    signInUrl: "/login",
    logger: SILENT,
    onEvent: (record) => audit.push(record),
    idp: oidcProvider({ issuer, clientId, privateAddresses: ["loopback"] }),
  });
  await sessions.ready();
  const config = await oidc.discovery(new URL(issuer), clientId, CLIENT.secret, undefined, {
    execute: [oidc.allowInsecureRequests],
  });
  app.use(sessions.routes());
  addSignIn(app, sessions, config, url);
  app.get("/", sessions.page(), ({ curfew }, response) => void response.send(`Hello, ${curfew?.subject}`));
  return { url, sessions, audit };
}

async function open() {
  // What the provider says of its keys and of its memory, which last as long as a test.
  vi.spyOn(console, "warn").mockReturnValue();
  const [first, second] = [express(), express()];
  const [notes, mail] = [await listen(first), await listen(second)];
  const provider = await startIdentityProvider(notes.url, { others: [mail.url] });
  const apps = [
    await openApp(first, notes.url, provider.issuer, CLIENT.id),
    await openApp(second, mail.url, provider.issuer, clientOf(mail.url)),
  ];
  onTestFinished(async () => {
    for (const { sessions } of apps) await sessions.close();
    for (const server of [provider, notes, mail]) await server.close();
    vi.restoreAllMocks();
  });
  return { apps, issuer: provider.issuer };
}

test("a person who signs out at the provider is out of both apps, and of another person nothing ends", async () => {
  const { apps, issuer } = await open();
  const [ann, bob] = [new Person(), new Person()];
  for (const { url } of apps) {
    expect(await ann.visit(`${url}/`)).toMatchObject({ status: 200, text: "Hello, ann" });
    expect(await bob.visit(`${url}/`, "bob")).toMatchObject({ status: 200, text: "Hello, bob" });
  }
  expect([ann.passwords, bob.passwords]).toEqual([1, 1]);

  const { text } = await ann.visit(`${issuer}/session/end?client_id=${CLIENT.id}`);
  const xsrf = /name="xsrf" value="(\w+)"/.exec(text)?.[1] ?? "";
  expect(xsrf).not.toBe("");
  await ann.visit(`${issuer}/session/end/confirm`, null, new URLSearchParams({ xsrf, logout: "yes" }));

  for (const { sessions, audit } of apps) {
    await expect.poll(() => sessions.list("ann"), { timeout: 20_000 }).toEqual([]);
    expect(await sessions.list("bob")).toHaveLength(1);
    const ends = audit.filter(({ type }) => type === "session_revoked" || type === "idp_logout");
    expect(ends.map(({ type, code, count }) => [type, code, count])).toEqual([
      ["session_revoked", undefined, undefined],
      ["idp_logout", "sid", 1],
    ]);
  }
  expect(await ann.visit(`${apps[0]?.url}/`, null)).toMatchObject({
    text: expect.stringContaining("Your name and password, please"),
  });
});
