// docs/recipes/authjs.md: its example with Auth.js, sessions in a token and in a database, with passwords and a real provider.
import { createServer, type RequestListener } from "node:http";
import { beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import type { SessionVerifier, SessionVerifierOptions } from "../../src/server/index.js";
import { listen, POLICY } from "../examples/installed.js";
import { createVisitor } from "../examples/visitor.js";
import { runProgram } from "../package/project.js";
import { CLIENT, startIdentityProvider } from "../sso/identity-provider.js";
import { Person } from "../sso/person.js";
import { expectSuccess } from "./house.js";
import { advance, MINUTE, makeRecipe, openBrowser, personOn, type Recipe, signInOn } from "./recipe.js";

type OwnAdapter = { readonly sessions: ReadonlyMap<string, unknown> };

interface Example {
  createApp(
    own: object,
    given: Partial<SessionVerifierOptions>,
  ): { app: RequestListener; sessions: SessionVerifier };
  withPassword(): object;
  withProvider(provider: object, adapter?: OwnAdapter): object;
  memoryAdapter(): OwnAdapter;
}

const POLL = { accept: "application/json", "sec-fetch-mode": "cors" };

let recipe: Recipe;
let example: Example;
let curfew: typeof import("../../src/server/index.js");

beforeAll(async () => {
  recipe = await makeRecipe("authjs");
  expectSuccess(await runProgram("npm", ["run", "typecheck"], recipe.folder));
  const [app, own] = await Promise.all([
    recipe.load<Example>("src/app.ts"),
    recipe.load<Example>("src/own.ts"),
  ]);
  example = { ...own, ...app };
  curfew = await recipe.load("node_modules/curfew/dist/server/index.js");
});

async function serve(ownOf: (url: string) => object | Promise<object>) {
  const server = createServer();
  const url = await listen(server);
  const { app, sessions } = example.createApp(await ownOf(url), {
    policy: POLICY,
    store: curfew.memoryStore(),
  });
  onTestFinished(() => sessions.close());
  server.on("request", app);
  return { url, sessions };
}

describe("with a password, and the session in a token", () => {
  async function open() {
    const { url, sessions } = await serve(() => example.withPassword());
    const csrfOf = async (visitor: ReturnType<typeof createVisitor>): Promise<string> =>
      JSON.parse((await visitor.get("/auth/csrf")).text).csrfToken;
    const post = async (
      visitor: ReturnType<typeof createVisitor>,
      path: string,
      fields: Record<string, string> = {},
    ) => visitor.post(path, { csrfToken: await csrfOf(visitor), ...fields });
    const signIn = (visitor: ReturnType<typeof createVisitor>, name: string, back = "/", password = "demo") =>
      post(visitor, "/auth/callback/credentials", { name, password, callbackUrl: back });
    const person = async (name: string) => {
      const visitor = createVisitor(url);
      await signIn(visitor, name);
      expect((await visitor.get("/")).text).toContain(`Hello, credentials:${name}`);
      return visitor;
    };
    return { url, sessions, csrfOf, post, signIn, person };
  }
  const tokenIn = ({ jar }: ReturnType<typeof createVisitor>) => jar.get("authjs.session-token");

  test("a sign-in leads back, and is one session whose person was there just now", async () => {
    const { url, sessions, signIn } = await open();
    const ann = createVisitor(url);
    expect(await ann.get("/?page=2")).toMatchObject({
      status: 303,
      location: "/login?return=%2F%3Fpage%3D2",
    });
    expect(await signIn(ann, "ann", "/?page=2")).toMatchObject({ status: 302, location: `${url}/?page=2` });
    expect(await ann.get("/notes", POLL)).toMatchObject({ status: 200, caching: "no-store" });
    const [session] = await sessions.list("credentials:ann");
    expect(Date.now() - Number(session?.authenticatedAt)).toBeLessThan(MINUTE);
    const elsewhere = await signIn(createVisitor(url), "ann", "https://evil.example/");
    expect(elsewhere.location).toBe(url);
  });

  test("a wrong password signs nobody in, and a form without the token of Auth.js neither", async () => {
    const { url, sessions, signIn } = await open();
    expect((await signIn(createVisitor(url), "ann", "/", "wrong")).location).toContain("/login?error=");
    const forged = { name: "ann", password: "demo", csrfToken: "forged" };
    const ann = createVisitor(url);
    await ann.post("/auth/callback/credentials", forged);
    expect([tokenIn(ann), await sessions.list("credentials:ann")]).toEqual([undefined, []]);
  });

  test("Auth.js renews its cookie at each question, which extends nothing, and revives nothing after the end", async () => {
    const { sessions, person } = await open();
    const ann = await person("ann");
    for (let minute = 0; minute < 15; minute++) {
      const before = tokenIn(ann);
      expect((await ann.get("/auth/session", POLL)).text).toContain('"name":"ann"');
      expect(tokenIn(ann)).not.toBe(before);
      advance(MINUTE);
    }
    const kept = tokenIn(ann);
    for (const later of [0, MINUTE, 26 * 60 * MINUTE]) {
      advance(later);
      expect([(await ann.get("/auth/session", POLL)).text, tokenIn(ann)]).toEqual(["null", kept]);
      expect((await ann.get("/notes", POLL)).status).toBe(401);
      expect(await sessions.list("credentials:ann")).toEqual([]);
    }
  });

  test("a sign-out ends both, and the old cookie is worth nothing", async () => {
    const { sessions, post, person } = await open();
    const ann = await person("ann");
    const kept = String(tokenIn(ann));
    expect((await ann.post("/auth/signout", { csrfToken: "forged" })).status).toBe(302);
    expect(await sessions.list("credentials:ann")).toHaveLength(1);
    await post(ann, "/auth/signout");
    expect([tokenIn(ann), await sessions.list("credentials:ann")]).toEqual([undefined, []]);
    ann.jar.set("authjs.session-token", kept);
    expect(JSON.parse((await ann.get("/notes", POLL)).text)).toMatchObject({ reason: "signed-out" });
    expect((await ann.get("/auth/session", POLL)).text).toBe("null");
  });

  test("another person's sign-in takes the place of what the browser had", async () => {
    const { sessions, signIn, person } = await open();
    const both = await person("ann");
    await signIn(both, "ben");
    expect(await sessions.list("credentials:ann")).toEqual([]);
    expect((await both.get("/")).text).toContain("Hello, credentials:ben");
  });

  test("in a browser the page says what has happened, and goes on after a sign-in beside it", async () => {
    const { url, sessions } = await open();
    const context = await openBrowser();
    const page = await context.newPage();
    const isHeard = personOn(page);
    await page.goto(url);
    await signInOn(page, "ann");
    await page.getByLabel("Note").fill("unsaved");
    await isHeard(); // past Auth.js, which reads the body of what comes to it

    advance(15 * MINUTE);
    await page.evaluate("window.Curfew.session.refresh()");
    await page.getByRole("alertdialog").waitFor();
    const other = await context.newPage();
    await other.goto(`${url}/login`);
    await signInOn(other, "ann");
    await page.bringToFront();
    await page.getByRole("alertdialog").waitFor({ state: "hidden" });
    expect(await page.getByLabel("Note").inputValue()).toBe("unsaved");
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL(`${url}/login`);
    expect(await sessions.list("credentials:ann")).toEqual([]);
  });
});

describe.each([
  ["a token", false],
  ["a database", true],
])("with a provider, and the session in %s", (_name, hasDatabase) => {
  async function open({ isDeaf = false } = {}) {
    vi.spyOn(console, "error").mockReturnValue(); // Auth.js says there what it refuses
    vi.spyOn(console, "warn").mockReturnValue(); // and the provider that its keys last as long as a test
    const adapter = example.memoryAdapter();
    const { url, sessions } = await serve(async (appUrl) => {
      const { issuer, close } = await startIdentityProvider(appUrl, {
        isDeaf,
        callback: "/auth/callback/work",
      });
      onTestFinished(close);
      const provider = { issuer, clientId: CLIENT.id, clientSecret: CLIENT.secret };
      return example.withProvider(provider, hasDatabase ? adapter : undefined);
    });
    const ann = new Person();
    const post = async (path: string) => {
      const { csrfToken } = JSON.parse((await ann.visit(`${url}/auth/csrf`)).text);
      return ann.visit(url + path, "ann", new URLSearchParams({ csrfToken, callbackUrl: "/" }));
    };
    /** By the form of the page at `address`. */
    const signIn = async (address = "/login") => {
      const { text } = await ann.visit(url + address);
      return post(/action="([^"]+)"/.exec(text)?.[1]?.replaceAll("&#38;", "&") ?? "");
    };
    const arrived = await signIn();
    expect([arrived.status, ann.passwords]).toEqual([200, 1]);
    const subject = /Hello, ([^<]+)/.exec(arrived.text)?.[1] ?? "";
    const live = async () => (await sessions.list(subject))[0] ?? null;
    return { url, sessions, adapter, ann, post, signIn, subject, live };
  }

  test("a silent sign-in is one of when the provider last asked", async () => {
    const { ann, post, signIn, live } = await open();
    const first = await live();
    advance(5 * MINUTE);
    await post("/auth/signout");
    expect(await live()).toBeNull();
    expect((await signIn()).status).toBe(200);
    const second = await live();
    expect([ann.passwords, second?.authenticatedAt]).toEqual([1, first?.authenticatedAt]);
    expect(second?.sid).not.toBe(first?.sid);
  });

  test("after an idle end the provider is asked to ask", async () => {
    const { url, adapter, ann, signIn, live } = await open();
    expect(adapter.sessions.size).toBe(hasDatabase ? 1 : 0);
    advance(15 * MINUTE);
    expect((await ann.visit(url)).way.at(-1)?.pathname).toBe("/login");
    await vi.waitFor(() => expect(adapter.sessions.size).toBe(0));
    expect((await signIn()).status).toBe(200);
    expect([ann.passwords, (await live()) !== null]).toEqual([2, true]);
  });

  test("a silent sign-in after an idle end starts no session, here or there, and the page asks for a password", async () => {
    const { url, adapter, ann, post, signIn, live } = await open();
    advance(15 * MINUTE);
    expect(await live()).toBeNull();
    ann.forget(url); // by its cookie the browser would have been known
    const refused = await post("/auth/signin/work?max_age=43200");
    expect(refused.way.at(-1)?.href).toContain("/login?error=");
    expect([ann.passwords, await live(), ann.cookies(url).includes("session-token")]).toEqual([
      1,
      null,
      false,
    ]);
    await vi.waitFor(() => expect(adapter.sessions.size).toBe(0));
    expect((await signIn("/login?error=Configuration")).status).toBe(200);
    expect([ann.passwords, (await live()) !== null]).toEqual([2, true]);
  });
});
