/** `curfew/warning`: the expiry warning's face. */

export { ENGLISH, type Words } from "../words/english.js";
export { attachWarning } from "./attach-warning.js";
export { CurfewWarning, type WarningAttributes, type WarningOptions } from "./curfew-warning.js";
export { defineWarning } from "./curfew-warning-define.js";
export type { WarningKind } from "./kinds/kinds.js";
