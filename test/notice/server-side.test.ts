// @vitest-environment node
// The notice's element on a server: importing it is harmless and defining it does nothing.
import { expect, test } from "vitest";

test("can be imported and defined where there is no document", async () => {
  const before = Object.keys(globalThis);
  const { CurfewNotice, defineNotice } = await import("../../src/notice/index.js");
  expect(defineNotice()).toBeUndefined();
  expect(typeof CurfewNotice).toBe("function");
  expect(Object.keys(globalThis)).toEqual(before);
});
