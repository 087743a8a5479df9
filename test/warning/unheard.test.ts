// @vitest-environment happy-dom
// What is said after an end of somebody whom the server could not hear.
import { afterEach, expect, test } from "vitest";
import { attachWarning } from "../../src/warning/attach-warning.js";
import { createFakeSession } from "./fake-session.js";

let stop = () => {};
afterEach(() => stop());

const said = (unheard: boolean): string => {
  const state = { status: "ended", reason: "idle", endedAt: 0 } as const;
  stop = attachWarning(createFakeSession(unheard ? { ...state, unheard } : state));
  return document.querySelector("curfew-warning")?.shadowRoot?.querySelector("dialog")?.textContent ?? "";
};

test("who could not be heard is not told that they were away, and reads what to do", () => {
  expect(said(false)).toContain("You did not use this page");
  stop();
  expect(said(true)).not.toContain("did not use");
  expect(document.querySelector("curfew-warning")?.shadowRoot?.textContent).toMatch(
    /We signed you out.*Sign in again in a new tab, then come back\./,
  );
});
