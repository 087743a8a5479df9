import { createServer, type RequestListener } from "node:http";
import { expect, onTestFinished, test, vi } from "vitest";
import type { SessionVerifier, SessionVerifierOptions } from "../../src/server/index.js";
import { cookieOf, curfewServer, curfewTesting, listen, load, MINUTE, POLICY } from "./installed.js";
import { createVisitor } from "./visitor.js";

interface OwnStore {
  all(callback: (error: unknown, sessions: Readonly<Record<string, object>>) => void): void;
}

const { memoryStore } = await curfewServer();
const { createTestClock, signIn } = await curfewTesting();
const { createApp } = await load<{
  createApp(
    own: OwnStore,
    given: Partial<SessionVerifierOptions>,
  ): { app: RequestListener; sessions: SessionVerifier };
}>("passport", "src/app.ts");
const { default: ownSessions } = await load<{ default: { MemoryStore: new () => OwnStore } }>(
  "passport",
  "../node_modules/express-session/index.js",
);

async function serve() {
  const clock = createTestClock();
  const own = new ownSessions.MemoryStore();
  const { app, sessions } = createApp(own, { policy: POLICY, store: memoryStore({ clock }) });
  onTestFinished(() => sessions.close());
  const url = await listen(createServer(app));
  const signedInOwn = () =>
    new Promise<number>((resolve, reject) => {
      own.all((error, all) => {
        if (error) reject(error);
        else resolve(Object.values(all).filter((one) => "authenticatedAt" in one).length);
      });
    });
  return { clock, sessions, url, signedInOwn, browser: () => createBrowser(url) };
}

function createBrowser(url: string) {
  const visitor = createVisitor(url);
  return {
    ...visitor,
    signIn: async (username: string, back = "/account", password = "demo") =>
      visitor.post("/login", {
        username,
        password,
        return: back,
        _csrf: await visitor.tokenOn("/login"),
      }),
  };
}

test("a sign-in makes a new id, leads back, and is one session of both", async () => {
  const { sessions, signedInOwn, browser } = await serve();
  const ann = browser();
  const away = await ann.get("/account?tab=2");
  expect([away.status, away.location]).toEqual([303, "/login?return=%2Faccount%3Ftab%3D2"]);
  expect((await ann.get(String(away.location))).text).toContain('name="return" value="/account?tab=2"');
  const before = ann.jar.get("connect.sid");
  expect(await ann.signIn("ann", "/account?tab=2")).toMatchObject({
    status: 303,
    location: "/account?tab=2",
  });
  expect(ann.jar.get("connect.sid")).not.toBe(before);
  expect(await ann.get("/account")).toMatchObject({ status: 200, caching: "no-store" });
  expect([await sessions.list("ann"), await signedInOwn()]).toEqual([[expect.anything()], 1]);
});

test("a wrong password signs nobody in, and nobody out", async () => {
  const { browser } = await serve();
  const ann = browser();
  await ann.signIn("ann");
  expect(await ann.signIn("ben", "/account", "wrong")).toMatchObject({ location: "/login" });
  expect((await ann.get("/")).text).toContain("Hello, ann");
});

test("a sign-in leads to no other site", async () => {
  const { browser } = await serve();
  for (const back of ["//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nx: y", "/a//b"])
    expect((await browser().signIn("ann", back)).location).toBe("/");
});

test("the public page knows who is signed in, extends nothing, and after the end is there for nobody", async () => {
  const { clock, sessions, signedInOwn, browser } = await serve();
  const ann = browser();
  expect((await ann.get("/")).text).toContain("Welcome");
  await ann.signIn("ann");
  for (let minute = 0; minute < 15; minute++) {
    expect((await ann.get("/")).text).toContain("Hello, ann");
    clock.advance(MINUTE);
  }
  const { status, text } = await ann.get("/");
  expect([status, text.includes("Welcome"), text.includes("Hello")]).toEqual([200, true, false]);
  expect(await ann.get("/account")).toMatchObject({ status: 303 });
  expect(await sessions.list("ann")).toEqual([]);
  await vi.waitFor(async () => expect(await signedInOwn()).toBe(0));
});

test("a sign-out ends both, and the old cookie is worth nothing", async () => {
  const { sessions, signedInOwn, browser } = await serve();
  const ann = browser();
  await ann.signIn("ann");
  const kept = new Map(ann.jar);
  const answer = await ann.post("/logout", { _csrf: await ann.tokenOn("/") });
  expect(answer).toMatchObject({ status: 303, location: "/" });
  expect(await sessions.list("ann")).toEqual([]);
  await vi.waitFor(async () => expect(await signedInOwn()).toBe(0));
  for (const [name, value] of kept) ann.jar.set(name, value);
  expect((await ann.get("/account")).status).toBe(303);
  expect((await ann.get("/")).text).toContain("Welcome");
});

test("another person's sign-in takes the place of what the browser had", async () => {
  const { sessions, browser } = await serve();
  const both = browser();
  await both.signIn("ann");
  await both.signIn("ben");
  expect(await sessions.list("ann")).toEqual([]);
  expect((await both.get("/")).text).toContain("Hello, ben");
});

test("a form needs the token of its own session, and gets the new one on the page", async () => {
  const { browser } = await serve();
  const ann = browser();
  await ann.signIn("ann");
  const token = await ann.tokenOn("/account");
  expect((await ann.post("/account", { note: "a" })).status).toBe(403);
  expect(await ann.post("/account", { note: "a", _csrf: token })).toMatchObject({ status: 200 });
  await ann.signIn("ann");
  expect((await ann.post("/account", { note: "a", _csrf: token })).status).toBe(403);
  expect(await ann.post("/account", { note: "a", _csrf: await ann.tokenOn("/account") })).toMatchObject({
    status: 200,
  });
});

test("Curfew's own posts pass beside the CSRF layer, and what a person does extends", async () => {
  const { clock, url, browser } = await serve();
  const login = async () => {
    const form = await fetch(`${url}/login`);
    const _csrf = / name="_csrf" value="([^"]+)"/.exec(await form.text())?.[1] ?? "";
    const body = new URLSearchParams({ username: "ann", password: "demo", _csrf });
    const headers = { cookie: cookieOf(form), origin: url };
    return fetch(`${url}/login`, { method: "POST", redirect: "manual", headers, body });
  };
  const ann = await signIn(
    { handle: (request) => fetch(request), start: login },
    { subject: "ann", origin: url },
  );
  for (let beat = 0; beat < 3; beat++) {
    clock.advance(15 * MINUTE - 1);
    expect(await ann.heartbeat()).toMatchObject({ status: 200, body: { lastActiveAt: clock.now() } });
  }
  expect((await browser().get("/account")).status).toBe(303);
  expect((await fetch(`${url}/account`, { headers: { cookie: ann.cookie } })).status).toBe(200);
});
