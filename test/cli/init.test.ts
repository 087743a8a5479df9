/** `curfew init`: what it sees in a project, writes into it, and leaves alone. What it writes is run in test/package/init.test.ts. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { askChoice } from "../../src/cli/init/ask-choice.js";
import { FRAMEWORK_NAMES } from "../../src/cli/init/frameworks.js";
import { STORE_NAMES } from "../../src/cli/init/stores.js";
import { readConfigFile } from "../../src/cli/settings/file.js";
import { readSettings } from "../../src/cli/settings/read.js";
import { curfewIn, type Run } from "./support/doctor-sites.js";
import { type Folder, ROOT, temporaryFolder } from "./support/program.js";

let folder: Folder;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

const read = (path: string) => readFileSync(folder.file(path), "utf8");
const example = (path: string) => readFileSync(join(ROOT, "examples", path), "utf8");
const init = (...args: readonly string[]) => curfewIn(folder.path, "init", ...args);
const wroteIn = ({ printed }: Run) => [...printed.matchAll(/^ {2}wrote {2}(.+)$/gm)].map(([, path]) => path);

function project(dependencies: readonly string[], more: object = { type: "module" }): void {
  const versions = Object.fromEntries(dependencies.map((name) => [name, "*"]));
  writeFileSync(folder.file("package.json"), JSON.stringify({ dependencies: versions, ...more }));
}

describe("the framework", () => {
  test.each([
    [["express"], "Express"],
    [["express", "@nestjs/core"], "NestJS"],
    [["next", "react"], "Next"],
    [["nuxt", "h3"], "Nuxt"],
    [["@sveltejs/kit"], "SvelteKit"],
    [["fastify"], "Fastify"],
    [["hono"], "Hono"],
  ])("is seen in the packages %j", async (packages, title) => {
    project(packages);
    const { code, printed } = await init("--yes");
    expect([code, printed.split("\n")[0]]).toEqual([0, `${title}, store: sqlite`]);
  });

  test("is asked for where nothing tells it and nobody is there to ask", async () => {
    const { code, complained } = await init("--yes");
    expect(code).toBe(1);
    expect(complained).toBe(`--framework is missing; write one of ${FRAMEWORK_NAMES.join(", ")}\n`);
  });

  test.each([
    [["--framework", "rails"], `--framework is "rails"; write one of ${FRAMEWORK_NAMES.join(", ")}\n`],
    [
      ["--framework", "hono", "--store", "mysql"],
      `--store is "mysql"; write one of ${STORE_NAMES.join(", ")}\n`,
    ],
    [["--framework", "hono"], `--store is missing; write one of ${STORE_NAMES.join(", ")}\n`],
  ])("or a store that is not known is refused: %j", async (args, words) => {
    expect(await init(...args)).toMatchObject({ code: 1, printed: "", complained: words });
  });
});

describe("the files", () => {
  test("are those of the examples for Next, with the store that was chosen", async () => {
    project(["next"]);
    mkdirSync(folder.file("src"));
    const run = await init("--store", "redis", "--yes");
    expect(wroteIn(run)).toEqual([
      "src/lib/sessions.ts",
      "src/lib/current-session.ts",
      "src/app/curfew/[...path]/route.ts",
    ]);
    for (const path of ["lib/current-session.ts", "app/curfew/[...path]/route.ts"])
      expect(read(`src/${path}`)).toBe(example(`next/${path}`));
    const own = example("next/lib/sessions.ts")
      .replace(
        'import { memoryStore } from "curfew/server";',
        'import { redisStore } from "curfew/server/redis";',
      )
      .replace(/memoryStore\(\), .*/, 'redisStore(process.env.REDIS_URL ?? "redis://127.0.0.1:6379"),');
    expect(read("src/lib/sessions.ts")).toBe(own);
    expect(run.printed).toContain("Install: npm install curfew ioredis");
  });

  test("are those of the examples for Nuxt, which takes a type along", async () => {
    project(["nuxt"]);
    expect(wroteIn(await init("--yes"))).toEqual(["server/utils/sessions.ts", "server/middleware/guard.ts"]);
    expect(read("server/middleware/guard.ts")).toBe(example("nuxt/server/middleware/guard.ts"));
    const text = read("server/utils/sessions.ts");
    expect(text).toContain(
      'import { type Session } from "curfew/server";\nimport { sqliteStore } from "curfew/server/sqlite";\n',
    );
    expect(text).toContain('  store: sqliteStore("curfew.db"),\n');
    expect(text).not.toContain("memoryStore");
  });

  test.each([
    ["nginx", "curfew.conf", "nginx/curfew.conf"],
    ["caddy", "Caddyfile", "caddy/Caddyfile"],
  ])("of %s are the example's, and a configuration that the sidecar takes", async (name, path, from) => {
    await init("--framework", name, "--store", "memory", "--yes");
    expect(read(path)).toBe(example(from));
    const config = readConfigFile(
      folder.file("curfew.config.json"),
      () => "a-token-of-more-than-32-characters-0123",
    );
    expect(readSettings(config)).toMatchObject({ store: "memory:" });
  });

  test("go with a policy for a first look, which warns within a minute and which the sidecar takes too", async () => {
    project(["express"]);
    const { printed } = await init("--yes");
    const [, policy = ""] = /For a first look: (\{.*\}) in the place of the policy/.exec(printed) ?? [];
    writeFileSync(folder.file("first.json"), `{ "policy": ${policy}, "signInUrl": "/login" }`);
    const run = await curfewIn(folder.path, "policy", "--config", folder.file("first.json"));
    expect([run.code, run.printed], run.complained).toEqual([0, expect.stringContaining("30s")]);
  });

  test("of Next have the sign-in in another folder than the page with the form", async () => {
    project(["next"]);
    expect((await init("--yes")).printed).toContain("sign-in/route.ts: where the form on your page /login");
  });

  test("of CommonJS are required, and of TypeScript imported", async () => {
    project(["express"], {});
    await init("--yes");
    expect(read("curfew.js")).toContain('const { createSessionVerifier } = require("curfew/server");');
    expect(read("curfew.js")).toMatch(/\nmodule\.exports = \{ sessions, routes, guard \};\n$/);
    writeFileSync(folder.file("tsconfig.json"), "{}");
    const { printed } = await init("--yes");
    expect(read("curfew.ts")).toContain('import { createSessionVerifier } from "curfew/server";');
    expect(printed).toContain('    import { guard, routes, sessions } from "./curfew.js";');
  });

  test("of SvelteKit carry types in TypeScript alone", async () => {
    project(["@sveltejs/kit"]);
    await init("--yes");
    const handle = read("src/lib/server/curfew-handle.js");
    expect(handle).toContain("export const curfewHandle = async (");
    expect(handle).not.toContain("import type");
    writeFileSync(folder.file("tsconfig.json"), "{}");
    await init("--yes");
    expect(read("src/lib/server/curfew-handle.ts")).toContain("export const curfewHandle: Handle = async (");
  });

  test("are never overwritten", async () => {
    project(["sveltekit", "@sveltejs/kit"]);
    mkdirSync(folder.file("src"));
    writeFileSync(folder.file("src/hooks.server.js"), "mine");
    const run = await init("--yes");
    expect(run.code).toBe(0);
    expect(run.printed).toContain("  kept   src/hooks.server.js was there and is as it was");
    expect(read("src/hooks.server.js")).toBe("mine");
    expect(wroteIn(run)).toHaveLength(2);
    expect(wroteIn(await init("--yes"))).toEqual([]);
  });
});

test.each(FRAMEWORK_NAMES)("%s is told what is left to do, down to the doctor", async (name) => {
  const { code, printed } = await init("--framework", name, "--store", "sqlite");
  expect(code).toBe(0);
  expect(printed).toMatch(/Install: npm install curfew\n/);
  expect(printed).toMatch(/Add to what you have:\n\n {4}\S/);
  expect(printed).toContain('<script src="/curfew/curfew.js" defer></script>');
  expect(printed).toContain("npx curfew doctor http://localhost:3000");
});

test("a manifest that is no JSON is told of", async () => {
  writeFileSync(folder.file("package.json"), "{");
  expect(await init("--yes")).toMatchObject({
    code: 1,
    complained: "package.json cannot be read; it must be JSON\n",
  });
});

describe("a person at the terminal", () => {
  const answers = async (...keys: readonly string[]) => {
    const terminal = { input: new PassThrough(), output: new PassThrough() };
    terminal.output.resume();
    const choices = [
      { value: "express", label: "Express" },
      { value: "hono", label: "Hono" },
    ] as const;
    const chosen = askChoice({ message: "What is the app made with?", choices, first: "express" }, terminal);
    await new Promise((resolve) => setImmediate(resolve));
    for (const key of keys) terminal.input.write(key);
    return chosen;
  };

  test("takes what is seen by Enter, goes on to another by the arrow, and may give up", async () => {
    expect(await answers("\r")).toBe("express");
    expect(await answers("\u001b[B", "\r")).toBe("hono");
    expect(await answers("\u0003")).toBe(null);
  });
});
