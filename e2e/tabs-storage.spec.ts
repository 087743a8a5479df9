/** Browsers that refuse, lack or break what tabs share: storage, locks, the channel. The session works on, in memory. */
import type { Page } from "@playwright/test";
import { dialog, expect, expectAnswerable, paced, signIn, test } from "./fixtures.js";
import { beActive, moveMouse, noteAnswers, serverView, until } from "./support/tabs-server.js";

type Breakage = () => void;

const BREAKAGES: Readonly<Record<string, Breakage>> = {
  "localStorage throws": () => {
    Object.defineProperty(window, "localStorage", {
      get() {
        throw new DOMException("refused", "SecurityError");
      },
    });
  },
  "indexedDB.open throws": () => {
    IDBFactory.prototype.open = () => {
      throw new DOMException("refused", "SecurityError");
    };
  },
  "indexedDB.open fails": () => {
    IDBFactory.prototype.open = () => {
      const request = new EventTarget();
      setTimeout(() => {
        Object.assign(request, { error: new DOMException("refused", "UnknownError") });
        Reflect.get(request, "onerror")?.(new Event("error"));
      }, 0);
      return request as IDBOpenDBRequest;
    };
  },
  "indexedDB is undefined": () => {
    Object.defineProperty(window, "indexedDB", { value: undefined });
  },
  "navigator.locks is missing": () => {
    Object.defineProperty(Navigator.prototype, "locks", { value: undefined });
  },
  "BroadcastChannel is missing": () => {
    Reflect.deleteProperty(window, "BroadcastChannel");
  },
  "all of it is missing at once": () => {
    Object.defineProperty(window, "indexedDB", { value: undefined });
    Object.defineProperty(window, "localStorage", { value: undefined });
    Object.defineProperty(Navigator.prototype, "locks", { value: undefined });
    Reflect.deleteProperty(window, "BroadcastChannel");
  },
};

const SETTINGS = { CURFEW_IDLE: "5s", CURFEW_WARNING: "3s", CURFEW_HEARTBEAT: "200ms" };

async function stay(page: Page): Promise<void> {
  await expectAnswerable(page);
  await page.getByRole("button", { name: "Stay signed in" }).click();
  await expect(dialog(page)).toBeHidden();
}

for (const [name, breakIt] of Object.entries(BREAKAGES))
  test(`where ${name}, input counts, the warning can be answered and the end comes on time`, async ({
    context,
    page,
    openDemo,
  }) => {
    await context.addInitScript(breakIt);
    const errors: string[] = [];
    page.on("pageerror", ({ message }) => errors.push(message));
    const demo = await openDemo(SETTINGS);
    await signIn(page, demo.url);
    await expect(page.getByTestId("state")).toHaveText("active");
    const ask = await serverView(page);
    const before = await beActive(page, ask);
    await stay(page);
    const after = await ask();
    expect(after.lastActiveAt).toBeGreaterThan(before.lastActiveAt);
    await expect(page.getByTestId("state")).toHaveText("ended");
    expect(await ask()).toMatchObject({ reason: "idle", endedAt: after.expiresAt });
    expect(errors).toEqual([]);
  });

test("where indexedDB hangs, the wait is bounded and the session works on in memory", async ({
  context,
  page,
  openDemo,
}) => {
  await context.addInitScript(() => {
    IDBFactory.prototype.open = () => new EventTarget() as IDBOpenDBRequest;
  });
  const demo = await openDemo({ CURFEW_IDLE: "24s", CURFEW_WARNING: "12s", CURFEW_HEARTBEAT: "1s" });
  const startedAt = Date.now();
  await signIn(page, demo.url);
  expect(Date.now() - startedAt).toBeLessThan(paced(15_000));
  await expect(page.getByTestId("state")).toHaveText("active");
  const ask = await serverView(page);
  const before = await ask();
  for (let step = 0; step < 3; step++) await moveMouse(page);
  await expect.poll(async () => (await ask()).lastActiveAt).toBeGreaterThan(before.lastActiveAt);
  const states = await page.evaluate(() => Reflect.get(globalThis, "Curfew").session.state.keyStore);
  expect(states).toBe("memory");
  await stay(page);
});

test("two tabs without locks and without a channel still find out what the other has done", async ({
  context,
  page,
  openDemo,
}) => {
  await context.addInitScript(() => {
    Object.defineProperty(Navigator.prototype, "locks", { value: undefined });
    Reflect.deleteProperty(window, "BroadcastChannel");
  });
  await context.route(/\/(api\/notes|audit)\b/, (route) => route.abort());
  const demo = await openDemo({ CURFEW_IDLE: "8s", CURFEW_WARNING: "4s", CURFEW_HEARTBEAT: "200ms" });
  await signIn(page, demo.url);
  const other = await context.newPage();
  await other.goto(demo.url);
  await expect(other.getByTestId("state")).toHaveText("active");
  await page.bringToFront();
  const ask = await serverView(page);
  const answers = noteAnswers(context);
  const end = (await ask()).expiresAt + paced(1_000);
  while (Date.now() < end) {
    await moveMouse(page);
    await until(Date.now() + paced(200));
  }
  expect((await ask()).status).toBe("active");
  await expect(other.getByTestId("state")).toHaveText("active");
  await expect(dialog(other)).toBeHidden();
  expect(answers.filter(({ status }) => status === 401)).toEqual([]);
});
