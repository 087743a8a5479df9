/** What a browser's engine must have: below it there is no client, and the page is left as it is. The versions: docs/browsers.md. */

/** Whether this engine is too old. Of what everything here is made with, these came last. */
export function isTooOld(): boolean {
  const { Document: page, HTMLDialogElement: dialog } = globalThis;
  const has = (name: string, place: { readonly prototype: object } | undefined) =>
    place !== undefined && name in place.prototype;
  return !(has("at", Array) && has("adoptedStyleSheets", page) && has("showModal", dialog));
}

export const TOO_OLD =
  "curfew: this browser is too old for it: here nobody is warned, and nothing that people do extends their session. The lowest versions are in docs/browsers.md.";
