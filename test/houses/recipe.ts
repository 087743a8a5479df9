/** An example in a house of its own, and what every recipe holds: the end, what is written, the form that goes on. */
import { once } from "node:events";
import type { Server } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type BrowserContext, chromium, type Page } from "@playwright/test";
import { afterAll, expect, inject, onTestFinished, vi } from "vitest";
import { chromiumLaunch } from "../../e2e/browsers.js";
import { copyExample } from "../examples/copy.js";
import { runProgram } from "../package/project.js";
import { type House, makeHouse } from "./house.js";

export const MINUTE = 60_000;

export interface Recipe extends House {
  /** A module of what stands in the house. */
  load<Module>(path: string): Promise<Module>;
}

/** Installs the example `name` as a reader does. */
export async function makeRecipe(name: string): Promise<Recipe> {
  const house = await makeHouse({
    install(folder) {
      copyExample(name, folder, inject("tarball"));
      const flags = ["--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];
      return runProgram("npm", ["install", ...flags], folder);
    },
  });
  return {
    ...house,
    load: async <Module>(path: string) =>
      (await import(pathToFileURL(join(house.folder, path)).href)) as Module,
  };
}

const realNow = Date.now;
let ahead = 0;

/** Moves the machine's time on, as all that runs in this process sees it. It never goes back: nor do the other tests of a file. */
export function advance(duration: number): void {
  ahead += duration;
  vi.spyOn(Date, "now").mockImplementation(() => realNow() + ahead);
}

/** Listens on a free port until the file's last test. @returns the URL */
export async function listenForAll(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return `http://127.0.0.1:${address.port}`;
}

export async function openBrowser(): Promise<BrowserContext> {
  const { args, ...program } = chromiumLaunch();
  const browser = await chromium.launch({ ...program, args: [...args] });
  onTestFinished(() => browser.close());
  return browser.newContext();
}

export async function signInOn(page: Page, name: string, { password = "demo" } = {}): Promise<void> {
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** The page hears of an end only by what it asks itself. */
export async function withoutNews(page: Page): Promise<void> {
  await page.route("**/curfew/events", (route) => route.abort());
}

/** Listens from now on. @returns what moves the mouse until the server has heard of the person */
export function personOn(page: Page): () => Promise<void> {
  let isHeard = false;
  page.on("response", (answer) => {
    if (answer.url().endsWith("/curfew/heartbeat") && answer.status() === 200) isHeard = true;
  });
  let step = 0;
  const moved = async () => {
    step++;
    await page.mouse.move(100 + ((step * 37) % 300), 100 + ((step * 11) % 200));
    return isHeard;
  };
  return () => expect.poll(moved, { timeout: 60_000, interval: 250 }).toBe(true);
}

interface Notes {
  readonly url: string;
  /** The address of the page with the notes, and of the one on which a person signs in. */
  readonly notes: string;
  readonly signIn: string;
  /** By what the page hears of the end; by default the client asks. */
  readonly hear?: (page: Page) => Promise<unknown>;
}

const ask = (page: Page) => page.evaluate("window.Curfew.session.refresh()");

/**
 * A person writes a note, is away until the session ends, sees it said over the page, signs in again in another tab, and
 * saves what is still there.
 */
export async function expectNoteOutlivesEnd({ url, notes, signIn, hear = ask }: Notes): Promise<void> {
  const context = await openBrowser();
  const page = await context.newPage();
  await withoutNews(page);
  const isHeard = personOn(page);
  await page.goto(url + notes);
  await signInOn(page, "ann");
  await page.getByLabel("Note").waitFor();
  await page.getByLabel("Note").fill("first");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("listitem").filter({ hasText: "first" }).waitFor();
  await page.getByLabel("Note").fill("second");
  await isHeard();

  advance(15 * MINUTE);
  await hear(page);
  await page.getByRole("alertdialog").waitFor();
  expect(new URL(page.url()).pathname).toBe(notes);

  const other = await context.newPage();
  await other.goto(url + signIn);
  await signInOn(other, "ann");
  await page.bringToFront();
  await page.getByRole("alertdialog").waitFor({ state: "hidden" });
  expect(await page.getByLabel("Note").inputValue()).toBe("second");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("listitem").filter({ hasText: "second" }).waitFor();
}
