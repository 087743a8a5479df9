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
