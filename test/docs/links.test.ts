// The links between the documents, and the files that they name.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");
const PAGES = [
  ...["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "demo/README.md", "bench/README.md"],
  ...readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];
const textOf = (page: string) => readFileSync(join(ROOT, page), "utf8");

/** As GitHub makes an anchor of a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replaceAll(" ", "-");

const anchorsIn = (page: string) =>
  [...textOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => anchorOf(heading));

function brokenLinks(page: string): string[] {
  const links = [...textOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [path = "", anchor] = link.split("#");
    const target = path === "" ? page : relative(ROOT, resolve(ROOT, dirname(page), path));
    if (!existsSync(join(ROOT, target))) return true;
    return anchor !== undefined && !anchorsIn(target).includes(anchor);
  });
}

test.each(PAGES)("every link of %s leads to a file and a heading that are there", (page) => {
  expect(brokenLinks(page)).toEqual([]);
});

test("every decision has its date and the files that it shapes", () => {
  const decisions = textOf("docs/decisions.md").split(/^### /m).slice(1);
  expect(decisions.length).toBeGreaterThan(40);
  for (const decision of decisions) {
    const [title = "", , facts = ""] = decision.split("\n");
    expect(facts, title).toMatch(/^\d{4}-\d\d-\d\d · `/);
    const files = [...facts.matchAll(/`([^`]+)`/g)].map(([, file = ""]) => file);
    expect(
      files.filter((file) => !existsSync(join(ROOT, file))),
      title,
    ).toEqual([]);
  }
});

test("the README is read in five minutes", () => {
  expect(textOf("README.md").split(/\s+/).length).toBeLessThanOrEqual(1100);
});
