import type { Page } from "@playwright/test";
import type { PolicyOptions } from "../src/server/policy/policy.types.js";
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
  // A selector that is not known throws, a rule with it is left out, and an attribute that is not known means nothing.
  const UNKNOWN = /:popover-open|:has\\(/;
  const replace = (place, name, by) => { const its = place[name]; place[name] = function (...given) { return by.call(this, its, ...given); }; };
  for (const { prototype } of [Element, Document, DocumentFragment])
    for (const name of ["matches", "closest", "querySelector", "querySelectorAll"])
      if (prototype[name]) replace(prototype, name, function (its, selector) {
        if (UNKNOWN.test(selector)) throw new DOMException(name + ": " + selector, "SyntaxError");
        return its.call(this, selector);
      });
  replace(CSSStyleSheet.prototype, "replaceSync", function (its, text) {
    its.call(this, text.split("\\n").filter((rule) => !UNKNOWN.test(rule)).join("\\n"));
  });
  replace(Element.prototype, "setAttribute", function (its, name, value) {
    if (name === "popover") console.error("Found a 'popover' attribute.");
    else its.call(this, name, value);
  });
`;
/** Each alone makes an engine too old. */
const TOO_OLD: Readonly<Record<string, string>> = {
  "constructed style sheets": "delete Document.prototype.adoptedStyleSheets",
  dialogs: "delete HTMLDialogElement.prototype.showModal",
  "Array.prototype.at": "delete Array.prototype.at",
};

/** Of two ends at once the absolute one counts; its warning is a notice until half a minute is left. */
const NOTICE: PolicyOptions = { ...QUICK, idle: "10m", absolute: "10m", warning: "595s" };

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
  await wait(paced(500));
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

test("in an engine of the lowest versions the notice is in sight wherever the page is scrolled to, says no empty line, and Escape closes it", async ({
  page,
  openApp,
}) => {
  const app = await openApp({ policy: NOTICE, body: FIELD });
  const faults: string[] = [];
  page.on("pageerror", ({ message }) => faults.push(message));
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  await page.addInitScript(YOUNGER);
  await enter(page, app);
  await page.mouse.wheel(0, 2_000);
  const notice = page.getByRole("region", { name: "You need to sign in again soon" });
  await expect(notice).toBeInViewport({ ratio: 1 });
  await expect(page.locator("curfew-warning [part=brand]")).toBeHidden();
  await wait(paced(700));
  await page.locator("#field").press("Escape");
  await expect(notice).toBeHidden();
  expect(faults.filter((text) => !text.includes("favicon"))).toEqual([]);
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
