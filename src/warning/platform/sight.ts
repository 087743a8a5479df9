/** Whether something of the page lies above the dialog: by hit-testing, and by the browser's own word where it gives one. */
import { unshadowed } from "../../dom/unshadowed.js";

interface SightOptions {
  readonly dialog: HTMLElement;
  readonly host: Element;
  readonly signal: AbortSignal;
  readonly onChange: () => void;
}

interface SeenEntry {
  readonly isIntersecting: boolean;
  readonly isVisible?: boolean;
}

/**
 * Hit-testing passes over what the modal has made inert, such as a popover, whose `toggle` no listener outside its closed shadow root
 * hears. Chromium alone tells of that: https://w3c.github.io/IntersectionObserver/v2/
 *
 * @returns whether the dialog is covered now
 */
export function watchSight({ dialog, host, signal, onChange }: SightOptions): () => boolean {
  let isHidden = false;
  if ("IntersectionObserver" in globalThis) {
    const take = (entries: readonly SeenEntry[]) => {
      isHidden = entries.at(-1)?.isVisible === false && entries.at(-1)?.isIntersecting === true;
      onChange();
    };
    const options = { trackVisibility: true, delay: 100, threshold: [0, 1] };
    const observer = new IntersectionObserver(take, options);
    observer.observe(dialog);
    signal.addEventListener("abort", () => observer.disconnect());
  }
  return () => {
    const { left, top, width, height } = dialog.getBoundingClientRect();
    const onTop = unshadowed(document).elementFromPoint?.(left + width / 2, top + height / 2);
    return isHidden || (width > 0 && !!onTop && onTop !== host);
  };
}
