// @vitest-environment node
// The warning on a server: importing it is harmless and attaching it does nothing.
import { expect, test } from "vitest";
import { createFakeSession } from "./fake-session.js";

test("can be imported and attached where there is no document", async () => {
  const before = Object.keys(globalThis);
  const { attachWarning, CurfewWarning } = await import("../../src/warning/index.js");
  const session = createFakeSession();
  expect(attachWarning(session)()).toBeUndefined();
  expect(typeof CurfewWarning).toBe("function");
  expect(Object.keys(globalThis)).toEqual(before);
});
