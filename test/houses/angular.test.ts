// docs/recipes/angular.md: its example, bundled and compiled in the page, over HTTP and in a browser.
import { createServer, type RequestListener } from "node:http";
import { beforeAll, expect, test } from "vitest";
import type { SessionVerifierOptions } from "../../src/server/index.js";
import { cookieOf, POLICY } from "../examples/installed.js";
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

let url: string;

beforeAll(async () => {
  const recipe = await makeRecipe("angular");
  expectSuccess(await runProgram("npm", ["run", "typecheck"], recipe.folder));
  expectSuccess(await runProgram("npm", ["run", "build"], recipe.folder));
  const { memoryStore } = await recipe.load<typeof import("../../src/server/index.js")>(
    "node_modules/curfew/dist/server/index.js",
  );
  const { createApp } = await recipe.load<{
    createApp(given: Partial<SessionVerifierOptions>): { app: RequestListener };
  }>("server/app.ts");
  url = await listenForAll(createServer(createApp({ policy: POLICY, store: memoryStore() }).app));
});

test("a sign-in of another site's is refused, and a post without the token of its own session", async () => {
  const post = (path: string, value: object, headers: Record<string, string> = {}) =>
    fetch(url + path, {
      method: "POST",
      headers: { "content-type": "application/json", origin: url, ...headers },
      body: JSON.stringify(value),
    });
  const ann = { name: "ann", password: "demo" };
  const elsewhere = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
  expect((await post("/api/sign-in", ann, elsewhere)).status).toBe(403);
  const session = cookieOf(await post("/api/sign-in", ann));
  const tokens = cookieOf(await fetch(`${url}/api/notes`, { headers: { cookie: session } }));
  const cookie = `${session}; ${tokens}`;
  const token = decodeURIComponent(/XSRF-TOKEN=([^;]+)/.exec(tokens)?.[1] ?? "");
  const note = { note: "by hand" };
  expect((await post("/api/notes", note, { cookie })).status).toBe(403);
  expect((await post("/api/notes", note, { cookie, "x-xsrf-token": token })).status).toBe(200);
  const other = cookieOf(await post("/api/sign-in", ann));
  const stolen = { cookie: `${other}; ${tokens}`, "x-xsrf-token": token };
  expect((await post("/api/notes", note, stolen)).status).toBe(403);
});

test("in a browser a refused call says what has happened, and its form goes on after a sign-in", () =>
  expectNoteOutlivesEnd({
    url,
    notes: "/",
    signIn: "/login",
    hear: (page) => page.getByRole("button", { name: "Save" }).click(),
  }));

test("a refusal of Curfew's is asked for once, one of the app's own is the app's, and Curfew's own calls are not intercepted", async () => {
  const page = await (await openBrowser()).newPage();
  await withoutNews(page);
  const posts: { path: string; token: boolean }[] = [];
  page.on("request", (asked) => {
    if (asked.method() !== "POST") return;
    posts.push({ path: new URL(asked.url()).pathname, token: "x-xsrf-token" in asked.headers() });
  });
  const isHeard = personOn(page);
  await page.goto(url);
  await signInOn(page, "ben", { password: "wrong" });
  await page.getByText("That did not work.").waitFor();
  expect(await page.getByRole("alertdialog").count()).toBe(0);
  await signInOn(page, "ben");
  await page.getByLabel("Note").fill("kept");
  await isHeard();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("listitem").filter({ hasText: "kept" }).waitFor();
  await page.getByLabel("Note").fill("late");

  advance(15 * MINUTE);
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("alertdialog").waitFor();
  const saves = posts.filter(({ path }) => path === "/api/notes");
  expect(saves).toEqual([
    { path: "/api/notes", token: true },
    { path: "/api/notes", token: true },
  ]);
  const own = posts.filter(({ path }) => path.startsWith("/curfew/"));
  expect(own.length).toBeGreaterThan(1);
  expect(own.filter(({ token }) => token)).toEqual([]);
});
