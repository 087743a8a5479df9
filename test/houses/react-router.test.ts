// docs/recipes/react-router.md: its example, built, over HTTP and in a browser.
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

/** As the router asks in the page. */
const POLL = { accept: "*/*", "sec-fetch-mode": "cors", "sec-fetch-site": "same-origin" };
const ELSEWHERE = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };

let url: string;

beforeAll(async () => {
  const recipe = await makeRecipe("react-router");
  expectSuccess(await runProgram("npm", ["run", "typecheck"], recipe.folder));
  expectSuccess(await runProgram("npm", ["run", "build"], recipe.folder));
  const { app } = await recipe.load<{ app: RequestListener }>("server.js");
  url = await listenForAll(createServer(app));
});

async function signedIn(name: string) {
  const visitor = createVisitor(url);
  expect(await visitor.post("/login", { name, password: "demo" })).toMatchObject({ status: 302 });
  return visitor;
}

test("who is signed out is led to sign in and back, and a loader is refused", async () => {
  const ann = createVisitor(url);
  const away = await ann.get("/about?part=2");
  expect([away.status, away.location]).toEqual([303, "/login?return=%2Fabout%3Fpart%3D2"]);
  expect((await ann.get(String(away.location))).text).toContain('value="/about?part=2"');
  expect(await ann.get("/about.data", POLL)).toMatchObject({ status: 401 });
  expect(await ann.post("/login", { name: "ann", password: "wrong" })).toMatchObject({ status: 403 });
  const back = { name: "ann", password: "demo", return: "/about?part=2" };
  expect(await ann.post("/login", back)).toMatchObject({ status: 302, location: "/about?part=2" });
  expect((await ann.get("/about")).text).toMatch(/About (?:<!-- -->)?ann/);
  expect(await ann.get("/about.data", POLL)).toMatchObject({ status: 200, caching: "no-store" });
  const elsewhere = { name: "ann", password: "demo", return: "//evil.example" };
  expect(await ann.post("/login", elsewhere)).toMatchObject({ location: "/" });
});

test("requests extend nothing, and after 15 minutes a loader is refused", async () => {
  const ann = await signedIn("ann");
  for (let minute = 0; minute < 15; minute++) {
    expect(await ann.get("/about.data", POLL)).toMatchObject({ status: 200 });
    advance(MINUTE);
  }
  const refused = await ann.get("/about.data", POLL);
  expect([refused.status, refused.text.includes("ann")]).toEqual([401, false]);
});

test("the router's own check takes no form of another site, and a sign-out ends the session", async () => {
  const ann = await signedIn("ann");
  for (const path of ["/?index", "/login", "/logout"])
    expect([path, (await ann.post(path, { note: "forged" }, ELSEWHERE)).status]).toEqual([path, 400]);
  expect((await ann.get("/")).text).not.toContain("forged");
  expect(await ann.post("/logout", {})).toMatchObject({ status: 302, location: "/login" });
  expect(await ann.get("/")).toMatchObject({ status: 303 });
});

test("in a browser the page says what has happened, and its form goes on after a sign-in", () =>
  expectNoteOutlivesEnd({ url, notes: "/", signIn: "/login" }));

test("in a browser a step to another page after the end says what has happened", async () => {
  const page = await (await openBrowser()).newPage();
  await withoutNews(page);
  const isHeard = personOn(page);
  await page.goto(url);
  await signInOn(page, "ben");
  await page.getByRole("heading", { name: "Notes of ben" }).waitFor();
  await isHeard();
  advance(15 * MINUTE);
  await page.getByRole("link", { name: "About" }).click();
  await page.getByRole("alertdialog").waitFor();
});
