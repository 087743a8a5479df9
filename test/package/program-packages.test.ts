// What only the command line needs, an app does not load: every sub-path works where those packages are not there.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, inject, test } from "vitest";
import { manifest, rooms, runNode } from "./project.js";

/** The sidecar's metrics, the parser of its command line, and what `init` asks with. */
const OF_THE_PROGRAM = ["prom-client", "commander", "@clack/prompts"];

const folder = mkdtempSync(join(tmpdir(), "curfew-without-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const modules = join(inject("consumer"), "node_modules");
cpSync(join(modules, "curfew"), join(folder, "node_modules/curfew"), { recursive: true });
for (const name of packagesIn(modules)) {
  if (name === "curfew" || OF_THE_PROGRAM.includes(name)) continue;
  mkdirSync(dirname(join(folder, "node_modules", name)), { recursive: true });
  symlinkSync(join(modules, name), join(folder, "node_modules", name), "junction");
}

function packagesIn(place: string): string[] {
  return readdirSync(place).flatMap((name) =>
    name.startsWith("@") ? readdirSync(join(place, name)).map((inner) => `${name}/${inner}`) : [name],
  );
}

test("they are dependencies, so that `npx curfew` runs at once", () => {
  expect(Object.keys(manifest.dependencies)).toEqual(expect.arrayContaining(OF_THE_PROGRAM));
});

test.each(rooms)("%s is required and imported without them", async (room) => {
  const load = `require("${room}"); import("${room}").then(() => console.log("loaded"))`;
  expect(await runNode(["-e", load], folder)).toEqual({ code: 0, stdout: "loaded\n", stderr: "" });
});

test("a server signs in and guards without them, and serves its script", async () => {
  const serve = `
    const { createSessionVerifier } = require("curfew/server/web");
    const { sqliteStore } = require("curfew/server/sqlite");
    const { signIn } = require("curfew/testing");
    const logger = { info() {}, warn() {}, error: console.error };
    const policy = { idle: "15m", absolute: "12h" };
    const sessions = createSessionVerifier({ policy, signInUrl: "/login", logger, store: sqliteStore(":memory:") });
    const of = (path, headers = {}) => new Request("http://localhost" + path, { headers });
    (async () => {
      const { cookie } = await signIn(sessions, { subject: "ann" });
      const { status } = await sessions.check(of("/", { cookie }));
      console.log(status, (await sessions.handle(of("/curfew/curfew.js"))).status);
      await sessions.close();
    })();`;
  expect(await runNode(["-e", serve], folder)).toEqual({ code: 0, stdout: "active 200\n", stderr: "" });
});

test("that they are not there would be seen: the program needs them", async () => {
  const program = join(folder, "node_modules/curfew", manifest.bin.curfew ?? "");
  const { code, stderr } = await runNode([program, "--version"], folder);
  expect(code).not.toBe(0);
  expect(stderr).toMatch(/Cannot find (?:module|package) '(?:commander|prom-client)'/);
});
