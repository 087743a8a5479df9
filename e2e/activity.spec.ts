import { dialog, expect, paced, SHORT, signIn, statusOf, stayActive, test } from "./fixtures.js";

test("typing and moving the mouse keep a 4 s session alive for 20 s, and the deadline follows the last input", async ({
  page,
  openDemo,
}) => {
  const demo = await openDemo();
  await signIn(page, demo.url);
  const { sid } = await statusOf(page);
  const { earliest, latest } = await stayActive(page, Date.now() + paced(20_000));
  await expect
    .poll(async () => (await statusOf(page)).lastActiveAt)
    .toBeGreaterThanOrEqual(earliest - paced(100));
  const status = await statusOf(page);
  expect(status).toMatchObject({ status: "active", sid });
  expect(status.idleExpiresAt).toBe(status.lastActiveAt + paced(4_000));
  expect(status.lastActiveAt).toBeLessThanOrEqual(latest + paced(100));
});

test("with only the poller running, the warning opens and the session ends at its deadline", async ({
  page,
  openDemo,
}) => {
  const demo = await openDemo();
  await signIn(page, demo.url);
  await page.mouse.move(300, 300);
  await page.mouse.move(320, 310);
  const refused = page.waitForResponse(
    (answer) => answer.url().endsWith("/api/notes") && answer.status() === 401,
  );
  await expect(dialog(page)).toBeVisible();
  const { expiresAt, lastActiveAt } = await statusOf(page);
  const answer = await refused;
  expect(Date.now()).toBeGreaterThanOrEqual(expiresAt);
  expect(await answer.json()).toMatchObject({
    type: "urn:curfew:session-ended",
    reason: "idle",
    endedAt: expiresAt,
  });
  expect(expiresAt).toBe(lastActiveAt + paced(4_000));
  await expect(dialog(page)).toContainText("We signed you out");
  await expect(page.getByTestId("note-1")).not.toBeVisible();
  const trail = await (await fetch(`${demo.url}/audit`, { headers: { accept: "application/json" } })).json();
  expect(trail).toContainEqual(expect.objectContaining({ type: "session_expired", reason: "idle" }));
});

const SCRIPTED: Readonly<Record<string, () => void>> = {
  "events that a script makes": () => {
    setInterval(() => {
      for (const type of ["pointermove", "pointerdown", "keydown", "wheel", "touchstart", "click", "input"])
        document.body.dispatchEvent(new Event(type, { bubbles: true, composed: true }));
      document.body.dispatchEvent(
        new MouseEvent("pointermove", { bubbles: true, screenX: Math.random() * 500 }),
      );
    }, 50);
  },
  "element.click()": () => {
    setInterval(() => document.querySelector<HTMLElement>("h1")?.click(), 50);
  },
  "focus() and scrollTo()": () => {
    setInterval(() => {
      document.querySelector<HTMLElement>("textarea")?.focus();
      document.querySelector<HTMLElement>("textarea")?.blur();
      scrollTo(0, Math.random() * 500);
    }, 50);
  },
  "a re-render under a resting mouse": () => {
    setInterval(() => {
      const main = document.querySelector<HTMLElement>("main");
      const copy = main?.cloneNode(true);
      if (main && copy) main.replaceWith(copy);
      document.documentElement.style.setProperty("padding-top", `${Math.random() * 30}px`);
    }, 50);
  },
  "requests of every kind": () => {
    setInterval(() => {
      void fetch("/api/notes");
      void fetch("/curfew/session", { headers: { "X-Activity": "1" } });
      navigator.sendBeacon("/api/notes");
    }, 200);
  },
};

for (const [name, script] of Object.entries(SCRIPTED)) {
  test(`${name} extend nothing`, async ({ page, openDemo }) => {
    const demo = await openDemo();
    await signIn(page, demo.url);
    await page.mouse.move(300, 300);
    await page.mouse.move(310, 300);
    const lastInputAt = Date.now();
    await page.evaluate(script);
    await expect.poll(async () => Date.now() - (await statusOf(page)).lastActiveAt).toBeGreaterThan(1_200);
    const { expiresAt, lastActiveAt } = await statusOf(page);
    expect(lastActiveAt).toBeLessThanOrEqual(lastInputAt + paced(100));
    await expect.poll(async () => statusOf(page)).toMatchObject({ reason: "idle", endedAt: expiresAt });
  });
}

test("constant input ends at the absolute timeout", async ({ page, openDemo }) => {
  const demo = await openDemo({ ...SHORT, CURFEW_ABSOLUTE: "9s" });
  await signIn(page, demo.url);
  const { absoluteExpiresAt } = await statusOf(page);
  await stayActive(page, absoluteExpiresAt - paced(2_500));
  while (Date.now() < absoluteExpiresAt) await page.mouse.move(Date.now() % 300, 200);
  await expect.poll(() => statusOf(page)).toMatchObject({ reason: "absolute", endedAt: absoluteExpiresAt });
  await expect(dialog(page)).toContainText("We signed you out");
});

test("with the client's script blocked the server ends the session on time, whatever the person does", async ({
  page,
  context,
  openDemo,
}) => {
  const demo = await openDemo();
  await context.route("**/curfew/curfew.js", (route) => route.abort());
  await page.goto(`${demo.url}/login`);
  await page.getByLabel(/name/i).fill("ann");
  await page.getByLabel(/password/i).fill("demo");
  await page.getByRole("button", { name: /sign in/i }).click();
  await page.waitForURL(`${demo.url}/`);
  const { expiresAt, startedAt } = (await statusOf(page)) as Awaited<ReturnType<typeof statusOf>> & {
    startedAt: number;
  };
  expect(expiresAt).toBe(startedAt + paced(4_000));
  while (Date.now() < expiresAt) {
    await page.mouse.move(Date.now() % 300, 200);
    const status = await statusOf(page);
    if (status.status === "active") expect(status.expiresAt).toBe(expiresAt);
  }
  expect(await statusOf(page)).toMatchObject({ reason: "idle", endedAt: expiresAt });
  const guarded = await page.evaluate(async () => (await fetch("/api/notes")).status);
  expect(guarded).toBe(401);
});
