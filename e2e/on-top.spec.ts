import type { Page } from "@playwright/test";
import { dialog, expect, test } from "./fixtures.js";

/** Chromium alone says that something lies above. */
const CHROMIUM = { tag: "@chromium" };
const CORNER = 12;
/** Red, as nothing of the warning is. */
const RED =
  "position:fixed;inset:0;width:100%;height:100%;max-width:none;max-height:none;background:red;border:0;margin:0";

async function open(page: Page, url: string, state: string): Promise<void> {
  await page.setViewportSize({ width: 800, height: 600 });
  await page.goto(`${url}/gallery/${state}`);
  await page.locator("html[data-ready]").waitFor();
}

/** `kind` of popover or a modal, within `root`, over the whole window. */
function cover(
  page: Page,
  kind: "manual" | "auto" | "dialog",
  root: "page" | "open" | "closed",
): Promise<void> {
  return page.evaluate(
    ({ kind, root, css }) => {
      const place =
        root === "page" ? document.body : document.body.appendChild(document.createElement("div"));
      const parent = root === "page" ? place : place.attachShadow({ mode: root });
      const element = document.createElement(kind === "dialog" ? "dialog" : "div");
      element.style.cssText = css;
      parent.append(element);
      if (element instanceof HTMLDialogElement) return element.showModal();
      element.popover = kind;
      element.showPopover();
    },
    { kind, root, css: RED },
  );
}

for (const kind of ["manual", "auto", "dialog"] as const)
  test(`the warning is seen above what comes later over the whole window: ${kind}`, async ({
    page,
    openDemo,
  }) => {
    const { url } = await openDemo();
    await open(page, url, "idle");
    await cover(page, kind, "page");
    await expect.poll(() => whatIsSeen(page)).toBe("the warning");
  });

/** Of whom this part of the picture is: of the page, which is red, of the warning, or of both. */
async function whatIsSeen(page: Page, isWhole = false): Promise<string> {
  const box = await dialog(page).boundingBox();
  if (box === null) return "nothing";
  // Behind its round corners the page shines through the backdrop.
  const { x, y, width, height } = box;
  const clip = { x: x + CORNER, y: y + CORNER, width: width - 2 * CORNER, height: height - 2 * CORNER };
  const picture = await page.screenshot(isWhole ? {} : { clip });
  return page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
    context?.drawImage(image, 0, 0);
    const { data } = context?.getImageData(0, 0, image.width, image.height) ?? { data: [] };
    const isRed = (at: number) => (data[at] ?? 0) > 100 && (data[at + 1] ?? 0) < 60;
    const reds = Array.from({ length: data.length / 4 }, (_, i) => isRed(4 * i)).filter(Boolean).length;
    return reds === 0 ? "the warning" : reds === data.length / 4 ? "the page" : "both";
  }, picture.toString("base64"));
}

for (const root of ["open", "closed"] as const)
  for (const kind of ["manual", "dialog"] as const)
    test(
      `the warning is seen above what comes later in a shadow root that is ${root}: ${kind}`,
      CHROMIUM,
      async ({ page, openDemo }) => {
        const { url } = await openDemo();
        await open(page, url, "idle");
        await cover(page, kind, root);
        await expect.poll(() => whatIsSeen(page)).toBe("the warning");
      },
    );

test("after the end not one pixel of a page is seen beneath or above the card", async ({
  page,
  openDemo,
}) => {
  const { url } = await openDemo();
  await open(page, url, "ended-idle");
  await cover(page, "manual", "page");
  await expect.poll(() => whatIsSeen(page)).toBe("the warning");
  await expect.poll(() => whatIsSeen(page, true)).toBe("the warning");
});
