/** Keys that concern the notice while the focus is in the page: it takes no focus, so one key leads to it and one closes it. */
import type { Elements } from "../element/elements.js";
import { stopsIn } from "../platform/focus.js";

interface PageKeysOptions {
  readonly elements: Pick<Elements, "card" | "more">;
  readonly signal: AbortSignal;
  readonly isNotice: () => boolean;
  readonly onEscape: (event: Event) => void;
}

/** F6 is the key by which people go from one region of a window to the next. The page's own use of a key comes first. */
export function hearPageKeys({ elements, signal, isNotice, onEscape }: PageKeysOptions): void {
  const onKeydown = (event: KeyboardEvent) => {
    if (!isNotice() || event.defaultPrevented || event.isComposing || event.repeat) return;
    if (event.key === "F6") {
      event.preventDefault();
      const stops = [elements.more, ...stopsIn(elements.card)];
      stops.find((stop) => stop.checkVisibility?.() ?? !stop.hidden)?.focus();
    } else if (event.key === "Escape" && !isUsed(event)) onEscape(event);
  };
  addEventListener("keydown", onKeydown, { signal });
}

/** What has the focus in it is open. */
const OPEN = "[aria-expanded=true],[aria-haspopup],dialog,[role=dialog],[role=menu],[role=listbox],[popover]";

/** Whether something of the page is open that Escape closes: a menu, a list of choices, a dialog. */
function isUsed(event: Event): boolean {
  return event.composedPath().some((place) => place instanceof Element && place.matches(OPEN));
}
