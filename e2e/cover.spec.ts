import { inflateSync } from "node:zlib";
import type { Page } from "@playwright/test";
import { dialog, expect, signIn, test } from "./fixtures.js";

const BRIEF = { CURFEW_IDLE: "5s", CURFEW_WARNING: "2s" };
/** A colour and a letter that nothing else on the page has. */
const SECRET_COLOUR = "rgb(255, 0, 255)";
const SECRET_LETTER = "☃";

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

/** How many pixels of the secret's colour a person sees. */
async function secretPixels(page: Page): Promise<number> {
  const picture = (await page.screenshot()).toString("base64");
  const judge = await page.context().newPage();
  const count = await judge.evaluate(async (data) => {
    const image = new Image();
    image.src = `data:image/png;base64,${data}`;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.width;
    canvas.height = image.height;
    const context = canvas.getContext("2d");
    context?.drawImage(image, 0, 0);
    const pixels = context?.getImageData(0, 0, image.width, image.height).data ?? new Uint8ClampedArray();
    let found = 0;
    for (let i = 0; i < pixels.length; i += 4)
      if ((pixels[i] ?? 0) > 200 && (pixels[i + 1] ?? 0) < 60 && (pixels[i + 2] ?? 0) > 200) found++;
    return found;
  }, picture);
  await judge.close();
  return count;
}

/** Whether a printed page has the secret's letter: its fonts say which letters they are for. */
async function printsSecret(page: Page): Promise<boolean> {
  const pdf = await page.pdf({ printBackground: true });
  const text = pdf.toString("latin1");
  const streams = [...text.matchAll(/stream\r?\n/g)].map(({ index, 0: mark }) => {
    const from = index + mark.length;
    try {
      return inflateSync(pdf.subarray(from, text.indexOf("endstream", from))).toString("latin1");
    } catch {
      return "";
    }
  });
  return streams.some((stream) => stream.includes("beginbf") && /2603/.test(stream));
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
