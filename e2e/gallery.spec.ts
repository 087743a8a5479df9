import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { GALLERY_STATES, GALLERY_THEMES } from "../demo/gallery-states.js";
import { expect, test } from "./fixtures.js";

const STATES = Object.keys(GALLERY_STATES);
const isNotice = (state: string) => state.startsWith("absolute") && state !== "absolute-modal";

async function open(page: Page, url: string, state: string, rest = ""): Promise<void> {
  await page.goto(`${url}/gallery/${state}?${rest}`);
  await page.locator("html[data-ready]").waitFor();
}

for (const theme of Object.keys(GALLERY_THEMES))
  test(`no kind and no state of the warning breaks a rule of axe in the theme "${theme}"`, async ({
    page,
    openDemo,
  }) => {
    const { url } = await openDemo();
    for (const state of STATES) {
      await open(page, url, state, `theme=${theme}`);
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(
        violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`),
        state,
      ).toEqual([]);
    }
  });

test("every modal is one alertdialog with name and description, and nothing of the page behind it is there", async ({
  page,
  openDemo,
}) => {
  const { url } = await openDemo();
  const client = await page.context().newCDPSession(page);
  for (const state of STATES) {
    await open(page, url, state);
    const { nodes } = await client.send("Accessibility.getFullAXTree");
    const shown = nodes.filter(({ ignored }) => !ignored);
    const roles = shown.map(({ role }) => role?.value);
    const dialogs = shown.filter(({ role }) => role?.value === "alertdialog");
    expect(dialogs.length, state).toBe(isNotice(state) ? 0 : 1);
    for (const { name, description } of dialogs) {
      expect(name?.value, state).not.toBe("");
      expect(description?.value, state).not.toBe("");
    }
    expect(roles.includes("textbox"), state).toBe(isNotice(state));
    if (isNotice(state))
      expect(
        shown.filter(({ role }) => role?.value === "region"),
        state,
      ).toHaveLength(1);
  }
});

test("in forced colours every button has a border and every state its words", async ({ page, openDemo }) => {
  const { url } = await openDemo();
  await page.emulateMedia({ forcedColors: "active" });
  for (const state of ["idle", "absolute", "ended-idle"]) {
    await open(page, url, state);
    const borders = await page
      .locator("curfew-warning :is(button,a):visible")
      .evaluateAll((buttons) => buttons.map((button) => getComputedStyle(button).borderTopStyle));
    expect(borders.length, state).toBeGreaterThan(0);
    expect(new Set(borders), state).toEqual(new Set(["solid"]));
  }
});

const SIZES = [
  { name: "320 × 256 pixels", width: 320, height: 256, css: "" },
  { name: "400 % zoom of 1280 × 1024", width: 320, height: 256, css: "html{font-size:100%}" },
  {
    name: "WCAG's text spacing",
    width: 360,
    height: 640,
    css: "*{line-height:1.5!important;letter-spacing:.12em!important;word-spacing:.16em!important}p{margin-bottom:2em!important}",
  },
  {
    name: "text twice as large",
    width: 640,
    height: 480,
    css: "html{font-size:200%}curfew-warning{font-size:200%}",
  },
];

for (const { name, width, height, css } of SIZES)
  test(`nothing of the warning is cut off at ${name}, and every answer can be scrolled to`, async ({
    page,
    openDemo,
  }) => {
    await page.setViewportSize({ width, height });
    const { url } = await openDemo();
    for (const state of STATES) {
      for (const locale of ["en", "de", "ar"]) {
        await open(page, url, state, `locale=${locale}`);
        await page.evaluate((text) => {
          const sheet = new CSSStyleSheet();
          sheet.replaceSync(text);
          document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
          const root = document.querySelector("curfew-warning")?.shadowRoot;
          if (root) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
        }, css);
        const card = page.locator(`curfew-warning ${isNotice(state) ? "section" : "dialog"}`);
        const { scrollWidth, clientWidth } = await card.evaluate((element) => ({
          scrollWidth: element.scrollWidth,
          clientWidth: element.clientWidth,
        }));
        expect(scrollWidth, `${state} ${locale}`).toBeLessThanOrEqual(clientWidth);
        const box = await card.boundingBox();
        expect((box?.x ?? -1) >= 0 && (box?.x ?? 0) + (box?.width ?? 0) <= width, `${state} ${locale}`).toBe(
          true,
        );
        for (const answer of await page.locator("curfew-warning :is(button,a):visible").all()) {
          await answer.scrollIntoViewIfNeeded();
          await expect(answer, `${state} ${locale}`).toBeInViewport({ ratio: 0.99 });
          const size = await answer.boundingBox();
          expect(Math.min(size?.width ?? 0, size?.height ?? 0), state).toBeGreaterThanOrEqual(44);
        }
      }
    }
  });
