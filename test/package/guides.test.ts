import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, inject, test } from "vitest";
import { compileIn, type Files } from "./compile.js";
import { manifest, ROOT, runNode } from "./project.js";
import { blocksOf } from "./readme.js";

/** The examples' folder has installed what a reader of these guides has. */
const examples = inject("examples");
/** Below it, and before it: what only the guides use, and what some example needs an older release of. */
const guides = join(examples, "guides");
mkdirSync(join(guides, "node_modules"), { recursive: true });
for (const name of ["@playwright", "cookie", "openid-client"])
  symlinkSync(join(ROOT, "node_modules", name), join(guides, "node_modules", name), "junction");

/** What stands above a sidecar's configuration in a guide. */
const SIDECAR_CONFIG = "sidecar-config";

/** Modules that the guides show once and import later. */
const SHARED: Files = [
  [
    "session.ts",
    'import { createSessionClient } from "curfew"; export const session = createSessionClient();',
  ],
  ["api.ts", "export declare function api(path: string, init?: RequestInit): Promise<Response>;"],
  [
    "greeting.tsx",
    'import type { SessionClient } from "curfew"; export declare function Greeting(of: { session: SessionClient }): null;',
  ],
];

describe.each(["testing", "adopting", "sso", "migration"])("docs/%s.md", (name) => {
  const all = blocksOf(readFileSync(join(ROOT, "docs", `${name}.md`), "utf8"));
  const blocks = all.filter(({ check }) => check !== SIDECAR_CONFIG);

  test("shows code that is all checked", () => {
    expect(blocks.length).toBeGreaterThan(name === "sso" ? 0 : 4);
    const wrong = blocks.filter(({ check, language }) => check !== "compile" || !/^tsx?$/.test(language));
    expect(wrong.map(({ line }) => `line ${line}`)).toEqual([]);
  });

  test("holds to the types of the installed package", async () => {
    const files = blocks.map(({ line, language, code }) => [`line-${line}.${language}`, code] as const);
    const { code, stdout } = await compileIn(join(guides, `guide-${name}`), {
      files: [...files, ...SHARED, ["package.json", '{ "type": "module" }']],
      skipLibCheck: true,
    });
    expect(stdout).toBe("");
    expect(code).toBe(0);
  });
});

/** The installed command reads the whole file, as `serve` would, and opens nothing. */
function readPolicy(file: string, config: string) {
  writeFileSync(file, config.replace(/\$\{\w+\}/g, "a-secret-of-40-characters-or-more-in-tests"));
  const program = join(inject("consumer"), "node_modules/curfew", manifest.bin.curfew ?? "");
  return runNode([program, "policy", "--config", file], examples);
}

test("the sidecar's configurations that docs/migration.md shows are taken by the installed command", async () => {
  const guide = blocksOf(readFileSync(join(ROOT, "docs/migration.md"), "utf8"));
  const configs = guide.filter(({ check }) => check === SIDECAR_CONFIG);
  expect(configs.length).toBeGreaterThan(0);
  for (const { line, code: config } of configs) {
    const { code, stdout, stderr } = await readPolicy(join(examples, `sidecar-${line}.json`), config);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain("15m");
  }
});

test("a configuration with a mistake in it would be seen", async () => {
  const { code, stderr } = await readPolicy(
    join(examples, "sidecar-wrong.json"),
    '{ "policy": { "idle": "15" } }',
  );
  expect(code).not.toBe(0);
  expect(stderr).toContain("policy.idle");
});

test("the tests that docs/testing.md shows pass", async () => {
  const blocks = blocksOf(readFileSync(join(ROOT, "docs/testing.md"), "utf8"));
  const folder = join(examples, "guide-tests");
  mkdirSync(folder);
  const greeting = blocks.find(({ code }) => code.includes("export function Greeting"));
  writeFileSync(join(folder, "greeting.tsx"), greeting?.code ?? "");
  writeFileSync(join(folder, "vitest.config.mjs"), 'export default { test: { environment: "happy-dom" } };');
  const tests = blocks.filter(({ code }) => code.includes('from "vitest"'));
  for (const { line, language, code } of tests)
    writeFileSync(join(folder, `line-${line}.test.${language}`), code);
  const vitest = join(examples, "node_modules/vitest/vitest.mjs");
  const { code, stdout, stderr } = await runNode([vitest, "run", "--root", folder], folder);
  expect(code, stdout + stderr).toBe(0);
  expect(stripVTControlCharacters(stdout)).toMatch(RegExp(`Test Files +${tests.length} passed`));
});

test("code with a mistake in it would be seen", async () => {
  const wrong = 'import { createTestSession } from "curfew/testing";\ncreateTestSession({ status: "gone" });';
  const { stdout } = await compileIn(join(examples, "guide-wrong"), {
    files: [
      ["wrong.ts", wrong],
      ["package.json", '{ "type": "module" }'],
    ],
    skipLibCheck: true,
  });
  expect(stdout).toContain("wrong.ts(2,21): error TS2322");
});
