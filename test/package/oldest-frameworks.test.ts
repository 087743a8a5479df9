// @vitest-environment happy-dom
// The wrappers of the packed tarball with the oldest releases that they work with, installed beside it.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, inject, test } from "vitest";
import { describeReact } from "../wrappers/react-suite.js";
import { describeVue } from "../wrappers/vue-suite.js";
import { runProgram } from "./project.js";

/** The last patches of the oldest lines. */
const OLDEST = { react: "18.3.1", "react-dom": "18.3.1", vue: "3.3.13" };

const folder = mkdtempSync(join(tmpdir(), "curfew-oldest-"));
writeFileSync(join(folder, "package.json"), '{ "name": "app", "private": true, "type": "module" }');
const packages = Object.entries(OLDEST).map(([name, version]) => `${name}@${version}`);
const flags = ["--prefer-offline", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"];
const installed = await runProgram("npm", ["install", ...flags, inject("tarball"), ...packages], folder);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A module as the folder's own `node_modules` resolve it. */
async function load<Module>(path: string): Promise<Module> {
  const module: unknown = await import(pathToFileURL(join(folder, "node_modules", path)).href);
  // A module of the older kind has all its names in one object.
  const { default: names } = module as { readonly default?: Module };
  return names ?? (module as Module);
}

test("they install beside Curfew without a conflict", () => {
  expect(installed, installed.stderr).toMatchObject({ code: 0 });
});

const { createTestSession } = await load<typeof import("../../src/testing/index.js")>(
  "curfew/dist/testing/index.js",
);

const react = await load<typeof import("react")>("react/index.js");
const vue = await load<typeof import("vue")>("vue/index.mjs");

test("they are what is tested here", () => {
  expect([react.version, vue.version]).toEqual([OLDEST.react, OLDEST.vue]);
});

describeReact(`React ${react.version}`, {
  react,
  client: await load("react-dom/client.js"),
  server: await load("react-dom/server.node.js"),
  useSession: (await load<typeof import("../../src/react/index.js")>("curfew/dist/react/index.js"))
    .useSession,
  createTestSession,
});

describeVue(`Vue ${vue.version}`, {
  vue,
  server: await load("vue/server-renderer/index.mjs"),
  useSession: (await load<typeof import("../../src/vue/index.js")>("curfew/dist/vue/index.js")).useSession,
  createTestSession,
});
