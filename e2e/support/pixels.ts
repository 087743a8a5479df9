/** What a person sees, and what comes out of a printer: a colour and a letter that nothing else on the page has. */
import { inflateSync } from "node:zlib";
import type { Page } from "@playwright/test";

export const SECRET_COLOUR = "rgb(255, 0, 255)";
export const SECRET_LETTER = "☃";

/** How many pixels of the secret's colour a person sees; `judge` is a page to look at the picture with. */
export async function secretPixels(page: Page, judge?: Page): Promise<number> {
  const picture = await page.screenshot();
  const looking = judge ?? (await page.context().newPage());
  const count = await secretPixelsIn(picture, looking);
  if (judge === undefined) await looking.close();
  return count;
}

/** The same of a picture that was taken before. */
export function secretPixelsIn(picture: Buffer, judge: Page): Promise<number> {
  return judge.evaluate(async (data) => {
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
  }, picture.toString("base64"));
}

/** Whether a printed page has the secret's letter: its fonts say which letters they are for. */
export async function printsSecret(page: Page): Promise<boolean> {
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
