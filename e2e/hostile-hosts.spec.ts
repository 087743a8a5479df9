import type { Page } from "@playwright/test";
import { build } from "esbuild";
import { dialog, expect, expectAnswerable, signIn, statusOf, test } from "./fixtures.js";

const ROOMY = { CURFEW_IDLE: "10s", CURFEW_WARNING: "8s" };

interface Host {
  readonly name: string;
  /** Before the warning opens. */
  readonly before?: (page: Page) => Promise<unknown>;
  /** While it is open. */
  readonly after?: (page: Page) => Promise<unknown>;
}

const HOSTS: readonly Host[] = [
  { name: "a focus trap that is active (focus-trap)", before: trapFocus },
  {
    name: "a modal of its own that opens later",
    after: (page) => page.evaluate(() => openModal()),
    before: (page) =>
      page.evaluate(() => {
        (globalThis as unknown as { openModal: () => void }).openModal = () => {
          const dialog = document.createElement("dialog");
          dialog.append(document.createElement("input"));
          document.body.append(dialog);
          dialog.showModal();
        };
      }),
  },
  {
    name: "a modal of its own that is open already, with a focus trap by hand",
    before: (page) =>
      page.evaluate(() => {
        const dialog = document.createElement("dialog");
        const field = document.createElement("input");
        dialog.append(field);
        document.body.append(dialog);
        dialog.showModal();
        document.addEventListener(
          "focusin",
          ({ target }) => {
            if (target instanceof Node && !dialog.contains(target)) field.focus();
          },
          true,
        );
      }),
  },
  {
    name: "a modal in a shadow root that tells nobody of its opening",
    after: (page) =>
      page.evaluate(() => {
        const host = document.createElement("div");
        const root = host.attachShadow({ mode: "closed" });
        const dialog = document.createElement("dialog");
        root.append(dialog);
        document.body.append(host);
        dialog.showModal();
      }),
  },
  {
    name: "a body that is swapped for another",
    after: (page) =>
      page.evaluate(() => {
        const body = document.createElement("body");
        body.append("a new page");
        document.body.replaceWith(body);
      }),
  },
  {
    name: "a script that removes what it does not know",
    after: (page) => page.evaluate(() => document.querySelector("curfew-warning")?.remove()),
  },
  {
    name: "a script that closes every dialog it finds",
    after: (page) =>
      page.evaluate(() =>
        document.querySelector("curfew-warning")?.shadowRoot?.querySelector("dialog")?.close(),
      ),
  },
  {
    name: "styles that shrink, hide and move every button and dialog",
    before: (page) =>
      page.evaluate(() => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(
          "button,dialog{font-size:8px!important;display:none!important;opacity:0!important}*{animation:none!important}",
        );
        document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
      }),
  },
  {
    name: "rules that hide, shrink and deafen whatever is no part of its body",
    before: (page) =>
      page.evaluate(() => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(
          `html>:not(head,body),curfew-warning{display:none!important;visibility:hidden!important;opacity:0!important;zoom:.1!important;
            pointer-events:none!important;interactivity:inert!important;content-visibility:hidden!important;font-size:1px!important;
            text-indent:-9999px!important;-webkit-text-fill-color:transparent!important;transform:scale(0)!important}`,
        );
        document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
      }),
  },
  {
    name: "an inert and hidden page",
    before: (page) =>
      page.evaluate(() => {
        document.body.inert = true;
        document.body.setAttribute("aria-hidden", "true");
      }),
  },
  {
    name: "listeners that stop every key and click on the document",
    before: (page) =>
      page.evaluate(() => {
        for (const type of ["keydown", "keyup", "click", "pointerdown", "mousedown", "focusin"])
          document.addEventListener(
            type,
            (event) => {
              event.preventDefault();
              event.stopImmediatePropagation();
            },
            true,
          );
      }),
  },
];

declare function openModal(): void;

/** The package itself, bundled as an app would. */
async function trapFocus(page: Page): Promise<void> {
  const { outputFiles } = await build({
    stdin: { contents: 'export { createFocusTrap } from "focus-trap";', resolveDir: process.cwd() },
    bundle: true,
    format: "iife",
    globalName: "focusTrap",
    write: false,
  });
  await page.evaluate(`${outputFiles[0]?.text};
    const box = document.createElement("div");
    box.append(document.createElement("input"), document.createElement("button"));
    document.body.append(box);
    focusTrap.createFocusTrap(box).activate();`);
}

for (const { name, before, after } of HOSTS)
  test(`the warning can be answered by keyboard on a page with ${name}`, async ({ page, openDemo }) => {
    const demo = await openDemo(ROOMY);
    await signIn(page, demo.url);
    await before?.(page);
    await expect(dialog(page)).toBeVisible();
    await after?.(page);
    await expectAnswerable(page);
    await expect(page.getByRole("button", { name: "Stay signed in" })).toBeFocused();
    await page.keyboard.press("Tab");
    await expect(page.getByRole("button", { name: "Sign out now" })).toBeFocused();
    await page.keyboard.press("Tab");
    const { expiresAt } = await statusOf(page);
    await page.keyboard.press("Enter");
    await expect(dialog(page)).toBeHidden();
    expect((await statusOf(page)).expiresAt).toBeGreaterThan(expiresAt);
  });

test("a focus trap of the page does not keep the mouse from the warning", async ({ page, openDemo }) => {
  const demo = await openDemo(ROOMY);
  await signIn(page, demo.url);
  await trapFocus(page);
  await expectAnswerable(page);
  await page.getByRole("button", { name: "Sign out now" }).click();
  await expect(dialog(page)).toContainText("You are signed out");
});
