import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import { roomsWithNames, runNode } from "./project.js";

const consumer = inject("consumer");
const read = (file: string) => readFileSync(join(consumer, "node_modules/curfew", file), "utf8");

describe("one state however it is loaded", () => {
  test("require and import give the same objects, in every room", async () => {
    const compare = `
      const compared = ${JSON.stringify(roomsWithNames)}.map(async (room) => {
        const required = require(room);
        const imported = await import(room);
        const names = Object.keys(required);
        return names.length > 0 && names.sort().join() === Object.keys(imported).sort().join()
          && names.every((name) => required[name] === imported[name]) ? [] : room;
      });
      Promise.all(compared).then((different) => console.log(different.flat().join()));`;
    expect(await runNode(["-e", compare], consumer)).toEqual({ code: 0, stdout: "\n", stderr: "" });
  });

  test("a mistake told by what was imported is an error of the class that was required", async () => {
    const script = `
      const { ConfigurationError } = require("curfew/server");
      import("curfew/server/web").then(({ createSessionVerifier }) => {
        try { createSessionVerifier({}) } catch (error) { console.log(error instanceof ConfigurationError) }
      });`;
    expect(await runNode(["-e", script], consumer)).toEqual({ code: 0, stdout: "true\n", stderr: "" });
  });
});

const APP = `
  import { createServer } from "node:http";
  import { createSessionVerifier } from "curfew/server";
  import { sqliteStore } from "curfew/server/sqlite";

  const sessions = createSessionVerifier({
    policy: { idle: "15m", absolute: "12h" },
    store: sqliteStore(":memory:"),
    signInUrl: "/login",
  });
  const server = createServer((request, response) => sessions.routes()(request, response, () => response.end()));
  server.listen(0, "127.0.0.1", () => console.log(server.address().port));
`;

/** What esbuild's documents give for ES modules that hold CommonJS which asks for Node's own modules, as Express does. */
const BANNER = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';

describe("a server in one file, made by a bundler", () => {
  test.each([
    ["esm", "mjs"],
    ["cjs", "cjs"],
  ] as const)("serves the scripts and the words, as %s", async (format, ending) => {
    const outfile = join(consumer, `bundled.${ending}`);
    await build({
      stdin: { contents: APP, resolveDir: consumer },
      bundle: true,
      platform: "node",
      format,
      banner: { js: format === "esm" ? BANNER : "" },
      outfile,
      logLevel: "error",
    });
    const address = await start(outfile);
    const answered = async (path: string) => (await fetch(`${address}/curfew${path}`)).text();
    for (const name of ["curfew", "curfew-frame", "curfew-drafts"])
      expect((await answered(`/${name}.js`)) === read(`dist/script/${name}.js`), name).toBe(true);
    for (const tag of ["en", "zh-Hant"])
      expect(await answered(`/locales/${tag}.json`)).toBe(read(`dist/locales/${tag}.json`));
  });
});

test("the script include asks in its first line to be compiled while it arrives", () => {
  expect(read("dist/script/curfew.js").split("\n", 1)).toEqual(["//# allFunctionsCalledOnLoad"]);
});

/** Starts a program that prints its port. */
async function start(file: string): Promise<string> {
  const app = spawn(process.execPath, [file], { cwd: consumer, stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(app, "exit");
  onTestFinished(async () => {
    app.kill();
    await ended;
  });
  const [port] = await Promise.race([once(app.stdout, "data"), ended]);
  return `http://127.0.0.1:${Number(port)}`;
}
