import { expect, test } from "vitest";
import { rooms } from "../package/project.js";
import { expectSuccess, makeHouse } from "./house.js";

test("ESLint's import plugin finds every sub-path and every name, by its own resolver", async () => {
  const house = await makeHouse({
    packages: [
      "eslint@9",
      "eslint-plugin-import@2.32.0",
      "react@19",
      "vue@3",
      "hono@4",
      "fastify@5",
      "ioredis",
    ],
    manifest: { type: "module" },
    files: {
      "eslint.config.js": `
        import plugin from "eslint-plugin-import";
        export default [{ files: ["*.js"], ...plugin.flatConfigs.recommended, languageOptions: { ecmaVersion: 2022, sourceType: "module" } }];`,
      "app.js": `${rooms.map((room, at) => `import * as room${at} from "${room}";`).join("\n")}
        import { createSessionVerifier } from "curfew/server";
        export { createSessionVerifier, ${rooms.map((_room, at) => `room${at}`).join(", ")} };`,
      "wrong.js": 'import { nothing } from "curfew/no-such-room";\nexport { nothing };',
    },
  });
  expectSuccess(await house.run("node_modules/eslint/bin/eslint.js", "app.js", "--max-warnings", "0"));
  const { stdout } = await house.run("node_modules/eslint/bin/eslint.js", "wrong.js");
  expect(stdout).toContain("import/no-unresolved");
});
