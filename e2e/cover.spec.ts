import type { Page } from "@playwright/test";
import { dialog, expect, signIn, test } from "./fixtures.js";
import { printsSecret, SECRET_COLOUR, SECRET_LETTER, secretPixels } from "./support/pixels.js";

const BRIEF = { CURFEW_IDLE: "5s", CURFEW_WARNING: "2s" };

/** Content that insists on being seen: by its own style, above the page, in another tree, in a frame, outside the body. */
async function addStubbornContent(page: Page): Promise<void> {
  await page.evaluate(
    ([colour, letter]) => {
      const box = (parent: ParentNode & Node, at: number) => {
        const element = document.createElement("div");
        element.textContent = `${letter} secret ${letter}`;
        const style = {
          visibility: "visible",
          opacity: "1",
          position: "fixed",
          inset: "auto",
          left: "10px",
          top: `${at * 60}px`,
          width: "300px",
          height: "50px",
          background: colour,
          "z-index": "2147483647",
        };
        for (const [name, value] of Object.entries(style))
          element.style.setProperty(name, value, "important");
        parent.append(element);
        return element;
      };
      const nested = document.body.appendChild(document.createElement("div"));
      box(document.body, 0);
      box(nested, 1);
      const popover = box(nested, 2);
      popover.popover = "manual";
      popover.showPopover();
      box(nested.appendChild(document.createElement("div")).attachShadow({ mode: "closed" }), 3);
      const frame = nested.appendChild(document.createElement("iframe"));
      for (const [name, value] of [
        ["visibility", "visible"],
        ["position", "fixed"],
        ["left", "400px"],
        ["top", "0"],
      ] as const)
        frame.style.setProperty(name, value, "important");
      if (frame.contentDocument) box(frame.contentDocument.body, 0);
      document.body.style.setProperty("background", `linear-gradient(${colour}, ${colour})`);
    },
    [SECRET_COLOUR, SECRET_LETTER] as const,
  );
}

test("after the end no pixel of the page is left, not even of what insists on being seen", async ({
  page,
  openDemo,
}) => {
  const { url } = await openDemo(BRIEF);
  await signIn(page, url);
  await addStubbornContent(page);
  expect(await secretPixels(page)).toBeGreaterThan(10_000);
  await expect(dialog(page)).toContainText("We signed you out");
  expect(await secretPixels(page)).toBe(0);
});

test("after the end nothing is left of what a page's text has put into an element of the warning's name", async ({
  page,
  openDemo,
}) => {
  const { url } = await openDemo(BRIEF);
  await signIn(page, url);
  await page.evaluate(() => {
    const element = document.body.appendChild(document.createElement("curfew-warning"));
    element.append("the combination is 4711");
  });
  await expect(dialog(page)).toContainText("We signed you out");
  await expect(page.getByText("4711")).toBeHidden();
  expect(await page.evaluate(() => document.body.innerText)).not.toContain("4711");
});

test("after the end nothing of the page is printed", { tag: "@chromium" }, async ({ page, openDemo }) => {
  const { url } = await openDemo(BRIEF);
  await signIn(page, url);
  await addStubbornContent(page);
  expect(await printsSecret(page)).toBe(true);
  await expect(dialog(page)).toContainText("We signed you out");
  expect(await printsSecret(page)).toBe(false);
});

test("a warning is not printed over the page", { tag: "@chromium" }, async ({ page, openDemo }) => {
  const { url } = await openDemo({ CURFEW_IDLE: "12s", CURFEW_WARNING: "10s" });
  await signIn(page, url);
  await expect(dialog(page)).toBeVisible();
  await page.emulateMedia({ media: "print" });
  await expect(dialog(page)).toBeHidden();
});
