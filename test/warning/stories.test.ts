// @vitest-environment happy-dom
// The stories of docs/stories, as Storybook runs them: prepared, drawn, taken away. And what docs/page.md says of the looks.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import meta, * as exported from "../../docs/stories/curfew-warning.stories.js";
import { KINDS } from "../../src/warning/kinds/kinds.js";

// What the warning still does once it is away, none of these tests waits for.
vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });

const { default: _meta, ...stories } = exported;
const ROOT = join(import.meta.dirname, "../..");
const read = (file: string) => readFileSync(join(ROOT, file), "utf8");

const warning = () => document.querySelector(":root > curfew-warning");
const textOf = (part: string) => warning()?.shadowRoot?.querySelector(`[part=${part}]`)?.textContent ?? "";

/** What its story leaves on the document, seen between its preparation and its end. */
async function seen(name: string, look: () => unknown = () => null) {
  const { args } = Object.entries(stories).find(([of]) => of === name)?.[1] ?? { args: {} };
  const takeAway = await meta.beforeEach({ args });
  const kind = warning()?.getAttribute("kind");
  const found = { kind, title: textOf("title"), text: meta.render(), look: look() };
  takeAway();
  return found;
}

describe("the stories", () => {
  test.each(Object.keys(stories))("%s shows a warning over a page, and takes it away", async (name) => {
    const { kind, title, text } = await seen(name);
    expect(Object.keys(KINDS)).toContain(kind);
    expect(title).not.toBe("");
    expect(text).not.toBe("");
    expect(warning()).toBe(null);
    expect(document.documentElement.getAttribute("style") ?? "").toBe("");
  });

  test("are one of every kind at least", async () => {
    const kinds = new Set<unknown>();
    for (const name of Object.keys(stories)) kinds.add((await seen(name)).kind);
    expect([...kinds].sort()).toEqual(Object.keys(KINDS).sort());
  });

  test("differ in what they are about", async () => {
    expect((await seen("IdleInGerman")).title).not.toBe((await seen("Idle")).title);
    expect((await seen("IdleWithService", () => textOf("service"))).look).toBe("Ann's Bank");
    const accent = () => document.documentElement.style.getPropertyValue("--curfew-warning-accent");
    expect((await seen("IdleThemed", accent)).look).toBe("#7a3e00");
  });

  test("are in the form that Storybook reads: a title, and named objects with their args", () => {
    expect(meta).toMatchObject({ title: "Curfew/Warning", tags: ["!autodocs"] });
    for (const [name, story] of Object.entries(stories)) {
      expect(name).toMatch(/^[A-Z]/);
      expect(Object.keys(story).filter((key) => !["name", "args"].includes(key))).toEqual([]);
    }
  });
});

describe("the custom properties", () => {
  const styles = read("src/warning/element/styles.ts");
  const properties = [
    ...new Set([...styles.matchAll(/var\((--curfew-[\w-]+)/g)].map(([, name = ""]) => name)),
  ];
  const rows = [...read("docs/page.md").matchAll(/^\| `(--curfew-[\w-]+)` \| ([^|]+) \| ([^|]+) \|$/gm)];

  test("that docs/page.md lists are those that the style sheet reads", () => {
    expect(properties.length).toBeGreaterThan(5);
    expect(new Set(rows.map(([, name]) => name))).toEqual(new Set(properties));
    expect(rows).toHaveLength(properties.length);
    expect(styles).not.toMatch(/var\(--curfew-[\w-]+\)/);
  });

  /** A default as it is written in the sheet: a name of its own stands for a value before it is used, and for two where the page has a dark side. */
  function defaultsOf(property: string): readonly string[] {
    const written = [...styles.matchAll(RegExp(`var\\(${property},((?:[^()]|\\([^()]*\\))*)\\)`, "g"))];
    return written.flatMap(([, value = ""]) => {
      const [, own] = /^var\((--\w+)\)$/.exec(value) ?? [];
      if (own === undefined) return value;
      const [, light = "", dark = ""] = RegExp(`${own}:light-dark\\(([^,]+),([^)]+)\\)`).exec(styles) ?? [];
      return [light, dark];
    });
  }

  test.each(rows.map(([, name = "", , told = ""]) => ({ name, told })))(
    "$name has the default that is told",
    ({ name, told }) => {
      const values = [...told.matchAll(/`([^`]+)`/g)].map(([, value = ""]) =>
        value.replace(/(?<=[ (/])0?(?=\.)/g, ""),
      );
      expect(new Set(values)).toEqual(new Set(defaultsOf(name)));
    },
  );
});
