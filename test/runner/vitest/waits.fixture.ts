import { expect, test } from "vitest";

test("is quick", () => {
  expect(1).toBe(1);
});

test("waits", { timeout: 600_000 }, async () => {
  await new Promise((resolve) => setTimeout(resolve, 600_000));
});
