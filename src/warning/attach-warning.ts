/** The one way to a warning: one element a document, as a child of `<html>`, out of the reach of what pages do to their body. */
import type { SessionClient } from "../browser/platform/session-client.types.js";
import { isTooOld } from "../dom/engine.js";
import { unshadowed } from "../dom/unshadowed.js";
import type { CurfewWarning, WarningOptions } from "./curfew-warning.js";
import { defineWarning } from "./curfew-warning-define.js";

/**
 * Shows the warning of this client. Does nothing where there is no document, or in an engine that is too old. A `<curfew-warning>` in the page's markup is
 * left alone: call `connect` of your own element where its attributes and slots are to count.
 *
 * @throws RangeError for an `announce` that is not of the ladder
 * @returns its own end: takes the warning away.
 * @example
 * const detach = attachWarning(session, { work: "saved" });
 */
export function attachWarning(session: SessionClient, options: WarningOptions = {}): () => void {
  if (typeof document === "undefined" || isTooOld()) return () => {};
  defineWarning();
  const page = unshadowed(document);
  // Scripts alone put an element there. Markup in a page's body may be a person's text, and stands for nothing of ours.
  const element =
    page.querySelector<CurfewWarning>(":root > curfew-warning") ?? page.createElement("curfew-warning");
  return element.connect(session, options);
}
