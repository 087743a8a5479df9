/** Defines the element. The one file of this room that does something by being imported, and only in a browser. */
import { CurfewWarning } from "./curfew-warning.js";

declare global {
  interface HTMLElementTagNameMap {
    "curfew-warning": CurfewWarning;
  }
}

if (globalThis.customElements && !customElements.get("curfew-warning"))
  customElements.define("curfew-warning", CurfewWarning);
