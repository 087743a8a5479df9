// docs/recipes/nestjs.md: its example in Nest, over HTTP and in a browser.
import type { Server } from "node:http";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createVisitor } from "../examples/visitor.js";
import { runProgram } from "../package/project.js";
import { expectSuccess } from "./house.js";
import { advance, expectNoteOutlivesEnd, MINUTE, makeRecipe, type Recipe } from "./recipe.js";

interface NestApp {
  listen(port: number, host: string): Promise<Server>;
  getUrl(): Promise<string>;
  close(): Promise<void>;
}

/** As a script asks. */
const POLL = { accept: "application/json", "sec-fetch-mode": "cors" };

let recipe: Recipe;
let app: NestApp;
let url: string;

beforeAll(async () => {
  recipe = await makeRecipe("nestjs");
  expectSuccess(await runProgram("npm", ["run", "build"], recipe.folder));
  const { createApp } = await recipe.load<{ createApp(): Promise<NestApp> }>("dist/create-app.js");
  app = await createApp();
  await app.listen(0, "127.0.0.1");
  url = await app.getUrl();
});
afterAll(() => app.close());

async function signedIn(name: string) {
  const visitor = createVisitor(url);
  expect(await visitor.post("/login", { name, password: "demo" })).toMatchObject({ status: 303 });
  return visitor;
}

test("who is signed out is led to sign in and back, and an API call is refused", async () => {
  const ann = createVisitor(url);
  const away = await ann.get("/?page=2");
  expect([away.status, away.location]).toEqual([303, "/login?return=%2F%3Fpage%3D2"]);
  expect((await ann.get(String(away.location))).text).toContain('name="return" value="/?page=2"');
  expect(await ann.get("/api/notes", POLL)).toMatchObject({ status: 401 });
  expect(await ann.post("/login", { name: "ann", password: "wrong" })).toMatchObject({ status: 401 });
  const back = { name: "ann", password: "demo", return: "/?page=2" };
  expect(await ann.post("/login", back)).toMatchObject({ status: 303, location: "/?page=2" });
  expect(await ann.get("/api/notes")).toMatchObject({ status: 200, caching: "no-store" });
  expect((await ann.get("/")).text).toContain("Notes of ann");
  const elsewhere = { name: "ann", password: "demo", return: "//evil.example" };
  expect(await ann.post("/login", elsewhere)).toMatchObject({ location: "/" });
});

test("a sign-in that another site sends is refused with its own status, not as an error of the server's", async () => {
  const forged = await createVisitor(url).post(
    "/login",
    { name: "ann", password: "demo" },
    { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
  );
  expect([forged.status, JSON.parse(forged.text)]).toMatchObject([403, { code: "cross-site" }]);
});

test("requests extend nothing, and after 15 minutes each is refused with the reason", async () => {
  const ann = await signedIn("ann");
  for (let minute = 0; minute < 15; minute++) {
    expect(await ann.get("/api/notes", POLL)).toMatchObject({ status: 200 });
    advance(MINUTE);
  }
  const refused = await ann.get("/api/notes", POLL);
  expect(JSON.parse(refused.text)).toMatchObject({ type: "urn:curfew:session-ended", reason: "idle" });
});

test("a form needs the token of its own session, and a sign-out ends it", async () => {
  const ann = await signedIn("ann");
  const token = await ann.tokenOn("/");
  expect(await ann.post("/notes", { note: "forged" })).toMatchObject({ status: 403 });
  expect(await ann.post("/notes", { note: "kept", _csrf: token })).toMatchObject({ status: 303 });
  expect((await ann.get("/")).text).toContain("<li>kept</li>");
  const ben = await signedIn("ben");
  expect(await ben.post("/notes", { note: "forged", _csrf: token })).toMatchObject({ status: 403 });
  expect(await ann.post("/logout", { _csrf: token })).toMatchObject({ status: 303, location: "/login" });
  expect(await ann.get("/")).toMatchObject({ status: 303 });
});

test("Curfew's own posts pass beside the body parser and the CSRF layer, and what a person does extends", async () => {
  const warned = vi.spyOn(console, "warn");
  const { signIn } = await recipe.load<typeof import("../../src/testing/index.js")>(
    "node_modules/curfew/dist/testing/index.js",
  );
  const body = new URLSearchParams({ name: "ann", password: "demo" });
  const login = () =>
    fetch(`${url}/login`, { method: "POST", redirect: "manual", headers: { origin: url }, body });
  const handle = (request: Request) => fetch(request);
  const ann = await signIn({ handle, start: login }, { subject: "ann", origin: url });
  for (let beat = 0; beat < 3; beat++) {
    advance(14 * MINUTE);
    expect(await ann.heartbeat()).toMatchObject({ status: 200 });
  }
  expect((await fetch(`${url}/api/notes`, { headers: { cookie: ann.cookie } })).status).toBe(200);
  const said = warned.mock.calls.map(([line]) => String(line));
  expect(said.filter((line) => !line.includes("the clock of the memory store stepped"))).toEqual([]);
});

test("in a browser the page says what has happened, and its form goes on after a sign-in", () =>
  expectNoteOutlivesEnd({ url, notes: "/", signIn: "/login" }));
