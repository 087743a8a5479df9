/** Keeps the notice off the field that has the focus: at the other end of the page (WCAG 2.4.11), or beside it. */
import { unshadowed } from "../../dom/unshadowed.js";
import type { Ticker } from "../platform/ticker.js";

/** The browser scrolls a field into view after it has told of the focus. */
const SCROLL_DELAY = 150;

/** Between the notice and the field that it stands beside, in pixels. */
const GAP = 8;

interface ClearOptions {
  readonly notice: HTMLElement;
  /** `focus`: beside the field that has the focus, and with it, for people who see a part of the screen at a time. */
  readonly place: "focus" | undefined;
  readonly ticker: Ticker;
  readonly signal: AbortSignal;
}

/** @returns looks where the focus is now: the notice has come up. */
export function keepClear({ notice, place, ticker, signal }: ClearOptions): () => void {
  const page = unshadowed(document);
  const move = (field: EventTarget | null) => {
    if (notice.hidden || !(field instanceof Element) || field === page.body || field.contains(notice)) return;
    const [own, its] = [notice.getBoundingClientRect(), unshadowed(field).getBoundingClientRect()];
    if (place === "focus") {
      const below = its.bottom + GAP;
      const top = below + own.height > innerHeight ? Math.max(0, its.top - own.height - GAP) : below;
      const left = Math.max(0, Math.min(its.left, innerWidth - own.width));
      Object.assign(notice.style, { margin: "0", inset: `${top}px auto auto ${left}px` });
      return;
    }
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
