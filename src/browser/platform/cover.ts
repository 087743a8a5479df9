/** The cover: while nobody knows that the session lives, nothing of the page and of its windows is shown, printed or reachable. */

import { COVER } from "../../dom/cover-name.js";
import { unshadowed } from "../../dom/unshadowed.js";
import type { Clock } from "./clock.js";
import type { PageWindows } from "./windows.js";

export interface Cover {
  set(covered: boolean): void;
}

interface CoverOptions {
  readonly windows: PageWindows;
  readonly clock: Pick<Clock, "after">;
}

interface Covered {
  /** Puts right what the page has undone meanwhile. */
  keep(): void;
  lift(): void;
}

/** How often it is looked at what no event tells of, such as a page that sets `adoptedStyleSheets`. */
const LOOK_INTERVAL = 500;
/** Nobody gains by two layers that raise themselves in turns: at most at every fourth look. */
const LOOKS_BETWEEN = 4;

/**
 * What the layer hides from the eye, this takes from paper and from readers too. Each of the three ways can be undone
 * alone: an element may call itself visible again, opacity does not reach the top layer, and not every engine skips
 * content. No selector of a page is more specific. Paper stays empty.
 * What a view transition shows of before lies above the top layer (https://drafts.csswg.org/css-view-transitions-1/#view-transition-layer).
 */
const CSS = `:not(html>curfew-warning,html>curfew-warning *,#c#c#c),:not(html>curfew-warning *,#c#c#c)::before,:not(html>curfew-warning *,#c#c#c)::after{visibility:hidden!important}
:is(html,body):not(#c#c#c){background:none!important;border-color:transparent!important;outline:0!important;box-shadow:none!important}
html>curfew-warning:not(#c#c#c){visibility:visible!important}
:is(html>:not(head,body,curfew-warning,${COVER}),body>*):not(#c#c#c){opacity:0!important;content-visibility:hidden!important}
html:not(#c#c#c)::view-transition{display:none!important}
@media print{html:not(#c#c#c){display:none!important}}`;

/** Set by script, which a content security policy without inline styles allows, and stronger than any rule of the page. */
const LAYER = `all:initial;color-scheme:inherit;display:block;visibility:visible;position:fixed;inset:0;width:auto;height:auto;z-index:2147483647;background:Canvas;`;

/** Covers the page, and the windows that belong to it, each by a layer of its own. */
export function createCover(target: Window, { windows, clock }: CoverOptions): Cover {
  const layers = new Map<Document, Covered>();
  let isCovered = false;
  let focused: Element | null = null;
  let cancelLook = () => {};
  let stopWindows = () => {};

  function look(): void {
    cancelLook();
    for (const { document } of [target, ...windows.all()]) {
      if (!layers.has(document))
        layers.set(
          document,
          coverDocument(document, (callback) => void clock.after(0, callback)),
        );
      layers.get(document)?.keep();
    }
    cancelLook = clock.after(LOOK_INTERVAL, look);
  }

  return {
    set(covered) {
      if (covered === isCovered) return;
      isCovered = covered;
      const page = unshadowed(target.document);
      if (covered) {
        // A frame that has not the focus may not take it afterwards.
        focused = target.parent === target || page.hasFocus() ? page.activeElement : null;
        look();
        stopWindows = windows.observe(look);
      } else {
        stopWindows();
        cancelLook();
        for (const layer of layers.values()) layer.lift();
        layers.clear();
        restoreFocus(page, focused);
      }
    },
  };
}

/** @param soon Calls back in a task of its own: a page that insists on taking the layer away is not frozen by the argument. */
function coverDocument(document: Document, soon: (callback: () => void) => void): Covered {
  const page = unshadowed(document);
  const view = page.defaultView ?? globalThis;
  const { CSSStyleSheet, MutationObserver } = view;
  const ending = new AbortController();
  const options = { capture: true, signal: ending.signal };
  const observer = new MutationObserver(() => soon(keep));
  // A constructed sheet passes a content security policy without inline styles, and Trusted Types; it belongs to one document.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(CSS);
  const layer = page.createElement(COVER);
  layer.style.cssText = LAYER.replaceAll(";", "!important;");
  if ("popover" in layer) layer.popover = "manual";
  let restsFor = 0;

  function keep(): void {
    const root = page.documentElement;
    if (root === null || ending.signal.aborted) return;
    if (!page.adoptedStyleSheets.includes(sheet))
      page.adoptedStyleSheets = [...page.adoptedStyleSheets, sheet];
    const isPlaced = layer.parentNode === root;
    if (!isPlaced) root.append(layer);
    // The same once more changes nothing, and a document that was written anew has lost them.
    for (const node of [document, root]) observer.observe(node, { childList: true });
    for (const type of ["toggle", "fullscreenchange"]) page.addEventListener(type, onTopLayer, options);
    view.addEventListener("beforeprint", keep, options);
    if (!isPlaced || !isOpen() || (--restsFor < 0 && isBelow())) raise();
  }

  /** In engines without popovers the layer is as high as an element outside the top layer can be. */
  function isOpen(): boolean {
    return layer.togglePopover === undefined || layer.matches(":popover-open");
  }

  function raise(): void {
    restsFor = LOOKS_BETWEEN;
    layer.togglePopover?.(false);
    layer.togglePopover?.(true);
    observer.takeRecords();
    page.dispatchEvent(new Event(COVER));
  }

  /** What enters the top layer from inside a shadow root tells nobody. */
  function isBelow(): boolean {
    const { innerWidth, innerHeight } = view;
    return [1, 2, 3].some((at) => {
      const hit = page.elementFromPoint((innerWidth * at) / 4, (innerHeight * at) / 4);
      return hit !== null && !["html", "body", "curfew-warning", COVER].includes(hit.localName);
    });
  }

  function onTopLayer(event: Event): void {
    const { target, newState } = event as Partial<ToggleEvent>;
    const hasEntered = event.type === "toggle" ? newState !== "closed" : page.fullscreenElement !== null;
    if (target === layer ? !isOpen() : hasEntered && (target as Partial<Element>).localName !== COVER)
      raise();
  }

  return {
    keep,
    lift() {
      ending.abort();
      observer.disconnect();
      layer.remove();
      page.adoptedStyleSheets = page.adoptedStyleSheets.filter((other) => other !== sheet);
    },
  };
}

/** Hiding an element takes its focus; the person goes on where they were. */
function restoreFocus(page: Document, element: Element | null): void {
  if (page.activeElement !== page.body || !(element instanceof HTMLElement)) return;
  unshadowed(element).focus({ preventScroll: true });
}
