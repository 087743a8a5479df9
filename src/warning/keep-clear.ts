/** Keeps the notice off the field that has the focus: it moves to the other end of the page (WCAG 2.4.11). */
import { unshadowed } from "../dom/unshadowed.js";

export function keepClear(notice: HTMLElement, signal: AbortSignal): void {
  const onFocus = ({ target }: FocusEvent) => {
    if (notice.hidden || !(target instanceof Element) || target.contains(notice)) return;
    if (!overlap(notice.getBoundingClientRect(), target.getBoundingClientRect())) return;
    notice.toggleAttribute("data-start");
  };
  unshadowed(document).addEventListener("focusin", onFocus, { signal, capture: true });
}

function overlap(a: DOMRect, b: DOMRect): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
