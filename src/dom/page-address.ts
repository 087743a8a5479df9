/** An address as the page's own origin reads it: markup can put a `<base>` element anywhere, and that may not lead elsewhere. */
import { unshadowed } from "./unshadowed.js";

/**
 * Resolves `address` against the page's base address, or against the page's own where a `<base>` element names another origin.
 * @throws TypeError where it is no address
 */
export function addressIn(view: Window, address: string): URL {
  const base = unshadowed(view.document).baseURI;
  const { location } = view;
  // A page of `srcdoc` has the origin of the page around it and no address of its own.
  const origin = location.origin === "null" ? view.origin : location.origin;
  const isOwn = origin === "null" || new URL(base).origin === origin;
  return new URL(address, isOwn ? base : new URL(location.pathname, origin));
}
