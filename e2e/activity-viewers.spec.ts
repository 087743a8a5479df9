import type { Page } from "@playwright/test";
import { expect, paced, statusOf, wait } from "./fixtures.js";
import { enter, heardOf, nothingCounts, ROOMY, test } from "./support/activity-app.js";
import { pdfOf } from "./support/pdf.js";
import { wholeChromium } from "./support/whole-chromium.js";

// The headless shell has no viewer.
test.use({ launchOptions: wholeChromium });

/** A viewer takes a while to open where others run beside it. */
const UNHURRIED = { ...ROOMY, idle: "2m", absolute: "2h" };
const SIZE = 'style="position: fixed; left: 0; top: 0; width: 500px; height: 400px"';
const FRAME = `<iframe src="/report.pdf" ${SIZE}></iframe>`;
const PAGES = {
  "/report.pdf": pdfOf(10),
  "/shell": `<!doctype html>${FRAME}`,
  "/list": '<!doctype html><a href="/report.pdf" style="font-size: 40px">the report</a>',
  "/field":
    '<!doctype html><input id="field" style="position: fixed; left: 0; top: 0; width: 200px; height: 40px">',
};

const PLACES = {
  "an iframe": FRAME,
  "an embed": `<embed src="/report.pdf" type="application/pdf" ${SIZE}>`,
  "an object": `<object data="/report.pdf" type="application/pdf" ${SIZE}></object>`,
  "an iframe of an own page": `<iframe src="/shell" ${SIZE}></iframe>`,
};

/** Until the viewer has taken a press, there is nothing that it could tell of. */
async function pressUntilHeard(page: Page): Promise<void> {
  const at = Date.now();
  await expect(async () => {
    await page.mouse.click(250, 200);
    await wait(paced(1_000));
    const frames = page.frames().map((frame) => frame.url());
    expect((await statusOf(page)).lastActiveAt, `frames: ${frames.join(" ")}`).toBeGreaterThanOrEqual(at);
  }).toPass({ timeout: paced(90_000) });
}

/** Reads on by this for longer than one look at the viewer takes. */
async function read(page: Page, act: () => Promise<void>): Promise<void> {
  const until = Date.now() + paced(9_000);
  while (Date.now() < until) {
    await act();
    await wait(paced(500));
  }
  await heardOf(page, until - paced(5_500));
}

for (const [place, body] of Object.entries(PLACES)) {
  // A viewer is slow to open, so one serves both.
  test(`clicks in a PDF in ${place} count, and keys`, async ({ page, openApp }) => {
    await enter(page, await openApp({ policy: UNHURRIED, body, pages: PAGES }));
    await pressUntilHeard(page);
    await read(page, () => page.mouse.click(250, 200));
    await read(page, () => page.keyboard.press("PageDown"));
  });
}

test("clicks in a PDF count that a frame with the focus has gone to, as no event tells", async ({
  page,
  openApp,
}) => {
  const app = await openApp({
    policy: UNHURRIED,
    body: `<iframe src="/list" ${SIZE}></iframe>`,
    pages: PAGES,
  });
  await enter(page, app);
  await page.frameLocator("iframe").locator("a").click();
  // What counts until then may be the click on the link.
  await expect.poll(() => page.frames().some((frame) => frame.url().endsWith(".pdf"))).toBe(true);
  await wait(paced(6_000));
  await read(page, () => page.mouse.click(250, 200));
});

test("the wheel alone, in a PDF that nobody has pressed in, is not heard, as the documents say", {
  tag: "@chromium",
}, async ({ page, openApp }) => {
  const app = await openApp({ policy: UNHURRIED, body: FRAME, pages: PAGES });
  await enter(page, app);
  await page.mouse.move(250, 200);
  await wait(paced(6_000));
  const turn = setInterval(() => void page.mouse.wheel(0, 40), 300);
  await nothingCounts(page, paced(4_000));
  clearInterval(turn);
});

test("a PDF that nobody touches extends nothing, though it has the focus", async ({ page, openApp }) => {
  const app = await openApp({ policy: UNHURRIED, body: FRAME, pages: PAGES });
  await enter(page, app);
  await pressUntilHeard(page);
  await wait(paced(11_000));
  await nothingCounts(page, paced(9_000));
});

for (const name of ["embed", "object"]) {
  test(`typing in a page of the app in an <${name}> counts`, async ({ page, openApp }) => {
    const address = name === "embed" ? "src" : "data";
    const body = `<${name} ${address}="/field" type="text/html" ${SIZE}></${name}>`;
    const app = await openApp({ policy: UNHURRIED, body, pages: PAGES });
    await enter(page, app);
    await page.mouse.click(60, 20);
    await wait(paced(7_000));
    const at = Date.now();
    await page.keyboard.press("a");
    await heardOf(page, at);
  });
}
