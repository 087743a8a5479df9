import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "@playwright/test";
import { GALLERY_STATES, GALLERY_THEMES } from "../demo/gallery-states.js";
import { expect, test } from "./fixtures.js";

/** What is drawn is drawn alike; the other engines have their own tests of the dialog. */
const CHROMIUM = { tag: "@chromium" };
const STATES = Object.keys(GALLERY_STATES);
const THEMES = Object.keys(GALLERY_THEMES);
const isNotice = (state: string) => state.startsWith("absolute") && state !== "absolute-modal";

async function open(page: Page, url: string, state: string, rest = ""): Promise<void> {
  await page.goto(`${url}/gallery/${state}?${rest}`);
  await page.locator("html[data-ready]").waitFor();
}

/** The largest last: the page stays in it for the next state. */
const SIZES_OF_WINDOW = [
  { width: 320, height: 256 },
  { width: 320, height: 568 },
  { width: 1280, height: 720 },
] as const;
/** A theme changes colours, corners and type, and so what these rules of axe look at; a size changes what is there at all. */
const RULES_OF_LOOKS = ["color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size"];
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What breaks the rules in the page as it is; without `rules`, any rule of axe. */
function violationsOn(page: Page, rules?: readonly string[]): Promise<readonly string[]> {
  return page.evaluate(async (only) => {
    const axe = Reflect.get(globalThis, "axe") as typeof import("axe-core");
    const runOnly = only && { type: "rule" as const, values: [...only] };
    const enabled = { rules: { "target-size": { enabled: true } } };
    const { violations } = await axe.run(document, runOnly ? { runOnly } : enabled);
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  }, rules);
}

/**
 * Texts of the warning that stand out less than WCAG 1.4.3 asks for. Axe finds no background for what lies in the top layer,
 * and counts that as undecided.
 */
function faintTexts(page: Page): Promise<readonly string[]> {
  return page.locator("curfew-warning").evaluate((host) => {
    const channels = (colour: string) => (colour.match(/[\d.]+/g) ?? []).map(Number);
    // https://www.w3.org/TR/WCAG22/#dfn-relative-luminance
    const luminance = (colour: string) => {
      const [red = 0, green = 0, blue = 0] = channels(colour)
        .map((channel) => channel / 255)
        .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const backgroundOf = (element: Element | null): string => {
      const { backgroundColor } = getComputedStyle(element ?? host);
      const isSeenThrough = element !== null && channels(backgroundColor)[3] === 0;
      return isSeenThrough ? backgroundOf(element.parentElement) : backgroundColor;
    };
    const holdsText = ({ childNodes }: Element) =>
      [...childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.nodeValue?.trim());
    const texts = [...(host.shadowRoot?.querySelectorAll("h2,p,span,a,button") ?? [])].filter(
      (element) => element.checkVisibility() && holdsText(element),
    );
    if (texts.length === 0) return ["there is no text"];
    return texts.flatMap((element) => {
      const { color, fontSize, fontWeight } = getComputedStyle(element);
      const [size, isBold] = [Number.parseFloat(fontSize), Number(fontWeight) >= 700];
      const [less = 0, more = 0] = [luminance(color), luminance(backgroundOf(element))].sort((a, b) => a - b);
      const [ratio, least] = [
        (more + 0.05) / (less + 0.05),
        size >= 24 || (isBold && size >= 18.66) ? 3 : 4.5,
      ];
      return ratio >= least ? [] : [`"${element.textContent}" has ${ratio.toFixed(2)}:1`];
    });
  });
}

test(
  "no kind and no state of the warning breaks a rule of axe or has a faint text in any theme and size, and in each theme each has a picture of its own",
  CHROMIUM,
  async ({ page, openDemo }, info) => {
    const { url } = await openDemo();
    const pictures = new Map<string, string>();
    for (const state of STATES) {
      await open(page, url, state);
      await page.evaluate(AXE);
      for (const size of SIZES_OF_WINDOW) {
        await page.setViewportSize(size);
        for (const [at, theme] of THEMES.entries()) {
          const look = `${state}, ${theme}, ${size.width} × ${size.height}`;
          await page.locator("html").evaluate((root, name) => root.setAttribute("data-theme", name), theme);
          expect(await violationsOn(page, at === 0 ? undefined : RULES_OF_LOOKS), look).toEqual([]);
          expect(await faintTexts(page), look).toEqual([]);
          // On a small screen the notice is one line, the same for each.
          if (size.width < 1280) continue;
          const picture = await page.screenshot({ path: info.outputPath(`${state}-${theme}.png`) });
          const same = pictures.get(`${theme} ${picture.toString("base64")}`);
          expect(same, `${look} looks like ${same}`).toBeUndefined();
          pictures.set(`${theme} ${picture.toString("base64")}`, state);
        }
      }
    }
  },
);

test(
  "every modal is one alertdialog with name and description, and nothing of the page behind it is there",
  CHROMIUM,
  async ({ page, openDemo }) => {
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
  },
);

test(
  "in forced colours every button has a border and every state its words",
  CHROMIUM,
  async ({ page, openDemo }) => {
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
  },
);

test(
  "in forced colours the first button is told from the second, as a button and as a link alike",
  CHROMIUM,
  async ({ page, openDemo }) => {
    const { url } = await openDemo();
    await page.emulateMedia({ forcedColors: "active" });
    const found = new Set<string>();
    for (const state of ["idle", "absolute-save", "absolute-modal", "ended-idle", "unconfirmed"]) {
      await open(page, url, state);
      const colours = (part: string) =>
        page
          .locator(`curfew-warning [part=${part}]:not([hidden])`)
          .first()
          .evaluate(
            (button) => `${getComputedStyle(button).backgroundColor} ${getComputedStyle(button).color}`,
          );
      const primary = await colours("primary");
      found.add(primary);
      if (!/^(ended|unconfirmed)/.test(state)) expect(await colours("secondary"), state).not.toBe(primary);
    }
    expect([...found]).toHaveLength(1);
  },
);

test(
  "at 400 % zoom the title and the first answer are both in view when a dialog opens",
  CHROMIUM,
  async ({ page, openDemo }) => {
    const { url } = await openDemo();
    await page.setViewportSize({ width: 320, height: 256 });
    for (const locale of ["en", "de", "ar"])
      for (const state of [
        "idle-not-saved",
        "absolute-modal",
        "unconfirmed",
        "ended-idle",
        "ended-revoked",
      ]) {
        await open(page, url, state, `locale=${locale}`);
        const where = `${state} in ${locale}`;
        await expect(page.locator("curfew-warning h2"), where).toBeInViewport({ ratio: 0.9 });
        await expect(page.locator("curfew-warning [part=primary]:visible").first(), where).toBeInViewport({
          ratio: 0.9,
        });
      }
  },
);

test(
  "the gallery shows every language at once, each with its own words, and small windows",
  CHROMIUM,
  async ({ page, openDemo }) => {
    const { url } = await openDemo();
    await page.goto(`${url}/gallery?locale=every&state=ended-idle&size=zoom`);
    const pictures = page.locator("iframe");
    await expect(pictures).toHaveCount(19);
    const titles = new Set<string>();
    for (const picture of await pictures.all()) {
      await picture.scrollIntoViewIfNeeded();
      const frame = picture.contentFrame();
      await expect(frame.locator("curfew-warning h2")).toBeVisible();
      titles.add(await frame.locator("curfew-warning h2").innerText());
      expect(await frame.locator("html").evaluate(() => [innerWidth, innerHeight])).toEqual([320, 256]);
    }
    expect(titles.size).toBe(19);
  },
);

const SIZES = [
  { name: "320 × 256 pixels, as at 400 % zoom", width: 320, height: 256, css: "" },
  {
    name: "WCAG's text spacing",
    width: 360,
    height: 640,
    css: "*{line-height:1.5!important;letter-spacing:.12em!important;word-spacing:.16em!important}p{margin-bottom:2em!important}",
  },
  { name: "text twice as large", width: 640, height: 480, css: ":host{font-size:200%!important}" },
];

for (const locale of ["de", "ar"])
  test(
    `on small screens and with large text nothing of the warning is cut off, in ${locale}`,
    CHROMIUM,
    async ({ page, openDemo }) => {
      const { url } = await openDemo();
      for (const state of STATES) {
        await open(page, url, state, `locale=${locale}`);
        for (const size of SIZES) {
          const where = `${state} at ${size.name}`;
          await page.setViewportSize(size);
          await restyle(page, size.css);
          const card = page.locator(`curfew-warning ${isNotice(state) ? "section" : "dialog"}`);
          const overflow = await card.evaluate((element) => element.scrollWidth - element.clientWidth);
          expect(overflow, where).toBeLessThanOrEqual(0);
          const { x = -1, width = Infinity } = (await card.boundingBox()) ?? {};
          expect(x >= 0 && x + width <= size.width, where).toBe(true);
          for (const answer of await page.locator("curfew-warning :is(button,a):visible").all()) {
            await answer.scrollIntoViewIfNeeded();
            await expect(answer, where).toBeInViewport({ ratio: 0.99 });
            const box = await answer.boundingBox();
            expect(Math.min(box?.width ?? 0, box?.height ?? 0), where).toBeGreaterThanOrEqual(44);
          }
        }
      }
    },
  );

/** Puts the styles over those of the warning, in place of the ones before. */
async function restyle(page: Page, css: string): Promise<void> {
  await page.evaluate((text) => {
    const root = document.querySelector("curfew-warning")?.shadowRoot;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    if (root) root.adoptedStyleSheets = [...root.adoptedStyleSheets.slice(0, 1), sheet];
  }, css);
}
