import { paced, wait } from "../fixtures.js";
import { dialogText, expect, ROOMY, SHORT, signIn, statusOf, test } from "./fixtures.js";

test("real keys and a real mouse keep a 4 s session alive for 12 s", async ({ webkit, openDemo }) => {
  const { url } = await openDemo(SHORT);
  await signIn(webkit, url);
  const { sid } = await statusOf(webkit, url);
  await webkit.click(await webkit.find("[data-testid=note-1]"));
  const until = Date.now() + paced(12_000);
  let lastAt = 0;
  for (let step = 0; Date.now() < until; step++) {
    lastAt = Date.now();
    if (step % 2 === 0) await webkit.press("a");
    else await webkit.moveTo(200 + (step % 20) * 5, 300);
    await wait(paced(250));
  }
  await expect
    .poll(async () => (await statusOf(webkit, url)).lastActiveAt)
    .toBeGreaterThanOrEqual(lastAt - paced(200));
  const status = await statusOf(webkit, url);
  expect(status).toMatchObject({ status: "active", sid });
  expect(status.idleExpiresAt).toBe(status.lastActiveAt + paced(4_000));
});

test("a script's events extend nothing, and the session ends at its deadline", async ({
  webkit,
  openDemo,
}) => {
  const { url } = await openDemo(SHORT);
  await signIn(webkit, url);
  await webkit.run(`
    let x = 0;
    setInterval(() => {
      for (const type of ["pointermove", "keydown", "click", "wheel", "input", "touchstart"])
        document.body.dispatchEvent(new Event(type, { bubbles: true, composed: true }));
      document.body.dispatchEvent(new MouseEvent("pointermove", { bubbles: true, screenX: x++ }));
      document.querySelector("h1")?.click();
    }, 50);`);
  const { expiresAt } = await statusOf(webkit, url);
  await expect.poll(() => statusOf(webkit, url)).toMatchObject({ reason: "idle", endedAt: expiresAt });
});

test("a minimized window is hidden, and back in sight after the deadline it shows the end before any input counts", async ({
  webkit,
  openDemo,
}) => {
  const { url } = await openDemo(SHORT);
  await signIn(webkit, url);
  await webkit.click(await webkit.find("[data-testid=note-1]"));
  await webkit.minimize();
  expect(await webkit.run("return document.visibilityState;")).toBe("hidden");
  await expect.poll(() => statusOf(webkit, url)).toMatchObject({ reason: "idle" });
  const { endedAt } = await statusOf(webkit, url);
  await webkit.restore();
  await webkit.moveTo(300, 300);
  await webkit.press("a");
  await expect.poll(() => dialogText(webkit)).toContain("We signed you out");
  expect(await webkit.run("return document.visibilityState;")).toBe("visible");
  expect(await statusOf(webkit, url)).toMatchObject({ reason: "idle", endedAt });
});

test("a minimized window reports the last input, and its session goes on when it is back in time", async ({
  webkit,
  openDemo,
}) => {
  const { url } = await openDemo(ROOMY);
  await signIn(webkit, url);
  const before = await statusOf(webkit, url);
  await expect.poll(() => Date.now()).toBeGreaterThan(before.now + paced(1_500));
  const typedAt = Date.now();
  await webkit.click(await webkit.find("[data-testid=note-1]"));
  await webkit.press("a");
  await webkit.minimize();
  await expect
    .poll(async () => (await statusOf(webkit, url)).lastActiveAt)
    .toBeGreaterThanOrEqual(typedAt - paced(200));
  await webkit.restore();
  const movedAt = Date.now();
  await webkit.moveTo(300, 300);
  await webkit.moveTo(340, 310);
  await expect
    .poll(async () => (await statusOf(webkit, url)).lastActiveAt)
    .toBeGreaterThanOrEqual(movedAt - paced(200));
});
