import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { ROOT, rooms, runNode } from "../package/project.js";
import { type House, makeHouse } from "./house.js";

/** The lowest, and the last of each line. */
const VERSIONS = ["5.0.4", "5.9.3", "6.0.3", "7.0.2"];

/** How a project asks TypeScript to find modules. `node10` is gone from release 7. */
const RESOLUTIONS = [
  { name: "node10", module: "commonjs", moduleResolution: "node10", type: "commonjs", until: 7 },
  { name: "node16 from CommonJS", module: "node16", moduleResolution: "node16", type: "commonjs", until: 9 },
  { name: "nodenext", module: "nodenext", moduleResolution: "nodenext", type: "module", until: 9 },
  { name: "bundler", module: "esnext", moduleResolution: "bundler", type: "module", until: 9 },
];

/** Each room's names are looked at, so that one that is found as `any` is an error. */
const APP = `${rooms.map((room, at) => `import * as room${at} from "${room}";`).join("\n")}
import { createSessionClient, type SessionState } from "curfew";
import { createSessionVerifier } from "curfew/server";
import { useSession } from "curfew/react";

type IsAny<T> = 0 extends 1 & T ? true : false;
const found: readonly false[] = [${rooms.map((_room, at) => `null as never as IsAny<typeof room${at}>`).join(", ")}];
const state: SessionState = createSessionClient().state;
const wrong: number = createSessionVerifier;
export { found, state, useSession, wrong };
`;

let house: House;
const aliases = VERSIONS.map((version) => `ts-${version}@npm:typescript@${version}`);

beforeAll(async () => {
  const types = [
    "@types/node@20",
    "@types/react@19",
    "react@19",
    "vue@3",
    "fastify@5",
    "hono@4",
    "ioredis",
    "@types/express",
  ];
  house = await makeHouse({ packages: [...aliases, ...types] });
});

describe.each(VERSIONS)("TypeScript %s", (version) => {
  test.each(RESOLUTIONS.filter(({ until }) => Number.parseInt(version, 10) < until))(
    "finds every sub-path by $name, with all declarations checked",
    async ({ name, module, moduleResolution, type }) => {
      const folder = `${version}-${name.replaceAll(" ", "-")}`;
      const compilerOptions = {
        module,
        moduleResolution,
        target: "es2022",
        lib: ["es2023", "dom", "dom.iterable"],
        types: ["node"],
        strict: true,
        exactOptionalPropertyTypes: true,
        esModuleInterop: true,
        skipLibCheck: false,
        noEmit: true,
        ...(version.startsWith("6") ? { ignoreDeprecations: "6.0" } : {}),
      };
      house.write({
        [`${folder}/package.json`]: JSON.stringify({ type }),
        [`${folder}/tsconfig.json`]: JSON.stringify({ compilerOptions, files: ["app.ts"] }),
        [`${folder}/app.ts`]: APP,
      });
      const tsc = join(house.folder, `node_modules/ts-${version}/bin/tsc`);
      const { stdout } = await runNode([tsc, "-p", folder, "--pretty", "false"], house.folder);
      // Vue's declarations, for one, need a newer TypeScript than 5.0.
      const mistakes = stdout
        .split("\n")
        .filter((line) => /^\S/.test(line) && !/^node_modules\/(?!curfew\/)/.test(line));
      // The one that was made on purpose, and no other.
      expect(mistakes).toEqual([
        expect.stringMatching(
          /app\.ts\(\d+,\d+\): error TS2322: Type '.*' is not assignable to type 'number'/,
        ),
      ]);
    },
  );
});

test("the lowest is the one that the documents state", () => {
  const text = readFileSync(join(ROOT, "docs/packaging.md"), "utf8");
  expect(text).toContain(`TypeScript ${VERSIONS[0]?.replace(/\.\d+$/, "")} or later`);
});
