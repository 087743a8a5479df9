import { dialog, expect, expectAnswerable, paced, post, signIn, statusOf, test, wait } from "./fixtures.js";
import { openPlainPage, servePlainScript } from "./support/plain-page.js";

const ROOMY = { CURFEW_IDLE: "10s", CURFEW_WARNING: "7s" };
test("Stay signed in moves the server's deadline and closes the warning", async ({ page, openSignedIn }) => {
  await openSignedIn(ROOMY);
  await expectAnswerable(page);
  const before = await statusOf(page);
  const earliest = Date.now();
  await page.getByRole("button", { name: "Stay signed in" }).click();
  await expect(dialog(page)).toBeHidden();
  const after = await statusOf(page);
  expect(after.expiresAt).toBeGreaterThan(before.expiresAt);
  expect(after.lastActiveAt).toBeGreaterThanOrEqual(earliest - paced(100));
});

test("when the server answers 500 the dialog stays, says so, and works again afterwards", async ({
  page,
  openSignedIn,
}) => {
  await openSignedIn(ROOMY);
  await page.route("**/curfew/heartbeat", (route) => route.fulfill({ status: 500, body: "broken" }));
  await expectAnswerable(page);
  await page.getByRole("button", { name: "Stay signed in" }).click();
  await expect(dialog(page)).toContainText("We could not keep you signed in. Try again.");
  await expect(dialog(page)).toBeVisible();
  await page.unroute("**/curfew/heartbeat");
  await page.getByRole("button", { name: "Stay signed in" }).click();
  await expect(dialog(page)).toBeHidden();
  expect((await statusOf(page)).status).toBe("active");
});

test("while the server takes its time the dialog says that it is checking, and closes only then", async ({
  page,
  openSignedIn,
}) => {
  await openSignedIn(ROOMY);
  await expect(dialog(page)).toBeVisible();
  let letGo = () => {};
  const seen = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  await page.route("**/curfew/heartbeat", async (route) => {
    await seen;
    await route.continue();
  });
  await expectAnswerable(page);
  await page.getByRole("button", { name: "Stay signed in" }).click();
  await expect(page.getByRole("button", { name: "Checking…" })).toHaveAttribute("aria-disabled", "true");
  await expect(dialog(page)).toBeVisible();
  letGo();
  await expect(dialog(page)).toBeHidden();
  expect((await statusOf(page)).status).toBe("active");
});

test("an answer that comes after a sign-out elsewhere is told of it, and keeps nobody signed in", async ({
  page,
  openSignedIn,
}) => {
  // The server's own news, or the demo's poller, would be the first to tell of it.
  await page.route("**/curfew/events", (route) => route.abort());
  await openSignedIn(ROOMY);
  await expect(dialog(page)).toBeVisible();
  await page.route("**/api/notes", (route) => route.abort());
  const { sid } = await statusOf(page);
  expect((await post(page, "/end", { sid })).status).toBe(204);
  await expectAnswerable(page);
  await page.getByRole("button", { name: "Stay signed in" }).click();
  await expect(dialog(page)).toContainText("You are signed out");
  expect((await statusOf(page)).type).toBe("urn:curfew:session-ended");
});

test("the warning is answered with the keyboard alone, and focus returns to where it was", async ({
  page,
  openSignedIn,
}) => {
  await openSignedIn(ROOMY);
  await page.getByTestId("note-1").focus();
  await expect(dialog(page)).toBeVisible();
  await expect(page.getByRole("button", { name: "Stay signed in" })).toBeFocused();
  await expectAnswerable(page);
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "Sign out now" })).toBeFocused();
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Enter");
  await expect(dialog(page)).toBeHidden();
  await expect(page.getByTestId("note-1")).toBeFocused();
});

test("Escape means Stay signed in", async ({ page, openSignedIn }) => {
  await openSignedIn(ROOMY);
  await expectAnswerable(page);
  const before = await statusOf(page);
  await page.keyboard.press("Escape");
  await expect(dialog(page)).toBeHidden();
  expect((await statusOf(page)).expiresAt).toBeGreaterThan(before.expiresAt);
});

test("a bumped mouse does not answer the warning", async ({ page, openSignedIn }) => {
  await openSignedIn(ROOMY);
  await expect(dialog(page)).toBeVisible();
  const before = await statusOf(page);
  for (let step = 0; step < 20; step++) await page.mouse.move(100 + step * 5, 100);
  await page.keyboard.press("a");
  await wait(paced(1_500));
  await expect(dialog(page)).toBeVisible();
  expect((await statusOf(page)).expiresAt).toBe(before.expiresAt);
});

test("a script's click on Stay signed in extends nothing", async ({ page, openDemo }) => {
  // The warning opens more than 5 s after the page: that long a browser takes a look of the test tool for a gesture.
  const demo = await openDemo({ CURFEW_IDLE: "14s", CURFEW_WARNING: "7s" });
  // In a timer of the page's own, and without looking into the page until the end.
  await page.addInitScript(() => {
    let clicks = 0;
    setInterval(() => {
      const warning = document.querySelector("curfew-warning")?.shadowRoot?.querySelector("dialog[open]");
      const button = warning?.querySelector<HTMLElement>("button");
      if (button?.textContent !== "Stay signed in") return;
      button.click();
      document.documentElement.dataset.clicks = `${++clicks}`;
    }, 200);
  });
  await signIn(page, demo.url);
  await expect.poll(() => statusOf(page)).toMatchObject({ reason: "idle" });
  const { endedAt = 0 } = await statusOf(page);
  const trail: { type: string; intent?: string; at: string }[] = await (
    await fetch(`${demo.url}/audit`, { headers: { accept: "application/json" } })
  ).json();
  expect(trail.filter(({ intent }) => intent === "extend")).toEqual([]);
  const renewed = trail.filter(({ type }) => type === "session_renewed").map(({ at }) => Date.parse(at));
  expect(Math.max(0, ...renewed)).toBeLessThan(endedAt - paced(7_000));
  expect(Number(await page.locator("html").getAttribute("data-clicks"))).toBeGreaterThan(0);
});

test("Sign out now ends the session and says so", async ({ page, openSignedIn }) => {
  await openSignedIn(ROOMY);
  await expectAnswerable(page);
  await page.getByRole("button", { name: "Sign out now" }).click();
  await expect(page.getByRole("link", { name: /sign in again/i })).toBeVisible();
  expect((await statusOf(page)).status).not.toBe("active");
  await expect(page.getByTestId("note-1")).not.toBeVisible();
});

/** Waits in the page itself until no press keeps it active any more: what the test tool runs there would be one. */
const FAKES = `
import { createSessionClient } from "./dist/index.js";
const session = createSessionClient({ base: "/curfew" });
const fakes = {
  object: { isTrusted: true, type: "click", timeStamp: performance.now() + 1e6 },
  proxy: new Proxy(new Event("click"), { get: (event, name) => name === "isTrusted" || event[name] }),
  heir: Object.create(new MouseEvent("click"), { isTrusted: { value: true } }),
  event: new MouseEvent("click"),
  load: undefined,
};
addEventListener("load", (event) => {
  fakes.load = Object.defineProperty(event, "type", { value: "click" });
});
const timer = setInterval(async () => {
  if (navigator.userActivation.isActive || !("sid" in session.state)) return;
  clearInterval(timer);
  const said = [];
  for (const [name, fake] of Object.entries(fakes))
    said.push(name + ": " + await session.extend(fake).then(() => "extended", ({ code }) => code));
  console.info("said", said.join(", "));
}, 100);`;

test("what only looks like a person's event extends nothing", async ({ page, openSignedIn }) => {
  const demo = await openSignedIn({ CURFEW_IDLE: "60s" });
  await servePlainScript(page, demo.url, FAKES);
  // Looking into the page would be a press as well, so it tells by itself.
  const said = page.waitForEvent("console", (message) => message.text().startsWith("said"));
  expect(await openPlainPage(page, demo.url, '<!doctype html><script src="/plain.js"></script>')).toEqual([]);
  const names = ["object", "proxy", "heir", "event", "load"];
  expect((await said).text()).toBe(`said ${names.map((name) => `${name}: no-gesture`).join(", ")}`);
});
