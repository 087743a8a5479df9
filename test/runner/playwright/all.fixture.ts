import { expect, test } from "@playwright/test";

test.describe("a group", () => {
  test("passes", () => {
    expect(1).toBe(1);
  });
});

test("fails", () => {
  expect(1).toBe(2);
});

test("passes when tried again", () => {
  expect(test.info().retry).toBe(1);
});

test("crashes", () => {
  process.kill(process.pid, "SIGKILL");
});

test("never lets go", () => {
  for (;;);
});

test("passes as well", () => {
  expect(2).toBe(2);
});

test("goes on step by step", async () => {
  const period = Number(process.env.FIXTURE_SILENCE) / 2;
  test.setTimeout(20 * period);
  for (let step = 0; step < 3; step++)
    await test.step(`step ${step}`, () => new Promise((resolve) => setTimeout(resolve, period)));
});
