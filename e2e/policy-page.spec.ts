/** `curfew policy --format html` as people see it: on a phone, on a desk, on paper, in both schemes. */
import AxeBuilder from "@axe-core/playwright";
import { pageAsHtml } from "../src/cli/policy/html.js";
import { policyPage } from "../src/cli/policy/page.js";
import { readPolicy } from "../src/server/index.js";
import { expect, test } from "./fixtures.js";

const POLICY = readPolicy({
  name: "bank",
  idle: "15m",
  absolute: "12h",
  standards: ["nist-aal2"],
  owner: "Security office",
  approvals: [{ by: "J. Doe, CISO", on: "2026-11-02", note: "CR-1" }],
  reviewBy: "2027-11-02",
  watch: { warnEarly: ["machine-like"] },
  rules: [
    { name: "admins", roles: ["admin"], idle: "10m", justification: "STIG V-222390" },
    { name: "keys", routes: ["/admin/**"], fresh: "5m", requireRoles: ["admin"] },
    {
      name: "wall display",
      attributes: { desk: "trading" },
      idle: "45m",
      relax: true,
      justification: "Nobody touches it",
    },
  ],
});

/** The width of A4 between usual margins, in CSS pixels. */
const PAPER = 718;

for (const [medium, width, colorScheme, tag] of [
  ["screen", 360, "light", ""],
  ["screen", 360, "dark", "@chromium"],
  ["screen", 1280, "light", "@chromium"],
  ["print", PAPER, "light", ""],
] as const)
  test(`on ${medium} of ${width} px, ${colorScheme}: nothing is cut off, no word of a heading is split, and axe finds nothing`, {
    tag: tag === "" ? [] : tag,
  }, async ({ page }) => {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ media: medium, colorScheme });
    await page.setContent(pageAsHtml(policyPage(POLICY, null)));
    const seen = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      const split = [...document.querySelectorAll("thead th")].flatMap((cell) => {
        const text = cell.firstChild;
        if (text === null) return [];
        return [...(text.textContent ?? "").matchAll(/\S+/g)].flatMap(({ 0: word, index }) => {
          const range = document.createRange();
          range.setStart(text, index);
          range.setEnd(text, index + word.length);
          return range.getClientRects().length > 1 ? [word] : [];
        });
      });
      return { overflow: scrollWidth - clientWidth, split };
    });
    expect(seen).toEqual({ overflow: 0, split: [] });
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id }) => id)).toEqual([]);
  });
