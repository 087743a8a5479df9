import { cpSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, inject, test } from "vitest";
import { rooms, runProgram } from "../package/project.js";
import { makeHouse } from "./house.js";

const PEERS = { react: "19.3.1", vue: "3.5.45", libsql: "0.5.29" };
const COMPARE = `
  const rooms = ${JSON.stringify(rooms)};
  Promise.all(rooms.map(async (room) => {
    const required = require(room);
    const imported = await import(room);
    return Object.keys(required).every((name) => required[name] === imported[name]) ? [] : room;
  })).then((different) => {
    const { sqliteStore } = require("curfew/server/sqlite");
    sqliteStore(":memory:");
    console.log("different:", different.flat().join());
    process.exit();
  });
`;

/** What installs, by the package that brings the program, and how a script is run afterwards. */
const INSTALLERS = [
  { name: "npm", program: "npm", install: ["install", "--no-audit", "--no-fund"], run: [] },
  { name: "pnpm", program: "pnpm@9", bin: "pnpm/bin/pnpm.cjs", install: ["install"], run: [] },
  {
    name: "yarn classic",
    program: "yarn@1.22.22",
    bin: "yarn/bin/yarn.js",
    install: ["install", "--no-lockfile"],
    run: [],
  },
  {
    name: "yarn with Plug'n'Play",
    program: "@yarnpkg/cli-dist@4.18.1",
    bin: "@yarnpkg/cli-dist/bin/yarn.js",
    install: ["install", "--no-immutable"],
    run: ["node"],
  },
];

describe.each(INSTALLERS)("installed by $name", ({ program, bin, install, run }) => {
  test("every room is required and imported, the same, and the store finds its driver", async () => {
    const tool = bin === undefined ? null : await makeHouse({ packages: [program] });
    const node = (args: readonly string[], folder: string) =>
      tool === null
        ? runProgram(program, args, folder)
        : runProgram(process.execPath, [join(tool.folder, "node_modules", bin ?? ""), ...args], folder);
    const house = await makeHouse({
      manifest: { dependencies: { curfew: "file:./curfew.tgz", ...PEERS } },
      files: {
        "compare.cjs": COMPARE,
        "yarn.lock": "",
        ".yarnrc.yml": "nodeLinker: pnp\nenableTelemetry: false\n",
      },
      install(folder) {
        cpSync(inject("tarball"), join(folder, "curfew.tgz"));
        return node(install, folder);
      },
    });
    const { stdout, stderr } =
      run.length > 0 ? await node([...run, "compare.cjs"], house.folder) : await house.run("compare.cjs");
    expect(stdout, stderr).toContain("different: \n");
  });
});
