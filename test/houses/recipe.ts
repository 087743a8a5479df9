/** An example in a house of its own, and what every recipe holds: the end, what is written, the form that goes on. */
import { createServer, type RequestListener, type Server } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type BrowserContext, chromium, type Page } from "@playwright/test";
import { expect, inject, onTestFinished, vi } from "vitest";
import { chromiumLaunch } from "../../e2e/browsers.js";
import { copyExample } from "../examples/copy.js";
import { listen } from "../examples/installed.js";
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

/** Serves for as long as the test runs. @returns the URL */
export const serve = (app: RequestListener | Server): Promise<string> =>
  listen(typeof app === "function" ? createServer(app) : app);

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

interface Notes {
  readonly url: string;
  /** The address of the page with the notes, and of the one on which a person signs in. */
  readonly notes: string;
  readonly signIn: string;
}

/**
 * A person writes a note, is away until the session ends, sees it said over the page, signs in again in another tab, and
 * saves what is still there.
 */
export async function expectNoteOutlivesEnd({ url, notes, signIn }: Notes): Promise<void> {
  const context = await openBrowser();
  const page = await context.newPage();
  await page.goto(url + notes);
  await signInOn(page, "ann");
  await page.waitForURL(url + notes);
  await page.getByLabel("Note").fill("first");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("listitem").filter({ hasText: "first" }).waitFor();
  await page.getByLabel("Note").fill("second");

  advance(15 * MINUTE);
  await page.evaluate("window.Curfew.session.refresh()");
  await page.getByRole("alertdialog").waitFor();
  expect(page.url()).toBe(url + notes);

  const other = await context.newPage();
  await other.goto(url + signIn);
  await signInOn(other, "ann");
  await page.bringToFront();
  await page.getByRole("alertdialog").waitFor({ state: "hidden" });
  expect(await page.getByLabel("Note").inputValue()).toBe("second");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("listitem").filter({ hasText: "second" }).waitFor();
}
