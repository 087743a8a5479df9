/** The lowest versions of browsers are the same wherever they are said. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const NAMES: Readonly<Record<string, string>> = {
  Chrome: "chrome",
  Edge: "edge",
  Firefox: "firefox",
  Safari: "safari",
  "iOS Safari": "ios_saf",
};

test("the documents and package.json name the same lowest versions", () => {
  const { browserslist } = JSON.parse(read("package.json")) as { readonly browserslist: readonly string[] };
  const [, part = ""] = read("docs/browsers.md").split("## Lowest versions");
  const rows = [...part.matchAll(/^\| ([A-Z]\w+(?: \w+)?|iOS Safari) \| ([\d.]+) \|/gm)];
  expect(rows.map(([, name = "", version]) => `${NAMES[name]} >= ${version}`)).toEqual(browserslist);
});
