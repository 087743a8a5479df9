/** Gives the element its name. A call and not an import's effect, so that bundlers can't drop it and servers don't meet it. */
import { CurfewWarning } from "./curfew-warning.js";

/** Defines `<curfew-warning>`, once: a second copy of this code on a page uses the first one's element. */
export function defineWarning(): void {
  if (!customElements.get("curfew-warning")) customElements.define("curfew-warning", CurfewWarning);
}
