import { expect, test } from "vitest";

test("before the crash", () => {
  expect(1).toBe(1);
});

test("crashes", async () => {
  process.kill(process.pid, "SIGKILL");
  await new Promise(() => {});
});
