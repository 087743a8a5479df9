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
  angular: ["src/session.service.ts", "src/session.interceptor.ts", "src/main.ts"],
  authjs: ["src/sessions.ts"],
  nestjs: [
    "src/curfew.ts",
    "src/app.module.ts",
    "src/create-app.ts",
    "src/session-error.filter.ts",
    "src/sign-in.controller.ts",
  ],
  "react-router": [
    "app/curfew.server.ts",
    "app/routes/curfew.ts",
    "app/root.tsx",
    "app/routes/login.tsx",
    "app/routes/logout.tsx",
  ],
  sveltekit: [
    "src/lib/server/curfew.ts",
    "src/lib/server/curfew-handle.ts",
    "src/hooks.server.ts",
    "src/app.html",
    "src/app.d.ts",
    "src/routes/+layout.svelte",
    "src/routes/sign-in/+server.ts",
    "src/routes/logout/+server.ts",
  ],
};

/** The page of the sidecar shows several examples, each one file in another language. */
const BACKENDS: Readonly<Record<string, string>> = {
  django: "app.py",
  flask: "app.py",
  php: "index.php",
  ruby: "app.rb",
  go: "main.go",
};

/** The files of an example that somebody has written. */
const filesOf = (name: string) =>
  readdirSync(join(ROOT, "examples", name), { recursive: true, encoding: "utf8" })
    .filter(
      (file) => /\.(?:tsx?|js|html|svelte)$/.test(file) && !/node_modules|build|\.svelte-kit/.test(file),
    )
    .map((file) => `examples/${name}/${file}`);
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const lines = (text: string) => text.split("\n").map((line) => line.trim());
const isComment = (line: string) => /^$|^(?:\/\/|\/\*|\*|<!--)/.test(line);
/** What is imported is said by the lines that use it. */
const withoutImports = (text: string) => text.replace(/^import [^;]+;$/gm, "");

test("every page of a recipe is known", () => {
  const pages = readdirSync(join(ROOT, "docs/recipes")).map((name) => name.replace(/\.md$/, ""));
  expect([...Object.keys(RECIPES), "sidecar"].sort()).toEqual(pages.sort());
});

describe.each(Object.entries(RECIPES))("the recipe %s", (name, files) => {
  const page = read(`docs/recipes/${name}.md`);
  const texts = files.map((file) => read(`examples/${name}/${file}`));

  test("shows lines of its example alone", () => {
    const shown = blocksOf(page).filter(({ language }) => language !== "sh");
    const code = filesOf(name).flatMap((file) => lines(read(file)));
    expect(shown.length).toBeGreaterThan(2);
    expect(shown.flatMap((block) => lines(block.code)).filter((line) => !code.includes(line))).toEqual([]);
  });

  test("needs under 60 lines of its own", () => {
    const own = texts.flatMap((text) => lines(withoutImports(text))).filter((line) => !isComment(line));
    expect(own.length).toBeLessThan(60);
  });
});

describe("the recipe sidecar", () => {
  const page = read("docs/recipes/sidecar.md");
  const example = (name: string) => read(`examples/sidecar-${name}/${BACKENDS[name]}`);

  test("shows lines of its examples alone", () => {
    const code = Object.keys(BACKENDS).flatMap(example).flatMap(lines);
    const shown = blocksOf(page).filter(({ language }) => !["json", "nginx", "sh"].includes(language));
    expect(shown.length).toBeGreaterThan(10);
    expect(shown.flatMap((block) => lines(block.code)).filter((line) => !code.includes(line))).toEqual([]);
  });

  test("says of each example that it is run, and of what is not run that it is not", () => {
    for (const name of Object.keys(BACKENDS))
      expect(page).toContain(`| [sidecar-${name}](../../examples/sidecar-${name}) |`);
    expect(page).toContain(
      "[Spring Boot, ASP.NET Core and Laravel](#not-run-spring-boot-aspnet-core-laravel) are **not run**",
    );
    const folders = readdirSync(join(ROOT, "examples")).filter((name) => /^sidecar-(?!python)/.test(name));
    expect(folders.sort()).toEqual(
      Object.keys(BACKENDS)
        .map((name) => `sidecar-${name}`)
        .sort(),
    );
  });

  /** Lines that hold a word, less comments and what is taken from elsewhere. */
  const ownLines = (text: string) =>
    text
      .replace(/^import \([\s\S]*?^\)/m, "")
      .split("\n")
      .filter(
        (line) =>
          /[a-z]/.test(line) && !/^\s*(?:\/\/|#|"""|(?:import|from|require|package)\b|<\?php)/.test(line),
      );

  test.each(Object.keys(BACKENDS))("needs under 60 lines of its own in %s", (name) => {
    expect(ownLines(example(name)).length).toBeLessThan(60);
    expect(ownLines('import (\n\t"a"\n)\n\n// b\nvar c = 1\n}\n')).toEqual(["var c = 1"]);
  });
});

test.each<[recipe: string, framework: FrameworkName]>([
  ["nestjs", "nest"],
  ["sveltekit", "sveltekit"],
])("what init writes is what the recipe %s has", (recipe, framework) => {
  const { below, templates } = FRAMEWORKS[framework];
  for (const { path, text } of templates()) {
    const file = below === null ? path : `${below}/${path}`;
    expect(read(`examples/${recipe}/${file}`), file).toBe(withStore(text, "memory"));
  }
});
