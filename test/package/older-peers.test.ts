// Peers older than those that Curfew works with: the packed tarball installs beside them, what needs none of them works, and
// what does need them says so.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, inject, test } from "vitest";
import { roomsWithNames, runNode, runProgram } from "./project.js";

const folder = mkdtempSync(join(tmpdir(), "curfew-older-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, "package.json"), '{ "name": "app", "private": true, "type": "module" }');

/** As an app of these years has them; Curfew comes second, and without `--force` or `--legacy-peer-deps`. */
function npmInstall(...packages: readonly string[]) {
  const flags = ["--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];
  return runProgram("npm", ["install", ...flags, ...packages], folder);
}

const peers = [
  "react@16.14.0",
  "react-dom@16.14.0",
  "vue@2.6.14",
  "fastify@4.29.1",
  "ioredis@4.31.0",
  "pg@7.18.2",
];
const installs = [
  await npmInstall(...peers),
  await npmInstall(inject("tarball")),
  await npmInstall("react@17.0.2", "react-dom@17.0.2", "vue@2.7.16"),
];

test("it installs beside React 16, React 17, Vue 2, Fastify 4, ioredis 4 and pg 7", () => {
  for (const { code, stderr } of installs) expect(code, stderr).toBe(0);
});

/** What a script in the app prints. */
async function run(script: string): Promise<string> {
  const { stdout, stderr } = await runNode(["--input-type=module", "-e", script], folder);
  return stdout + stderr;
}

test.each(roomsWithNames)("%s is imported beside them", async (room) => {
  expect(await run(`console.log(Object.keys(await import("${room}")).length > 0)`)).toBe("true\n");
});

describe("a peer that is too old is told of, and what to use instead", () => {
  const SESSION = '{ state: { status: "connecting" }, subscribe: () => () => {} }';
  const told = (body: string) => run(`try { ${body} } catch (error) { console.log(error.message) }`);

  test("by curfew/react", async () => {
    const said = await told(`(await import("curfew/react")).useSession(${SESSION})`);
    expect(said).toMatch(
      /^curfew\/react needs React 18 or later, and this is 17\.0\.2; .*session\.subscribe/,
    );
  });

  test("by curfew/vue", async () => {
    const said = await told(`(await import("curfew/vue")).useSession(${SESSION})`);
    expect(said).toMatch(/^curfew\/vue needs Vue 3\.3 or later, and this is 2\.7\.16; .*session\.subscribe/);
  });

  test("by curfew/server/fastify, when its plugin is registered", async () => {
    const said = await told(`
      const quiet = { info() {}, warn() {}, error() {} };
      const { createSessionVerifier } = await import("curfew/server/fastify");
      const sessions = createSessionVerifier({ policy: { idle: "15m", absolute: "12h" }, signInUrl: "/login", logger: quiet });
      const app = (await import("fastify")).default();
      app.register(sessions.routes());
      await app.ready().finally(() => sessions.close())`);
    expect(said).toContain("curfew/server/fastify needs Fastify 5 or later, and this is 4.29.1;");
  });

  test("by curfew/server/redis, when it is to connect", async () => {
    const said = await told(`(await import("curfew/server/redis")).redisStore("redis://127.0.0.1:1")`);
    expect(said).toMatch(/^redisStore with an address needs ioredis 5 or later, .*\{ send \} of your client/);
  });

  test("by curfew/server/postgres, when it is to connect", async () => {
    const said = await told(
      `(await import("curfew/server/postgres")).postgresStore("postgres://127.0.0.1:1/a")`,
    );
    expect(said).toMatch(/^postgresStore with an address needs pg 8 or later, .*npm install pg@latest/);
  });
});
