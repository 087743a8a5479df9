import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";

test("before it hangs", () => {
  expect(1).toBe(1);
});

test("never lets go", () => {
  // A process in a group of its own, as a browser is that a test has started: it goes with the test all the same.
  const left = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], {
    detached: true,
    stdio: "ignore",
  });
  left.unref();
  writeFileSync(`${process.env.FIXTURE_REPORTS}/left`, String(left.pid));
  for (;;);
});

test("after it", () => {
  expect(1).toBe(1);
});
