import type { FrameLocator, Page } from "@playwright/test";
import { expect, paced, statusOf, wait } from "./fixtures.js";
import { enter, heardOf, nothingCounts, QUICK, test } from "./support/activity-app.js";

const FIELD = '<!doctype html><input id="field" style="width: 200px; height: 40px">';

/** Clicks into the field by the mouse and, some time after that, types. */
async function typeIn(page: Page, frame: FrameLocator, field = "#field"): Promise<void> {
  await frame.locator(field).click();
  await typeLater(page);
}

/** A single key, alone: nothing else in the last while could be taken for it. */
async function typeLater(page: Page, pause = paced(400)): Promise<void> {
  await wait(pause);
  const typedAt = Date.now();
  await page.keyboard.press("a");
  await heardOf(page, typedAt);
}

test("typing in a frame that was there from the start counts", async ({ page, openApp }) => {
  const app = await openApp({ body: '<iframe src="/inner"></iframe>', pages: { "/inner": FIELD } });
  await enter(page, app);
  await typeIn(page, page.frameLocator("iframe"));
});

test("typing in a frame keeps a 4 s session alive for 9 s", async ({ page, openApp }) => {
  const app = await openApp({
    policy: QUICK,
    body: '<iframe src="/inner"></iframe>',
    pages: { "/inner": FIELD },
  });
  const { sid } = await enter(page, app);
  await page.frameLocator("iframe").locator("#field").click();
  const end = Date.now() + paced(9_000);
  let typedAt = 0;
  while (Date.now() < end) {
    typedAt = Date.now();
    await page.keyboard.press("a");
    await wait(paced(500));
  }
  await heardOf(page, typedAt);
  expect(await statusOf(page)).toMatchObject({ status: "active", sid });
});

test("typing in a frame that is added later counts", async ({ page, openApp }) => {
  const app = await openApp({
    body: `<script>setTimeout(() => { const frame = document.createElement("iframe"); frame.src = "/inner"; document.body.append(frame); }, 600)</script>`,
    pages: { "/inner": FIELD },
  });
  await enter(page, app);
  await typeIn(page, page.frameLocator("iframe"));
});

test("typing in a frame counts after the frame has navigated", async ({ page, openApp }) => {
  const app = await openApp({
    body: '<iframe src="/inner"></iframe>',
    pages: { "/inner": `${FIELD}<a href="/next">next</a>`, "/next": FIELD.replace("field", "second") },
  });
  await enter(page, app);
  const frame = page.frameLocator("iframe");
  await frame.locator("a").click();
  await typeIn(page, frame, "#second");
});

test("typing in a frame within a frame counts", async ({ page, openApp }) => {
  const app = await openApp({
    body: '<iframe src="/outer"></iframe>',
    pages: {
      "/outer": `<!doctype html><script>setTimeout(() => document.body.insertAdjacentHTML("beforeend", '<iframe src="/inner"></iframe>'), 500)</script><body>`,
      "/inner": FIELD,
    },
  });
  await enter(page, app);
  await typeIn(page, page.frameLocator("iframe").frameLocator("iframe"));
});

const EDITORS: Readonly<Record<string, string>> = {
  "document.write and contentEditable": `
    const frame = document.createElement("iframe"); document.body.append(frame);
    const page = frame.contentDocument; page.open();
    page.write('<body id="field" contenteditable style="height: 100px">'); page.close();`,
  "document.write and designMode": `
    const frame = document.createElement("iframe"); document.body.append(frame);
    const page = frame.contentDocument; page.open();
    page.write('<body id="field" style="height: 100px">'); page.close(); page.designMode = "on";`,
  "document.write that is never closed": `
    const frame = document.createElement("iframe"); document.body.append(frame);
    const page = frame.contentDocument; page.open();
    page.write('<body id="field" contenteditable style="height: 100px">');`,
  "document.write again after a while": `
    const frame = document.createElement("iframe"); document.body.append(frame);
    frame.contentDocument.body.innerHTML = "old";
    setTimeout(() => { const page = frame.contentDocument; page.open();
      page.write('<body id="field" contenteditable style="height: 100px">'); page.close(); }, 400);`,
  srcdoc: `
    const frame = document.createElement("iframe");
    frame.srcdoc = '<body id="field" contenteditable style="height: 100px">'; document.body.append(frame);`,
  "a blank frame filled by its DOM": `
    const frame = document.createElement("iframe"); document.body.append(frame);
    frame.contentDocument.body.innerHTML = '<div id="field" contenteditable style="height: 100px">';`,
};

/** What leaves no load behind, or takes the listeners away: the focus has to do. */
const HARD = ["document.write that is never closed", "document.write again after a while"];

for (const [name, script] of Object.entries(EDITORS)) {
  test(`typing in an editor made by ${name} counts`, async ({ page, openApp }) => {
    const app = await openApp({ body: `<script>setTimeout(() => { ${script} }, 300)</script>` });
    await enter(page, app);
    await typeIn(page, page.frameLocator("iframe"));
  });
}

for (const [name, script] of Object.entries(EDITORS).filter(([name]) => HARD.includes(name))) {
  test(`typing in an editor made by ${name} counts for one who never touches the mouse`, async ({
    page,
    openApp,
  }) => {
    const app = await openApp({
      body: `<script>setTimeout(() => { ${script} }, 300); setTimeout(() => document.querySelector("iframe").contentDocument.getElementById("field").focus(), 1500)</script>`,
    });
    await enter(page, app);
    await expect.poll(() => page.frames().length).toBe(2);
    await typeLater(page, paced(1_800));
  });
}

const inShadow = (mode: "open" | "closed") =>
  `<div id="host"></div><script>
    document.getElementById("host").attachShadow({ mode: "${mode}" }).innerHTML =
      '<iframe src="/inner" style="width: 300px; height: 100px"></iframe>';
  </script>`;

test("typing in a frame in an open shadow root counts", async ({ page, openApp }) => {
  const app = await openApp({ body: inShadow("open"), pages: { "/inner": FIELD } });
  await enter(page, app);
  await page.mouse.click(60, 60);
  await typeLater(page);
});

test("typing in a frame in a closed shadow root is not heard, as the documents say", async ({
  page,
  openApp,
}) => {
  const app = await openApp({ body: inShadow("closed"), pages: { "/inner": FIELD } });
  await enter(page, app);
  await page.mouse.click(60, 60);
  await wait(paced(500));
  for (const key of "abc") await page.keyboard.press(key);
  await nothingCounts(page, 800);
});
