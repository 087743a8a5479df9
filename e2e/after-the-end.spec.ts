import type { Page } from "@playwright/test";
import { expect, paced, SHORT, signIn, statusOf } from "./fixtures.js";
import { test } from "./real-tabs.js";

const SECRET = "the combination is 4711";

/** Signs in, writes something worth protecting, and waits until the server has it. */
async function writeSecret(page: Page, url: string): Promise<void> {
  await signIn(page, url);
  await page.getByTestId("note-1").fill(SECRET);
  await expect
    .poll(() => page.evaluate(async () => JSON.stringify(await (await fetch("/api/notes")).json())))
    .toContain(SECRET);
}

/** Everything that a person could see or a reader could read now. */
async function shown(page: Page): Promise<string> {
  const values = await page.evaluate(() => {
    const seen = (element: Element) => element.checkVisibility({ visibilityProperty: true });
    const fields = [...document.querySelectorAll<HTMLTextAreaElement>("textarea, input")].filter(seen);
    return [document.body.innerText, ...fields.map(({ value }) => value)].join("\n");
  });
  return `${page.url()}\n${values}`;
}

test("a reload after the end shows the sign-in page and nothing of before", async ({ tabs, openDemo }) => {
  const demo = await openDemo(SHORT);
  const page = await tabs.newPage();
  await writeSecret(page, demo.url);
  await expect.poll(() => statusOf(page)).toMatchObject({ reason: "idle" });
  await page.reload();
  expect(page.url()).toMatch(/\/login/);
  expect(await shown(page)).not.toContain(SECRET);
});

test("the back button after a sign-out shows nothing of before, with pages kept by the browser", async ({
  tabs,
  openDemo,
}) => {
  const demo = await openDemo({ CURFEW_IDLE: "75s", CURFEW_WARNING: "25s" });
  const page = await tabs.newPage();
  await writeSecret(page, demo.url);
  await page.getByTestId("sign-out").click();
  await page.waitForURL(/\/login/);
  await page.goto(`${demo.url}/audit`);
  for (let step = 0; step < 3; step++) {
    await goBack(page);
    expect(await shown(page)).not.toContain(SECRET);
  }
});

test("the back button after an idle end elsewhere shows nothing of before, not even for a frame", async ({
  tabs,
  openDemo,
}) => {
  const demo = await openDemo(SHORT);
  const page = await tabs.newPage();
  await writeSecret(page, demo.url);
  await page.evaluate(recordEveryFrame);
  const { expiresAt } = await statusOf(page);
  await page.goto(`${demo.url}/audit`);
  await expect.poll(() => Date.now()).toBeGreaterThan(expiresAt + paced(500));
  await goBack(page);
  await expect.poll(() => shown(page)).not.toContain(SECRET);
  const frames = await page.evaluate(
    () => (window as { framesAfterReturn?: string[] }).framesAfterReturn ?? [],
  );
  expect(frames.filter((text) => text.includes(SECRET))).toEqual([]);
});

/** If the page comes back from the browser's keeping, notes what each painted frame shows. */
function recordEveryFrame(): void {
  const frames: string[] = [];
  Object.assign(window, { framesAfterReturn: frames });
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    const note = document.querySelector<HTMLTextAreaElement>("[data-testid=note-1]");
    const look = () => {
      if (note?.checkVisibility({ visibilityProperty: true })) frames.push(note.value);
      if (frames.length < 200) requestAnimationFrame(look);
    };
    look();
  });
}

/** One step back, if there is one. From inside the page: the test tool's own goBack() waits for a load that a kept page never has. */
async function goBack(page: Page): Promise<void> {
  const arrived = page.waitForEvent("framenavigated", { timeout: paced(3_000) }).catch(() => null);
  await page.evaluate(() => void setTimeout(() => history.back(), 0));
  await arrived;
  await expect.poll(() => page.evaluate(() => document.readyState)).toBe("complete");
}
