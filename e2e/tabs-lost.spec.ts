/** Tabs that crash, hang, close or open at a bad moment: no tab needs another, so none can hold another up. */
import type { BrowserContext, Page } from "@playwright/test";
import { dialog, expect, paced, signIn, test } from "./fixtures.js";
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

/** `chrome://crash` is Chromium's own. */
const CRASHES = { tag: "@chromium" };

async function openTwo(context: BrowserContext, url: string): Promise<[Page, Page]> {
  await context.route(/\/(api\/notes|audit)\b/, (route) => route.abort());
  const one = await context.newPage();
  await signIn(one, url);
  const other = await context.newPage();
  await other.goto(url);
  for (const page of [one, other]) await expect(page.getByTestId("state")).toHaveText("active");
  return [one, other];
}

test(
  "a tab that crashes while it is active leaves the other one working: it warns and ends on time",
  CRASHES,
  async ({ context, openDemo }) => {
    const demo = await openDemo({ CURFEW_IDLE: "6s", CURFEW_WARNING: "3s" });
    const [doomed, survivor] = await openTwo(context, demo.url);
    const ask = await serverView(survivor);
    await moveMouse(doomed);
    await noteStates(survivor);
    const { expiresAt } = await beActive(doomed, ask);
    const crashed = doomed.waitForEvent("crash");
    await Promise.all([crashed, doomed.goto("chrome://crash").catch(() => null)]);
    await expect(dialog(survivor)).toBeVisible();
    await expect(survivor.getByTestId("state")).toHaveText("ended");
    expect((await toldAt(survivor, "ended")) - expiresAt).toBeLessThan(late());
    expect(await ask()).toMatchObject({ reason: "idle", endedAt: expiresAt });
  },
);

test(
  "a tab that crashes in the middle of a heartbeat does not keep the other one from sending its own",
  CRASHES,
  async ({ context, openDemo }) => {
    const demo = await openDemo({ CURFEW_IDLE: "20s", CURFEW_WARNING: "5s", CURFEW_HEARTBEAT: "200ms" });
    const [doomed, survivor] = await openTwo(context, demo.url);
    const ask = await serverView(survivor);
    await beActive(doomed, ask);
    // It never gets an answer, so it holds the lock when it crashes.
    const held = new Promise<void>((resolve) => {
      void doomed.route("**/curfew/heartbeat", () => resolve());
    });
    await moveMouse(doomed);
    await held;
    const crashed = doomed.waitForEvent("crash");
    await Promise.all([crashed, doomed.goto("chrome://crash").catch(() => null)]);
    const startedAt = Date.now();
    await beActive(survivor, ask);
    expect(Date.now() - startedAt).toBeLessThan(paced(4_000));
  },
);

/** From `hangs` on the page's script waits for an answer, and no timer and no input of it goes on, until it is let go. */
async function hang(page: Page): Promise<{ readonly hangs: Promise<void>; letGo(): void }> {
  let letGo = () => {};
  const released = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let tell = () => {};
  const hangs = new Promise<void>((resolve) => {
    tell = resolve;
  });
  await page.route("**/hang", async (route) => {
    tell();
    await released;
    await route.fulfill({ body: "" });
  });
  await page.evaluate(() => {
    setTimeout(() => {
      const request = new XMLHttpRequest();
      request.open("GET", "/hang", false);
      request.send();
    }, 0);
  });
  return { hangs, letGo };
}

test("a tab whose main thread hangs while others open and work holds nothing up", async ({
  context,
  openDemo,
}) => {
  const demo = await openDemo({ CURFEW_IDLE: "20s", CURFEW_WARNING: "5s", CURFEW_HEARTBEAT: "200ms" });
  const [hung, other] = await openTwo(context, demo.url);
  const ask = await serverView(other);
  await beActive(hung, ask);
  const { hangs, letGo } = await hang(hung);
  await hangs;
  await beActive(other, ask);
  await beActive(other, ask);
  letGo();
  await expect
    .poll(async () => (await hung.getByTestId("idle-deadline").getAttribute("data-ms")) ?? "")
    .toBe(String((await ask()).idleExpiresAt));
});

test("a tab that closes in the middle of its heartbeat loses nothing and blocks nobody", async ({
  context,
  openDemo,
}) => {
  const demo = await openDemo({ CURFEW_IDLE: "20s", CURFEW_WARNING: "5s", CURFEW_HEARTBEAT: "200ms" });
  const [closing, other] = await openTwo(context, demo.url);
  const ask = await serverView(other);
  await beActive(closing, ask);
  const sent = closing.waitForRequest("**/curfew/heartbeat");
  await until(Date.now() + paced(300));
  const movedAt = Date.now();
  await moveMouse(closing);
  await sent;
  await closing.close();
  await expect.poll(async () => (await ask()).lastActiveAt).toBeGreaterThan(movedAt - paced(200));
  await beActive(other, ask);
});

test("a tab that opens during a warning shows it at once, and its opening is no activity", async ({
  context,
  openDemo,
}) => {
  const demo = await openDemo({ CURFEW_IDLE: "20s", CURFEW_WARNING: "12s" });
  const [one] = await openTwo(context, demo.url);
  const ask = await serverView(one);
  const before = await beActive(one, ask);
  await expect(dialog(one)).toBeVisible();
  const answers = noteAnswers(context);
  const late = await context.newPage();
  await late.goto(demo.url);
  await expect(dialog(late)).toBeVisible();
  for (let step = 0; step < 4; step++) await moveMouse(late);
  await until(Date.now() + paced(700));
  expect(countOf(answers, "heartbeat")).toBe(0);
  expect(await ask()).toMatchObject({ lastActiveAt: before.lastActiveAt, expiresAt: before.expiresAt });
  await expect(dialog(one)).toBeVisible();
});

test("another person's session in the same browser: the first one's tab reloads, shows nothing of theirs and counts for nobody", async ({
  context,
  openDemo,
}) => {
  const demo = await openDemo({ CURFEW_IDLE: "75s", CURFEW_WARNING: "25s", CURFEW_HEARTBEAT: "200ms" });
  const anns = await context.newPage();
  await signIn(anns, demo.url, "ann");
  const secret = "seen by ann alone";
  await anns.getByTestId("note-1").fill(secret);
  await expect(anns.getByTestId("save-status")).toContainText("saved");
  const bobs = await context.newPage();
  await bobs.goto(demo.url);
  await expect(bobs.getByTestId("state")).toHaveText("active");
  const shown: string[] = [];
  await anns.exposeFunction("noteShown", (text: string) => shown.push(text));
  await anns.addInitScript(() => {
    const look = () => {
      const note = document.querySelector<HTMLTextAreaElement>("[data-testid=note-1]");
      const subject = document.querySelector("[data-testid=subject]")?.textContent ?? "";
      if (note?.checkVisibility({ visibilityProperty: true }))
        void Reflect.get(window, "noteShown")(`${subject}: ${note.value}`);
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  await bobs.getByTestId("sign-out").click();
  await expect(anns.getByTestId("state")).toHaveText("ended");
  await bobs.waitForURL(/\/login/);
  await signIn(bobs, demo.url, "bob");
  await expect(anns.getByTestId("subject")).toHaveText("bob");
  await expect(anns.getByTestId("note-1")).not.toHaveValue(secret);
  expect(shown.filter((text) => text.startsWith("bob") && text.includes(secret))).toEqual([]);
  const ask = await serverView(bobs);
  await moveMouse(anns);
  const before = await ask();
  await beActive(anns, ask);
  expect((await ask()).sid).toBe(before.sid);
});

test("input in the first person's window does not count for the second one, even where no message comes through", async ({
  context,
  openDemo,
}) => {
  const demo = await openDemo({ CURFEW_IDLE: "75s", CURFEW_WARNING: "25s", CURFEW_HEARTBEAT: "200ms" });
  // No channel and no stream: the tab of the first person hears of nothing.
  await context.addInitScript(() => Reflect.deleteProperty(window, "BroadcastChannel"));
  await context.route(/\/(api\/notes|audit|curfew\/events)\b/, (route) => route.abort());
  const anns = await context.newPage();
  await signIn(anns, demo.url, "ann");
  await expect(anns.getByTestId("state")).toHaveText("active");
  const { sid } = await (await serverView(anns))();
  await moveMouse(anns);
  const bobs = await context.newPage();
  await signIn(bobs, demo.url, "bob");
  const ask = await serverView(bobs);
  const before = await ask();
  expect(before.sid).not.toBe(sid);
  const answers = noteAnswers(anns);
  const reloaded = anns.waitForEvent("load");
  for (let step = 0; step < 3; step++) await moveMouse(anns);
  await reloaded;
  expect(answers.filter(({ call, status }) => call === "heartbeat" && status === 200)).toEqual([]);
  await expect(anns.getByTestId("subject")).toHaveText("bob");
});

test("an end reaches every tab once, whichever of them hears of it first", async ({ context, openDemo }) => {
  const demo = await openDemo({ CURFEW_IDLE: "9s", CURFEW_WARNING: "3s" });
  const [one, other] = await openTwo(context, demo.url);
  const answers = noteAnswers(context);
  await expect(one.getByTestId("state")).toHaveText("ended");
  await expect(other.getByTestId("state")).toHaveText("ended");
  expect(answers.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(4);
});
