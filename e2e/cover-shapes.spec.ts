import type { Page } from "@playwright/test";
import { dialog, expect, paced, statusOf, wait } from "./fixtures.js";
import { type App, type AppOptions, enter, QUICK, ROOMY, test } from "./support/activity-app.js";
import { printsSecret, SECRET_COLOUR, SECRET_LETTER, secretPixels } from "./support/pixels.js";

const LOOK = `font: 60px/1 monospace; background: ${SECRET_COLOUR}; color: ${SECRET_COLOUR}`;
const FIXED = `position: fixed; left: 10px; top: 10px; width: 300px; height: 80px; ${LOOK}`;
/** Insists on being seen, by each way there is. */
const STUBBORN = `visibility: visible !important; opacity: 1 !important; z-index: 2147483647; ${FIXED}`;
const TEXT = `${SECRET_LETTER} secret`;
const script = (code: string) => `<script>${code}</script>`;
/** Makes an element of this look, and does with it what `code` says. */
const made = (style: string, code: string, name = "div") =>
  script(
    `{ const it = document.createElement("${name}"); it.textContent = "${TEXT}"; it.style.cssText = ${JSON.stringify(style)}; ${code} }`,
  );
const OPEN_AFTER_END = (code: string) =>
  `const after = setInterval(() => { if (globalThis.Curfew?.session.state.status === "ended") { clearInterval(after); ${code} } }, 50);`;

const SHAPES: Readonly<Record<string, string>> = {
  "text in the body itself": `<style>body { ${LOOK} }</style>${TEXT}`,
  "the body's own pseudo-elements": `<style>body::before { content: "${TEXT}"; ${STUBBORN} }</style>`,
  "the root's own pseudo-elements": `<style>html::after { content: "${TEXT}"; ${STUBBORN} }</style>`,
  "backgrounds and shadows of html and body": `<style>html { background: ${SECRET_COLOUR} } body { box-shadow: 0 0 0 2000px ${SECRET_COLOUR}; border: 20px solid ${SECRET_COLOUR} }</style>`,
  "an element beside the body": made(FIXED, "document.documentElement.append(it)"),
  "an element beside the body that insists": made(STUBBORN, "document.documentElement.append(it)"),
  "a body that insists": `<style>body { ${STUBBORN} }</style>${TEXT}${script('document.body.style.setProperty("visibility", "visible", "important")')}`,
  "an element in the body that insists": made(STUBBORN, "document.body.append(it)"),
  "a page that sets its style sheets once, after the end": made(
    STUBBORN,
    `document.body.append(it); ${OPEN_AFTER_END("document.adoptedStyleSheets = []")}`,
  ),
  "a page that sets its style sheets again and again": made(
    FIXED,
    "document.body.append(it); setInterval(() => { document.adoptedStyleSheets = []; }, 300)",
  ),
  "a root of display:contents with a part in its shadow that insists": script(`
    const host = document.body.appendChild(document.createElement("div")); host.style.display = "contents";
    host.attachShadow({ mode: "open" }).innerHTML = '<b style="${STUBBORN}">${TEXT}</b>';`),
  "a modal dialog in a closed shadow root": script(`
    const root = document.body.appendChild(document.createElement("div")).attachShadow({ mode: "closed" });
    root.innerHTML = '<dialog style="${STUBBORN}">${TEXT}</dialog>'; root.firstChild.showModal();`),
  "a modal dialog that is open": made(STUBBORN, "document.body.append(it); it.showModal()", "dialog"),
  "a popover that is open": made(
    STUBBORN,
    'document.body.append(it); it.popover = "manual"; it.showPopover()',
  ),
  "a popover beside the body that opens after the end": made(
    STUBBORN,
    `document.documentElement.append(it); it.popover = "manual"; ${OPEN_AFTER_END("it.showPopover()")}`,
  ),
  "a modal dialog that opens after the end": made(
    STUBBORN,
    `document.body.append(it); ${OPEN_AFTER_END("it.showModal()")}`,
    "dialog",
  ),
  "a modal dialog in a closed shadow root that opens after the end": script(`
    const root = document.body.appendChild(document.createElement("div")).attachShadow({ mode: "closed" });
    root.innerHTML = '<dialog style="${STUBBORN}">${TEXT}</dialog>'; ${OPEN_AFTER_END("root.firstChild.showModal()")}`),
  "layered rules that insist": `<style>@layer one { #it { visibility: visible !important; content-visibility: visible !important; opacity: 1 !important } }</style><div id="it" style="${FIXED}">${TEXT}</div>`,
  "a view transition that stands still": `<style>::view-transition-group(*), ::view-transition-old(*), ::view-transition-new(*) { animation-duration: 1h !important; animation-delay: 0s !important }</style><div style="${FIXED}">${TEXT}</div>${script("setTimeout(() => document.startViewTransition?.(() => document.body.append('later')), 2000)")}`,
  "a frame of the page's own": `<iframe style="${STUBBORN}" srcdoc="<body style='${STUBBORN}'>${TEXT}"></iframe>`,
  "a page that takes away what it does not know": made(
    FIXED,
    `document.body.append(it); setInterval(() => { for (const one of document.documentElement.children) if (!["HEAD", "BODY"].includes(one.localName.toUpperCase())) one.remove(); }, 200)`,
  ),
  "a page that closes every popover": made(
    STUBBORN,
    `document.body.append(it); setInterval(() => { for (const one of document.querySelectorAll(":popover-open")) one.hidePopover(); }, 400)`,
  ),
  "a page that writes itself anew after the end": made(
    STUBBORN,
    `document.body.append(it); ${OPEN_AFTER_END("const page = document.body.innerHTML; document.open(); document.write(page); document.close()")}`,
  ),
};

async function untilEnded(page: Page): Promise<void> {
  await expect.poll(async () => (await statusOf(page)).type).toBe("urn:curfew:session-ended");
  await expect(page.locator("curfew-cover")).toHaveCount(1);
  // Twice as long as what the page undoes may last.
  await wait(paced(2_500));
}

const app = (body: string, more: AppOptions = {}): AppOptions => ({ policy: QUICK, body, ...more });

const isOpenedLater = (name: string) => name.includes("after the end");
const addressOf = (at: number) => `/shape/${at}`;

/** A page of this shape with the client, as the app serves it. */
const shaped = (body: string, attributes: string) =>
  `<!doctype html><title>App</title><script src="/curfew.js" data-base="/curfew" ${attributes}></script><body style="height: 3000px">${body}</body>`;

/** The shapes share a browser, a server and a session, which ends for all of them at once. */
const GROUP = 8;
const all = Object.entries(SHAPES).map(([name, body], at) => ({ name, body, at }));
for (const warning of ["none", "shown"])
  for (let first = 0; first < all.length; first += GROUP)
    test(`after the end nothing is seen of a page, whatever it does: shapes from ${first + 1} on, with the warning ${warning}`, async ({
      page,
      openApp,
      browserName,
    }) => {
      const shapes = all.slice(first, first + GROUP);
      const attributes = warning === "none" ? 'data-warning="none"' : "";
      const opened = await openApp({
        policy: ROOMY,
        pages: Object.fromEntries(shapes.map(({ at, body }) => [addressOf(at), shaped(body, attributes)])),
      });
      await enter(page, opened);
      const judge = await page.context().newPage();
      const views = [];
      for (const { name, at } of shapes) {
        const view = await page.context().newPage();
        await view.goto(opened.url + addressOf(at));
        if (!isOpenedLater(name))
          await expect.poll(() => secretPixels(view, judge), name).toBeGreaterThan(500);
        await expect
          .poll(() => view.evaluate(() => Reflect.get(globalThis, "Curfew").session.state.status), name)
          .not.toBe("connecting");
        views.push({ name, view });
      }
      await page.evaluate(() => Reflect.get(globalThis, "Curfew").session.end());
      for (const { name, view } of views) await expect(view.locator("curfew-cover"), name).toHaveCount(1);
      // Twice as long as what a page undoes may last.
      await wait(paced(2_500));
      for (const { name, view } of views) {
        await view.bringToFront();
        if (warning === "shown") await expect(dialog(view).getByRole("link"), name).toBeVisible();
        // Most of what could be seen would be seen for a moment alone.
        for (let look = 0; look < 3; look++) expect(await secretPixels(view, judge), name).toBe(0);
        if (browserName === "chromium") expect(await printsSecret(view), name).toBe(false);
      }
    });

test("the warning lies above the cover: its button is what a press meets", async ({ page, openApp }) => {
  await enter(page, await openApp(app(SHAPES["a modal dialog that opens after the end"] ?? "")));
  await untilEnded(page);
  const link = dialog(page).getByRole("link");
  const { x, y, width, height } = (await link.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  const hit = await page.evaluate(
    ([left, top]) => document.elementFromPoint(left ?? 0, top ?? 0)?.localName,
    [x + width / 2, y + height / 2],
  );
  expect(hit).toBe("curfew-warning");
});

const POP_OUT = `<button id="go" onclick='const view = open("", "chart", "width=400,height=300"); view.document.body.innerHTML = ${JSON.stringify(`<p id=it style="${FIXED}">${TEXT}</p>`)}'>go</button>`;

async function openPopOut(page: Page, opened: App): Promise<Page> {
  await enter(page, opened);
  const opening = page.waitForEvent("popup");
  await page.click("#go");
  return opening;
}

test("a window that the page has opened and filled is covered with it, and uncovered with it", async ({
  page,
  openApp,
}) => {
  const opened = await openApp(app(POP_OUT));
  const popOut = await openPopOut(page, opened);
  expect(await secretPixels(popOut)).toBeGreaterThan(500);
  await untilEnded(page);
  await expect(popOut.locator("curfew-cover")).toHaveCount(1);
  expect(await secretPixels(popOut)).toBe(0);
  const other = await page.context().newPage();
  await other.goto(`${opened.url}/start`);
  await expect(page.locator("curfew-cover")).toHaveCount(0);
  await expect(popOut.locator("curfew-cover")).toHaveCount(0);
  expect(await secretPixels(popOut)).toBeGreaterThan(500);
});
