/** The page cover: while nobody knows that the session lives, its content is neither shown nor printed nor reachable. */

import { unshadowed } from "../../dom/unshadowed.js";

export interface Cover {
  set(covered: boolean): void;
}

/**
 * Three ways at once, for each can be undone alone: an element may call itself visible again, opacity does not reach
 * the top layer, and not every engine skips content. The warning stays in sight: it says why.
 */
const CSS = `body{background:none!important}
body :not(curfew-warning,curfew-warning *){visibility:hidden!important}
body>:not(curfew-warning,:has(curfew-warning)){opacity:0!important;content-visibility:hidden!important}
curfew-warning{visibility:visible!important}`;

/** A constructed sheet passes a content security policy without inline styles, and Trusted Types. */
export function createCover(document: Document): Cover {
  const page = unshadowed(document);
  let sheet: CSSStyleSheet | null = null;
  let focused: Element | null = null;
  return {
    set(covered) {
      if (covered === (sheet !== null)) return;
      if (covered) {
        focused = page.activeElement;
        sheet = new CSSStyleSheet();
        sheet.replaceSync(CSS);
        page.adoptedStyleSheets = [...page.adoptedStyleSheets, sheet];
      } else {
        const covering = sheet;
        sheet = null;
        page.adoptedStyleSheets = page.adoptedStyleSheets.filter((other) => other !== covering);
        restoreFocus(page, focused);
      }
    },
  };
}

/** Hiding an element takes its focus; the person goes on where they were. */
function restoreFocus(page: Document, element: Element | null): void {
  if (page.activeElement !== page.body || !(element instanceof HTMLElement)) return;
  unshadowed(element).focus({ preventScroll: true });
}
