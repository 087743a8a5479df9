/** Keeps the notice off the field that has the focus: it moves to the other end of the page (WCAG 2.4.11). */
import { unshadowed } from "../dom/unshadowed.js";
import type { Ticker } from "./ticker.js";

/** The browser scrolls a field into view after it has told of the focus. */
const SCROLL_DELAY = 150;

/** @returns looks where the focus is now: the notice has come up. */
export function keepClear(notice: HTMLElement, ticker: Ticker, signal: AbortSignal): () => void {
  const page = unshadowed(document);
  const move = (field: EventTarget | null) => {
    if (notice.hidden || !(field instanceof Element) || field === page.body || field.contains(notice)) return;
    const [own, its] = [notice.getBoundingClientRect(), unshadowed(field).getBoundingClientRect()];
    const otherTop = notice.hasAttribute("data-start") ? innerHeight - own.height : 0;
    const other = new DOMRect(own.left, otherTop, own.width, own.height);
    // A field as tall as the page lies under it at either end.
    if (overlap(own, its) && !overlap(other, its)) notice.toggleAttribute("data-start");
  };
  const look = () => move(page.activeElement);
  const onFocus = ({ target }: FocusEvent) => {
    move(target);
    ticker.after(SCROLL_DELAY, look);
  };
  page.addEventListener("focusin", onFocus, { signal, capture: true });
  return look;
}

function overlap(a: DOMRect, b: DOMRect): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
