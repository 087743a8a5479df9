import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readEnvironment } from "../../demo/environment.js";
import { policyOf } from "../../demo/server.js";
import { pageAsMarkdown } from "../../src/cli/policy/markdown.js";
import { policyPage } from "../../src/cli/policy/page.js";
import { readPolicy } from "../../src/server/policy/policy.js";

const PAGE = "docs/policy.md";
const PRINTED = /(<!-- printed: curfew policy --format md -->\n)([\s\S]*?)(<!-- \/printed -->)/;

test("the page shows the demo's own policy as it is printed (WRITE_DOCS=1 writes it)", () => {
  const policy = readPolicy(policyOf(readEnvironment({})));
  const printed = `\n${pageAsMarkdown(policyPage(policy, null), 3)}\n`;
  const page = readFileSync(PAGE, "utf8");
  if (process.env.WRITE_DOCS === "1")
    writeFileSync(
      PAGE,
      page.replace(PRINTED, (_all, begin, _old, end) => `${begin}${printed}${end}`),
    );
  const [, , shown] = PRINTED.exec(readFileSync(PAGE, "utf8")) ?? [];
  expect(shown).toBe(printed);
});
