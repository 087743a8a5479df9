/** Forged messages between the tabs: what a person sees follows the server all the same. */
import type { BrowserContext, Page } from "@playwright/test";
import { dialog, expect, paced, signIn, test } from "./fixtures.js";
import { forge, NOW } from "./support/tabs-channel.js";
import {
  beActive,
  countOf,
  late,
  moveMouse,
  noteAnswers,
  noteStates,
  serverView,
  toldAt,
  until,
} from "./support/tabs-server.js";

/** The person's page and, in the same browser, one with a hostile script of the same origin. */
async function openBoth(context: BrowserContext, page: Page, url: string): Promise<Page> {
  await context.route(/\/(api\/notes|audit)\b/, (route) => route.abort());
  await signIn(page, url);
  await expect(page.getByTestId("state")).toHaveText("active");
  const hostile = await context.newPage();
  await hostile.goto(`${url}/assets/demo.css`);
  return hostile;
}

test("forged messages of every kind change nothing that a person sees, and make no storm of questions", async ({
  context,
  page,
  openDemo,
}) => {
  const demo = await openDemo({ CURFEW_IDLE: "75s", CURFEW_WARNING: "25s" });
  const hostile = await openBoth(context, page, demo.url);
  const ask = await serverView(page);
  const { sid, idleExpiresAt } = await beActive(page, ask);
  await page.bringToFront();
  const answers = noteAnswers(page);
  const errors: string[] = [];
  page.on("pageerror", ({ message }) => errors.push(message));
  await page.evaluate(() => {
    const seen: string[] = [];
    Reflect.set(window, "seen", seen);
    const state = document.querySelector("[data-testid=state]");
    const note = () => seen.push(`${state?.textContent} ${document.adoptedStyleSheets.length}`);
    new MutationObserver(note).observe(document.body, {
      childList: true,
      characterData: true,
      subtree: true,
    });
  });
  const day = 86_400_000;
  const forgeries = [
    { type: "active", sid, now: Date.now() + day, activeAt: Date.now() + day },
    { type: "active", sid, now: Number.MAX_SAFE_INTEGER, activeAt: Number.MAX_SAFE_INTEGER },
    { type: "active", sid, now: Date.now() - day, activeAt: Date.now() - day },
    { type: "active", sid, now: 0, activeAt: 0 },
    { type: "active", sid: "not-this-one", now: Date.now(), activeAt: Date.now() },
    { type: "active", sid, now: "soon", activeAt: null },
    { type: "ended", sid, reason: "revoked" },
    { type: "ended", sid, reason: "idle" },
    { type: "ended", sid, reason: "<img src=x onerror=alert(1)>" },
    { type: "ended", sid: "not-this-one", reason: "idle" },
    { type: "absent" },
    { type: "hello", sid: "not-this-one" },
    { type: "hello", sid: null },
    { type: "status", sid, status: "ended" },
    null,
    7,
    "ended",
    [],
    { deeply: { nested: ["garbage", { sid }] } },
  ];
  const startedAt = Date.now();
  await forge(hostile, forgeries, { times: 400, interval: 10 });
  await until(startedAt + paced(6_000));
  expect(countOf(answers, "session")).toBeGreaterThan(0);
  expect(countOf(answers, "session")).toBeLessThanOrEqual(5);
  expect(countOf(answers, "heartbeat")).toBe(0);
  const seen = await page.evaluate<string[]>(() => Reflect.get(window, "seen"));
  expect(new Set(seen.map((text) => text.split(" ")[0]))).toEqual(new Set(seen.length > 0 ? ["active"] : []));
  await expect(dialog(page)).toBeHidden();
  expect(errors).toEqual([]);
  expect((await ask()).idleExpiresAt).toBe(idleExpiresAt);
});

test("a flood of forged activity delays neither the warning nor the end", async ({
  context,
  page,
  openDemo,
}) => {
  const demo = await openDemo({ CURFEW_IDLE: "8s", CURFEW_WARNING: "4s" });
  const hostile = await openBoth(context, page, demo.url);
  const ask = await serverView(page);
  const { sid, expiresAt } = await beActive(page, ask);
  const answers = noteAnswers(page);
  await noteStates(page);
  await forge(hostile, [{ type: "active", sid, now: NOW, activeAt: NOW }], { times: 4_000, interval: 1 });
  await expect(dialog(page)).toBeVisible();
  await expect(page.getByTestId("state")).toHaveText("ended");
  expect(Math.abs((await toldAt(page, "warning")) - (expiresAt - paced(4_000)))).toBeLessThan(late());
  expect(Math.abs((await toldAt(page, "ended")) - expiresAt)).toBeLessThan(late());
  expect(await ask()).toMatchObject({ reason: "idle", endedAt: expiresAt });
  // Of 4,000 messages; how many exactly goes by how long the page takes to read them.
  expect(countOf(answers, "session")).toBeLessThanOrEqual(20);
});

test("a flood of forged activity does not keep a person's input from the server", async ({
  context,
  page,
  openDemo,
}) => {
  const demo = await openDemo({ CURFEW_IDLE: "6s", CURFEW_WARNING: "3s", CURFEW_HEARTBEAT: "500ms" });
  const hostile = await openBoth(context, page, demo.url);
  const ask = await serverView(page);
  const { sid } = await beActive(page, ask);
  await page.bringToFront();
  const warned: string[] = [];
  await page.exposeFunction("noteWarning", () => warned.push("warning"));
  await page.evaluate(() => {
    Reflect.get(globalThis, "Curfew").session.on("warning", () => void Reflect.get(window, "noteWarning")());
  });
  const end = Date.now() + paced(12_000);
  await forge(hostile, [{ type: "active", sid, now: NOW, activeAt: NOW }], { times: 1_200, interval: 10 });
  while (Date.now() < end) {
    await moveMouse(page);
    await until(Date.now() + paced(200));
  }
  expect(warned).toEqual([]);
  expect((await ask()).status).toBe("active");
});
