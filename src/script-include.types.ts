/** `curfew/script-include`: the types of what the script include leaves on a page. Nothing of it runs. */

/** What the script include makes: the global `Curfew`. */
export type ScriptInclude = typeof import("./script-include.js");

declare global {
  interface Window {
    /** Not there until the script has run, nor where something has kept it from the page. */
    readonly Curfew?: ScriptInclude;
  }
}
