/** The one way to a warning: one element a document, as a child of `<html>`, out of the reach of what pages do to their body. */
import type { SessionClient } from "../browser/platform/session-client.types.js";
import { unshadowed } from "../dom/unshadowed.js";
import type { WarningOptions } from "./curfew-warning.js";
import { defineWarning } from "./curfew-warning-define.js";

/**
 * Shows the warning of this client. Does nothing where there is no document.
 *
 * @throws RangeError for an `announce` that is not of the ladder
 * @returns its own end: takes the warning away.
 * @example
 * const detach = attachWarning(session, { work: "saved" });
 */
export function attachWarning(session: SessionClient, options: WarningOptions = {}): () => void {
  if (typeof document === "undefined") return () => {};
  defineWarning();
  const page = unshadowed(document);
  const element = page.querySelector("curfew-warning") ?? page.createElement("curfew-warning");
  if (element.parentNode !== page.documentElement) page.documentElement.append(element);
  return element.connect(session, options);
}
