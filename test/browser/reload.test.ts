import { beforeEach, expect, test } from "vitest";
import { createReload } from "../../src/browser/page/reload.js";
import { FakeClock } from "./fake-clock.js";

let clock: FakeClock;
let loads: number;
let page: ReturnType<typeof createReload>;
beforeEach(() => {
  clock = new FakeClock();
  loads = 0;
  page = createReload(clock, () => void loads++);
});

test("a page is loaded anew at once", () => {
  page.reload();
  expect(loads).toBe(1);
});

test("a form that was just sent has five seconds to lead elsewhere, however often the page is to be loaded anew", async () => {
  page.noteSent();
  await clock.advance(1000);
  page.reload();
  await clock.advance(1000);
  page.reload();
  await clock.advance(2999);
  expect(loads).toBe(0);
  await clock.advance(1);
  expect(loads).toBe(1);
  await clock.advance(20_000);
  expect(loads).toBe(1);
});

test("a form that was sent long ago holds nothing up", async () => {
  page.noteSent();
  await clock.advance(5000);
  page.reload();
  expect(loads).toBe(1);
});
