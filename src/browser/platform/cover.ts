/** The page cover: while nobody knows that the session lives, its content is neither shown nor printed nor reachable. */

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
  let sheet: CSSStyleSheet | null = null;
  let focused: Element | null = null;
  return {
    set(covered) {
      if (covered === (sheet !== null)) return;
      if (covered) {
        focused = document.activeElement;
        sheet = new CSSStyleSheet();
        sheet.replaceSync(CSS);
        document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
      } else {
        const covering = sheet;
        sheet = null;
        document.adoptedStyleSheets = document.adoptedStyleSheets.filter((other) => other !== covering);
        restoreFocus(document, focused);
      }
    },
  };
}

/** Hiding an element takes its focus; the person goes on where they were. */
function restoreFocus(document: Document, element: Element | null): void {
  if (document.activeElement !== document.body || !(element instanceof HTMLElement)) return;
  element.focus({ preventScroll: true });
}
