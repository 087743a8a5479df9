import type { BrowserContext, Page } from "@playwright/test";
import { dialog, expect, expectAnswerable, paced, signIn, statusOf, stayActive, test } from "./fixtures.js";
import { noteStates, statesOf, toldAt } from "./support/tabs-server.js";

/** When the server's own records say that this session ended. */
async function endOf(url: string, sid: string): Promise<number> {
  const answer = await fetch(`${url}/audit`, { headers: { accept: "application/json" } });
  const trail = (await answer.json()) as { sid?: string; type: string; at: string }[];
  const end = trail.find((record) => record.sid === sid && record.type === "session_logout");
  return Date.parse(end?.at ?? "");
}

/** Another tab of the same browser, in which the session lives. */
async function openOther(context: BrowserContext, url: string): Promise<Page> {
  const other = await context.newPage();
  await other.goto(url);
  await expect(other.getByTestId("state")).toHaveText(/active/i);
  return other;
}

test("activity in one tab keeps the other alive without a warning", async ({
  context,
  page,
  openSignedIn,
}) => {
  const demo = await openSignedIn({ CURFEW_IDLE: "6s", CURFEW_WARNING: "2s" });
  const other = await context.newPage();
  await other.goto(demo.url);
  await page.bringToFront();
  await noteStates(other);
  await stayActive(page, Date.now() + paced(9_000));
  expect((await statesOf(other)).filter((status) => status !== "active")).toEqual([]);
  await expect(other.getByTestId("state")).toHaveText(/active/i);
  expect((await statusOf(other)).status).toBe("active");
});

test("an answer in one tab closes the warning in the other", async ({ context, page, openSignedIn }) => {
  const demo = await openSignedIn({ CURFEW_IDLE: "8s", CURFEW_WARNING: "5s" });
  const other = await context.newPage();
  await other.goto(demo.url);
  await expect(dialog(other)).toBeVisible();
  const before = await statusOf(page);
  await page.bringToFront();
  await expectAnswerable(page);
  await page.getByRole("button", { name: "Stay signed in" }).click();
  await expect(dialog(page)).toBeHidden();
  await expect(dialog(other)).toBeHidden();
  const after = await statusOf(other);
  expect(after.expiresAt).toBeGreaterThan(before.expiresAt);
  await expect(other.getByTestId("state")).toHaveText(/active/i);
  const shown = Number(await other.getByTestId("idle-deadline").getAttribute("data-ms"));
  expect(shown).toBe(after.idleExpiresAt);
});

test("a sign-out in one tab ends the other within a second", async ({ context, page, openSignedIn }) => {
  const demo = await openSignedIn({ CURFEW_IDLE: "75s", CURFEW_WARNING: "25s" });
  const other = await openOther(context, demo.url);
  await noteStates(other);
  const { sid } = await statusOf(page);
  await page.bringToFront();
  await page.getByTestId("sign-out").click();
  await expect(dialog(other)).toContainText(/signed (you )?out/i);
  expect((await toldAt(other, "ended")) - (await endOf(demo.url, sid))).toBeLessThan(paced(1_000));
  await expect(other.getByTestId("note-1")).not.toBeVisible();
});

test("a sign-out by a form alone ends the other tab as soon as the sign-in page is there", async ({
  context,
  page,
  openSignedIn,
}) => {
  const demo = await openSignedIn({ CURFEW_IDLE: "75s", CURFEW_WARNING: "25s" });
  const other = await openOther(context, `${demo.url}/react`);
  await noteStates(other);
  const { sid } = await statusOf(page);
  await page.bringToFront();
  await page.evaluate(() => document.querySelector<HTMLFormElement>("form.who")?.submit());
  await page.waitForURL(/\/login/);
  await expect(dialog(other)).toContainText(/signed (you )?out/i);
  expect((await toldAt(other, "ended")) - (await endOf(demo.url, sid))).toBeLessThan(paced(2_000));
  await expect(dialog(page)).toBeHidden();
});

test("a new sign-in of the same person uncovers the other tab where it was", async ({
  context,
  page,
  openSignedIn,
}) => {
  const demo = await openSignedIn({ CURFEW_IDLE: "75s", CURFEW_WARNING: "25s" });
  const other = await openOther(context, demo.url);
  await other.getByTestId("note-1").fill("half a thought");
  await page.bringToFront();
  await page.getByTestId("sign-out").click();
  await expect(dialog(other)).toBeVisible();
  await page.waitForURL(/\/login/);
  await signIn(page, demo.url);
  await expect(dialog(other)).toBeHidden();
  await expect(other.getByTestId("note-1")).toHaveValue("half a thought");
});

test("a step-up in one tab is not noticed in the other, which goes on and extends", async ({
  context,
  page,
  openSignedIn,
}) => {
  const demo = await openSignedIn({ CURFEW_IDLE: "20s", CURFEW_WARNING: "5s", CURFEW_FRESH: "1ms" });
  const other = await context.newPage();
  await other.goto(demo.url);
  await expect(other.getByTestId("state")).toHaveText("active");
  const states: string[] = [];
  await other.exposeFunction("noteState", (text: string) => states.push(text));
  await other.evaluate(() => {
    const state = document.querySelector("[data-testid=state]");
    const note = () => Reflect.get(window, "noteState")(state?.textContent ?? "");
    new MutationObserver(note).observe(state as Element, {
      childList: true,
      characterData: true,
      subtree: true,
    });
  });
  const before = await statusOf(page);
  const failures: string[] = [];
  other.on("response", (answer) => {
    if (answer.url().includes("/curfew/") && answer.status() >= 400)
      failures.push(`${answer.status()} ${answer.url()}`);
  });

  await page.bringToFront();
  await page.getByTestId("transfer").click();
  await page.getByTestId("reauth-password").fill("demo");
  await page.getByTestId("reauth").click();
  await expect
    .poll(async () => (await statusOf(page)).authenticatedAt)
    .toBeGreaterThan(before.authenticatedAt);
  const after = await statusOf(page);
  expect(after).toMatchObject({ sid: before.sid, key: before.key });
  expect(after.nonce).not.toBe(before.nonce);

  await other.bringToFront();
  await other.mouse.move(200, 200);
  await other.mouse.move(260, 220);
  await expect.poll(async () => (await statusOf(other)).lastActiveAt).toBeGreaterThan(after.lastActiveAt);
  await expect(other.getByTestId("state")).toHaveText("active");
  expect(states.filter((text) => text !== "active")).toEqual([]);
  expect(failures).toEqual([]);
});
