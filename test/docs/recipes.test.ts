// The recipes: a page each, the example that it shows, and how much of its own that needs.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FRAMEWORKS, type FrameworkName } from "../../src/cli/init/frameworks.js";
import { withStore } from "../../src/cli/init/stores.js";
import { ROOT } from "../package/project.js";
import { blocksOf } from "../package/readme.js";

/** The files of each recipe's example that are there because of Curfew; its others are what the app was before. */
const RECIPES: Readonly<Record<string, readonly string[]>> = {
  passport: ["src/app.ts"],
  "htmx-turbo": ["src/app.ts", "public/fragments.js"],
  authjs: ["src/sessions.ts"],
  nestjs: [
    "src/curfew.ts",
    "src/app.module.ts",
    "src/create-app.ts",
    "src/session-error.filter.ts",
    "src/sign-in.controller.ts",
  ],
};

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const lines = (text: string) => text.split("\n").map((line) => line.trim());
const isComment = (line: string) => /^$|^(?:\/\/|\/\*|\*|<!--)/.test(line);
/** What is imported is said by the lines that use it. */
const withoutImports = (text: string) => text.replace(/^import [^;]+;$/gm, "");

test("every page of a recipe is known", () => {
  const pages = readdirSync(join(ROOT, "docs/recipes")).map((name) => name.replace(/\.md$/, ""));
  expect(Object.keys(RECIPES).sort()).toEqual(pages.sort());
});

describe.each(Object.entries(RECIPES))("the recipe %s", (name, files) => {
  const page = read(`docs/recipes/${name}.md`);
  const texts = files.map((file) => read(`examples/${name}/${file}`));

  test("shows lines of its example alone", () => {
    const shown = blocksOf(page).filter(({ language }) => language !== "sh");
    const code = texts.flatMap(lines);
    expect(shown.length).toBeGreaterThan(2);
    expect(shown.flatMap((block) => lines(block.code)).filter((line) => !code.includes(line))).toEqual([]);
  });

  test("needs under 60 lines of its own", () => {
    const own = texts.flatMap((text) => lines(withoutImports(text))).filter((line) => !isComment(line));
    expect(own.length).toBeLessThan(60);
  });
});

test.each<[recipe: string, framework: FrameworkName]>([["nestjs", "nest"]])(
  "what init writes is what the recipe %s has",
  (recipe, framework) => {
    const { below, templates } = FRAMEWORKS[framework];
    for (const { path, text } of templates()) {
      const file = below === null ? path : `${below}/${path}`;
      expect(read(`examples/${recipe}/${file}`), file).toBe(withStore(text, "memory"));
    }
  },
);
