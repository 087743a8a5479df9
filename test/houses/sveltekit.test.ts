// docs/recipes/sveltekit.md: its example, built for Node, over HTTP and in a browser.
import { createServer, type RequestListener } from "node:http";
import { beforeAll, expect, test } from "vitest";
import { createVisitor } from "../examples/visitor.js";
import { runProgram } from "../package/project.js";
import { expectSuccess } from "./house.js";
import {
  advance,
  expectNoteOutlivesEnd,
  listenForAll,
  MINUTE,
  makeRecipe,
  openBrowser,
  personOn,
  signInOn,
  withoutNews,
} from "./recipe.js";

/** As a script of the page asks. */
const POLL = { accept: "application/json", "sec-fetch-mode": "cors", "sec-fetch-site": "same-origin" };
const ELSEWHERE = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };

let url: string;

beforeAll(async () => {
  const recipe = await makeRecipe("sveltekit");
  expectSuccess(await runProgram("npm", ["run", "typecheck"], recipe.folder));
  expectSuccess(await runProgram("npm", ["run", "build"], recipe.folder));
  const server = createServer();
  url = await listenForAll(server);
  process.env.ORIGIN = url; // what Kit's own CSRF check holds a form to
  const { handler } = await recipe.load<{ handler: RequestListener }>("build/handler.js");
  server.on("request", handler);
});

async function signedIn(name: string) {
  const visitor = createVisitor(url);
  expect(await visitor.post("/sign-in", { name, password: "demo" })).toMatchObject({ status: 303 });
  return visitor;
}

test("who is signed out is led to sign in and back, and a load is refused", async () => {
  const ann = createVisitor(url);
  const away = await ann.get("/about?part=2");
  expect([away.status, away.location]).toEqual([303, "/login?return=%2Fabout%3Fpart%3D2"]);
  expect((await ann.get(String(away.location))).text).toContain('value="/about?part=2"');
  expect(await ann.get("/__data.json", POLL)).toMatchObject({ status: 401 });
  expect(await ann.post("/sign-in", { name: "ann", password: "wrong" })).toMatchObject({ status: 401 });
  const back = { name: "ann", password: "demo", return: "/about?part=2" };
  expect(await ann.post("/sign-in", back)).toMatchObject({ status: 303, location: "/about?part=2" });
  expect((await ann.get("/about")).text).toContain("About ann");
  const loaded = await ann.get("/__data.json", POLL);
  expect([loaded.status, loaded.caching]).toEqual([200, expect.stringContaining("no-store")]);
  const elsewhere = { name: "ann", password: "demo", return: "//evil.example" };
  expect(await ann.post("/sign-in", elsewhere)).toMatchObject({ location: "/" });
});

test("requests extend nothing, and after 15 minutes a load is refused with the reason", async () => {
  const ann = await signedIn("ann");
  for (let minute = 0; minute < 15; minute++) {
    expect(await ann.get("/__data.json", POLL)).toMatchObject({ status: 200 });
    advance(MINUTE);
  }
  const refused = await ann.get("/__data.json", POLL);
  expect(JSON.parse(refused.text)).toMatchObject({ type: "urn:curfew:session-ended", reason: "idle" });
});

test("Kit's own check takes no form of another site, and a sign-out ends the session", async () => {
  const ann = await signedIn("ann");
  for (const path of ["/", "/sign-in", "/logout"])
    expect(await ann.post(path, { note: "forged" }, ELSEWHERE)).toMatchObject({ status: 403 });
  expect((await ann.get("/")).text).not.toContain("forged");
  expect(await ann.post("/logout", {})).toMatchObject({ status: 303, location: "/login" });
  expect(await ann.get("/")).toMatchObject({ status: 303 });
});

test("in a browser a refused action says what has happened, and its form goes on after a sign-in", () =>
  expectNoteOutlivesEnd({
    url,
    notes: "/",
    signIn: "/login",
    hear: (page) => page.getByRole("button", { name: "Save" }).click(),
  }));

test("in a browser a step to another page after the end says what has happened", async () => {
  const page = await (await openBrowser()).newPage();
  await withoutNews(page);
  const isHeard = personOn(page);
  await page.goto(url);
  await signInOn(page, "ben");
  await page.getByRole("link", { name: "About" }).focus();
  await isHeard(); // past Kit's own check
  advance(15 * MINUTE);
  await page.getByRole("link", { name: "About" }).click();
  await page.getByRole("alertdialog").waitFor();
});
