import type { Page } from "@playwright/test";
import { dialog, expect, expectAnswerable, paced, statusOf, wait } from "./fixtures.js";
import { type App, enter, heardOf, QUICK, test } from "./support/activity-app.js";

/** What the lowest versions lack of today's engines, and the client uses where it is there or must not use at all. */
const YOUNGER = `
  for (const name of ["togglePopover", "showPopover", "hidePopover", "popover"]) delete HTMLElement.prototype[name];
  delete Navigator.prototype.userActivation;
  delete window.navigation;
  for (const [place, names] of [
    [URL, ["canParse"]], [Object, ["hasOwn", "groupBy"]], [Map, ["groupBy"]], [Promise, ["withResolvers", "try"]],
    [Array, ["fromAsync"]], [Array.prototype, ["findLast", "findLastIndex", "toSorted", "toReversed", "toSpliced", "with"]],
    [AbortSignal, ["any", "timeout"]], [String.prototype, ["isWellFormed"]], [Set.prototype, ["union", "difference"]],
    [Uint8Array, ["fromBase64"]], [Uint8Array.prototype, ["toBase64"]], [Document, ["parseHTMLUnsafe"]],
  ]) for (const name of names) delete place[name];
  delete globalThis.structuredClone; delete globalThis.documentPictureInPicture;
`;
/** Each alone makes an engine too old. */
const TOO_OLD: Readonly<Record<string, string>> = {
  "constructed style sheets": "delete Document.prototype.adoptedStyleSheets",
  dialogs: "delete HTMLDialogElement.prototype.showModal",
  "Array.prototype.at": "delete Array.prototype.at",
};

const FIELD = '<p id="text">Balance 1,234</p><input id="field">';

async function until(page: Page, app: App, type: string): Promise<void> {
  await expect.poll(async () => (await statusOf(page)).type, { message: app.url }).toBe(type);
}

test("an engine of the lowest versions has the whole way: heard, warned, answered, ended and covered", async ({
  page,
  openApp,
}) => {
  const app = await openApp({
    policy: { ...QUICK, idle: "8s", warning: "4s" },
    body: FIELD,
    script: (foreign) => `data-frames="${foreign}"`,
  });
  const errors: string[] = [];
  page.on("pageerror", ({ message }) => errors.push(message));
  await page.addInitScript(YOUNGER);
  await enter(page, app);
  await wait(paced(300));
  const at = Date.now();
  await page.locator("#field").press("a");
  await heardOf(page, at);
  await expectAnswerable(page);
  await page.keyboard.press("Enter");
  await expect(dialog(page)).toBeHidden();
  await until(page, app, "urn:curfew:session-ended");
  await expect(dialog(page).getByRole("link")).toBeVisible();
  await expect(page.locator("curfew-cover")).toHaveCount(1);
  expect(await page.locator("#text").isVisible()).toBe(false);
  expect(errors).toEqual([]);
});

for (const [name, code] of Object.entries(TOO_OLD))
  test(`an engine without ${name} gets one line in the console and a page that works`, async ({
    page,
    openApp,
  }) => {
    const app = await openApp({
      policy: QUICK,
      body: `${FIELD}<button onclick="text.textContent = 'ok'">Go</button>`,
    });
    const said: string[] = [];
    page.on("pageerror", ({ message }) => said.push(message));
    page.on("console", (message) => said.push(message.text()));
    await page.addInitScript(code);
    await page.goto(`${app.url}/start`);
    await until(page, app, "urn:curfew:session-ended");
    await page.getByRole("button", { name: "Go" }).click();
    await expect(page.locator("#text")).toHaveText("ok");
    const ours = said.filter((text) => !text.includes("favicon"));
    expect(ours).toEqual([expect.stringContaining("this browser is too old")]);
  });
