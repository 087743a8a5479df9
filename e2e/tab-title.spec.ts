import { expect, signIn } from "./fixtures.js";
import { test } from "./real-tabs.js";

test("a hidden tab says in its title that time is running out and that it is over; a shown one has its own title", async ({
  tabs,
  openDemo,
}) => {
  const demo = await openDemo({ CURFEW_IDLE: "14s", CURFEW_WARNING: "10s" });
  const page = await tabs.newPage();
  await signIn(page, demo.url);
  const own = await page.title();
  const front = await tabs.newPage();
  await front.goto(`${demo.url}/assets/demo.css`);
  await front.bringToFront();
  await expect.poll(() => page.title()).toMatch(/^Less than \d+ (seconds|minutes) left – /);
  await page.bringToFront();
  await expect.poll(() => page.title()).toBe(own);
  await front.bringToFront();
  await expect.poll(() => page.title()).toMatch(/^Signed out – 127\.0\.0\.1:\d+$/);
});
