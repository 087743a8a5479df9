import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import type { Demo } from "./demo.js";
import { dialog, expect, signIn, statusOf, test } from "./fixtures.js";

const ROOMY = { CURFEW_IDLE: "8s", CURFEW_WARNING: "5s" };
/** Nothing but the scripts with this nonce: no inline style, no style sheet, no string that becomes code. */
const STRICT = [
  "default-src 'none'",
  "script-src 'nonce-r4nd0m'",
  "connect-src 'self'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");
const NONCE = 'nonce="r4nd0m"';
const SOURCE = 'src="/curfew/curfew.js"';
const INTEGRITY = readFileSync(new URL("../dist/script/integrity.txt", import.meta.url), "utf8").trim();

interface PageParts {
  readonly head?: string;
  readonly body?: string;
  readonly csp?: string;
}

/** Signs in, and then opens a page of the app that loads nothing but the script include. Collects what goes wrong. */
async function openPage(page: Page, demo: Demo, { head = "", body = "", csp = STRICT }: PageParts) {
  const said: string[] = [];
  const note = (text: string) => {
    // Firefox tells of the icon that the policy refuses.
    if (!text.includes("/favicon.ico")) said.push(text);
  };
  page.on("pageerror", (error) => note(error.message));
  page.on("console", (message) => note(`${message.type()}: ${message.text()}`));
  await page.route("**/include", (route) =>
    route.fulfill({
      contentType: "text/html",
      headers: { "content-security-policy": csp },
      body: `<!doctype html><html lang="en"><head><title>Ward</title>${head}</head><body><p>Hello</p>${body}</body></html>`,
    }),
  );
  await page.goto(`${demo.url}/include`);
  return said;
}

const stateOf = (page: Page) => page.evaluate("globalThis.Curfew?.session.state.status");

test.describe("under a policy that allows a nonce and nothing else, the script include works", () => {
  for (const [place, parts] of [
    ["in the head", { head: `<script ${NONCE} ${SOURCE}></script>` }],
    ["in the head with defer", { head: `<script ${NONCE} ${SOURCE} defer></script>` }],
    ["in the head with async", { head: `<script ${NONCE} ${SOURCE} async></script>` }],
    ["at the end of the body", { body: `<script ${NONCE} ${SOURCE}></script>` }],
    ["with its integrity", { head: `<script ${NONCE} ${SOURCE} integrity="${INTEGRITY}" defer></script>` }],
  ] as const)
    test(place, async ({ page, openDemo }) => {
      const demo = await openDemo(ROOMY);
      await signIn(page, demo.url);
      const said = await openPage(page, demo, parts);
      const stay = dialog(page).getByRole("button", { name: "Stay signed in" });
      await expect(stay).toBeFocused();
      const { expiresAt } = await statusOf(page);
      // A press in the dialog's first moments was meant for the page.
      await expect
        .poll(async () => {
          await page.keyboard.press("Enter");
          return (await statusOf(page)).expiresAt;
        })
        .toBeGreaterThan(expiresAt);
      await expect(dialog(page)).toBeHidden();
      expect(await page.locator("style, script:not([src]), [style]").count()).toBe(0);
      expect(said).toEqual([]);
    });
});

test("a script whose integrity is another one is refused by the browser", async ({ page, openDemo }) => {
  const demo = await openDemo(ROOMY);
  await signIn(page, demo.url);
  const other = `sha384-${"A".repeat(64)}`;
  const said = await openPage(page, demo, {
    head: `<script ${NONCE} ${SOURCE} integrity="${other}"></script>`,
  });
  expect(said.join()).toMatch(/integrity/i);
  expect(await stateOf(page)).toBeUndefined();
});

test("included twice, the second one makes the first one ask, and says so", async ({ page, openDemo }) => {
  const demo = await openDemo({ CURFEW_IDLE: "75s", CURFEW_WARNING: "25s" });
  await signIn(page, demo.url);
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("/curfew/session")) asked.push(request.url());
  });
  const script = `<script ${NONCE} ${SOURCE} defer></script>`;
  const first =
    "<script nonce=\"r4nd0m\">addEventListener('load', () => { window.same = window.first === Curfew.session; });</script>";
  const keep = '<script nonce="r4nd0m" defer src="/keep.js"></script>';
  await page.route("**/keep.js", (route) =>
    route.fulfill({ contentType: "text/javascript", body: "window.first = Curfew.session;" }),
  );
  const said = await openPage(page, demo, { head: first + script + keep + script });
  await expect.poll(() => stateOf(page)).toBe("active");
  expect(await page.evaluate("window.same")).toBe(true);
  expect(await page.locator("curfew-warning").count()).toBe(1);
  // The first one's own question may still be under way, and is enough then.
  expect([1, 2]).toContain(asked.length);
  expect(said).toEqual([
    "info: curfew: this page has loaded curfew.js already; the second one makes the first one ask the server.",
  ]);
});

test("an element that is called Curfew does not pass for an earlier inclusion", async ({
  page,
  openDemo,
}) => {
  const demo = await openDemo({ CURFEW_IDLE: "75s", CURFEW_WARNING: "25s" });
  await signIn(page, demo.url);
  const body = `<form id="Curfew"><input name="session"></form><script ${NONCE} ${SOURCE}></script>`;
  const said = await openPage(page, demo, { body });
  await expect.poll(() => stateOf(page)).toBe("active");
  expect(said).toEqual([]);
});

/** What a comment on the page may hold where nobody takes the names out of it. */
const SHADOWS = [
  "currentScript",
  ...["activeElement", "addEventListener", "adoptedStyleSheets", "baseURI", "body", "createElement"],
  ...["documentElement", "elementFromPoint", "hasFocus", "hidden", "querySelector", "querySelectorAll"],
  "visibilityState",
].map((name) => `<img name="${name}" data-base="https://evil.example/curfew" data-warning="none">`);

test("images that are called as the document's members change nothing", async ({ page, openDemo }) => {
  const demo = await openDemo({ CURFEW_IDLE: "12s", CURFEW_WARNING: "5s" });
  await signIn(page, demo.url);
  const asked: string[] = [];
  page.on("request", (request) => void asked.push(new URL(request.url()).host));
  const body = `${SHADOWS.join("")}<input aria-label="note"><script ${NONCE} ${SOURCE}></script>`;
  await openPage(page, demo, { body });
  await expect.poll(() => stateOf(page)).toBe("active");
  // Input is heard, the warning comes up, and at the end the page is covered.
  const { lastActiveAt } = await statusOf(page);
  await page.getByLabel("note").press("a");
  await expect.poll(async () => (await statusOf(page)).lastActiveAt).toBeGreaterThan(lastActiveAt);
  const stay = dialog(page).getByRole("button", { name: "Stay signed in" });
  await expect(stay).toBeFocused();
  await expect(dialog(page)).toContainText("signed you out");
  await expect(page.getByLabel("note")).toBeHidden();
  expect([...new Set(asked)]).toEqual([new URL(demo.url).host]);
});

for (const [name, before, after] of [
  ["before the script", '<base href="https://evil.example/x/">', ""],
  ["after the script, which runs later", "", '<base href="https://evil.example/x/">'],
] as const)
  test(`a base element ${name} leads neither the client nor the sign-in elsewhere`, async ({
    page,
    openDemo,
  }) => {
    const demo = await openDemo(ROOMY);
    await signIn(page, demo.url);
    const asked: string[] = [];
    page.on("request", (request) => void asked.push(request.url()));
    const source = before === "" ? SOURCE : `src="${demo.url}/curfew/curfew.js"`;
    await openPage(page, demo, { body: `${before}<script ${NONCE} ${source} defer></script>${after}` });
    await expect.poll(() => stateOf(page)).toBe("active");
    const link = dialog(page).getByRole("link", { name: "Sign in again" });
    await expect(link).toBeVisible();
    expect(await link.evaluate((element) => (element as HTMLAnchorElement).href)).toBe(`${demo.url}/login`);
    expect(asked.filter((url) => url.includes("evil"))).toEqual([]);
  });

test("a form whose fields are called as its members takes neither focus nor drafts from the warning", async ({
  page,
  openDemo,
}) => {
  const demo = await openDemo(ROOMY);
  await signIn(page, demo.url);
  const fields = ["focus", "shadowRoot", "contentWindow", "contentDocument", "localName"]
    .map((field) => `<input name="${field}">`)
    .join("");
  const body = `<form tabindex="0" aria-label="shadows">${fields}</form><script ${NONCE} ${SOURCE}></script>`;
  const said = await openPage(page, demo, { body });
  await expect.poll(() => stateOf(page)).toBe("active");
  const form = page.getByRole("form", { name: "shadows" });
  await form.evaluate((element) => HTMLElement.prototype.focus.call(element));
  const stay = dialog(page).getByRole("button", { name: "Stay signed in" });
  await expect(stay).toBeFocused();
  await expect
    .poll(async () => {
      await page.keyboard.press("Enter");
      return dialog(page).isVisible();
    })
    .toBe(false);
  await expect(form).toBeFocused();
  expect(said).toEqual([]);
});

test.describe("data-*", () => {
  test("warning=none makes the client alone, and debug prints its log", async ({ page, openDemo }) => {
    const demo = await openDemo({ CURFEW_IDLE: "75s", CURFEW_WARNING: "25s" });
    await signIn(page, demo.url);
    const head = `<script ${NONCE} ${SOURCE} data-warning="none" data-debug></script>`;
    const said = await openPage(page, demo, { head });
    await expect.poll(() => stateOf(page)).toBe("active");
    expect(await page.locator("curfew-warning").count()).toBe(0);
    expect(said.join()).toContain("info: curfew answered");
  });

  test("base says where the verifier is; else it is the script's own folder", async ({ page, openDemo }) => {
    const demo = await openDemo({ CURFEW_IDLE: "75s", CURFEW_WARNING: "25s" });
    await signIn(page, demo.url);
    const asked: string[] = [];
    page.on("request", (request) => void asked.push(new URL(request.url()).pathname));
    const path = fileURLToPath(new URL("../dist/script/curfew.js", import.meta.url));
    await page.route("**/elsewhere/curfew.js", (route) =>
      route.fulfill({ path, contentType: "text/javascript" }),
    );
    const moved = 'src="/elsewhere/curfew.js"';
    await openPage(page, demo, { head: `<script ${NONCE} ${moved}></script>` });
    await expect.poll(() => asked).toContain("/elsewhere/session");
    await page.unroute("**/include");
    await openPage(page, demo, { head: `<script ${NONCE} ${moved} data-base="/curfew"></script>` });
    await expect.poll(() => stateOf(page)).toBe("active");
  });

  test("name lets a tab in which nobody is signed in hear of a sign-in", async ({ context, openDemo }) => {
    const demo = await openDemo({ CURFEW_IDLE: "75s", CURFEW_WARNING: "25s", CURFEW_NAME: "ward" });
    const waiting = await context.newPage();
    await openPage(waiting, demo, { head: `<script ${NONCE} ${SOURCE} data-name="ward"></script>` });
    await expect.poll(() => stateOf(waiting)).toBe("absent");
    await signIn(await context.newPage(), demo.url);
    await expect.poll(() => stateOf(waiting)).toBe("active");
  });

  test("a value that cannot count takes no warning away, and the console names it", async ({
    page,
    openDemo,
  }) => {
    const demo = await openDemo(ROOMY);
    await signIn(page, demo.url);
    const bad =
      'data-base="http://[" data-frames="https://a.example/x" data-announce="soon" data-work="maybe"';
    const said = await openPage(page, demo, { head: `<script ${NONCE} ${SOURCE} ${bad}></script>` });
    await expect(dialog(page)).toBeVisible();
    for (const name of ["base", "frames", "announce", "work"])
      expect(said.filter((text) => text.startsWith(`error: curfew: data-${name} says `))).toHaveLength(1);
  });

  test("an element of the warning's name in a person's text is not the warning", async ({
    page,
    openDemo,
  }) => {
    const demo = await openDemo(ROOMY);
    await signIn(page, demo.url);
    const text = '<div hidden><curfew-warning escape="none" service="Call 555-0100"></curfew-warning></div>';
    await openPage(page, demo, { body: `${text}<script ${NONCE} ${SOURCE}></script>` });
    await expect(dialog(page).getByRole("button", { name: "Stay signed in" })).toBeFocused();
    await expect(dialog(page)).not.toContainText("555");
  });

  test("countdown and work choose what the warning says", async ({ page, openDemo }) => {
    const demo = await openDemo(ROOMY);
    await signIn(page, demo.url);
    const head = `<script ${NONCE} ${SOURCE} data-countdown="none" data-work="saved"></script>`;
    await openPage(page, demo, { head });
    await expect(dialog(page)).toBeVisible();
    await expect(page.locator("curfew-warning")).toHaveAttribute("countdown", "none");
    await expect(dialog(page).locator("[part=countdown]")).toBeHidden();
    await expect(dialog(page)).toContainText("Your work is saved.");
  });
});
