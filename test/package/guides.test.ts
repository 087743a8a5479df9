import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, inject, test } from "vitest";
import { compileIn, type Files } from "./compile.js";
import { ROOT } from "./project.js";
import { blocksOf } from "./readme.js";

/** The examples' folder has installed what a reader of these guides has. */
const examples = inject("examples");
symlinkSync(join(ROOT, "node_modules/@playwright"), join(examples, "node_modules/@playwright"), "junction");

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

describe.each(["testing", "adopting"])("docs/%s.md", (name) => {
  const blocks = blocksOf(readFileSync(join(ROOT, "docs", `${name}.md`), "utf8"));

  test("shows code that is all checked", () => {
    expect(blocks.length).toBeGreaterThan(5);
    const wrong = blocks.filter(({ check, language }) => check !== "compile" || !/^tsx?$/.test(language));
    expect(wrong.map(({ line }) => `line ${line}`)).toEqual([]);
  });

  test("holds to the types of the installed package", async () => {
    const files = blocks.map(({ line, language, code }) => [`line-${line}.${language}`, code] as const);
    const { code, stdout } = await compileIn(join(examples, `guide-${name}`), {
      files: [...files, ...SHARED, ["package.json", '{ "type": "module" }']],
      skipLibCheck: true,
    });
    expect(stdout).toBe("");
    expect(code).toBe(0);
  });
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
