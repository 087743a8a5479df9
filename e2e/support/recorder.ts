/** Records what a reader would hear of the warning: each text that comes into a live region, and each place that takes the focus. */
import type { Page } from "@playwright/test";

export interface Heard {
  /** `focus`: the place that took it, with what it says. Else the role of the region that was written to. */
  readonly by: "focus" | "status" | "alert";
  readonly text: string;
}

declare global {
  var heard: Heard[];
}

/** Before the page opens. */
export async function recordReading(page: Page): Promise<void> {
  await page.addInitScript(() => {
    globalThis.heard = [];
    const seen = new WeakSet<Event>();
    /** The warning keeps the page from hearing of what comes from outside, so it is heard before; what goes on within stays there. */
    const onFocus = (event: FocusEvent) => {
      const [target, ...way] = event.composedPath();
      const isOurs = way.some((place) => place instanceof Element && place.localName === "curfew-warning");
      if (seen.has(event) || !(isOurs || event.currentTarget instanceof ShadowRoot)) return;
      seen.add(event);
      globalThis.heard.push({ by: "focus", text: (target as HTMLElement).textContent ?? "" });
    };
    addEventListener("focusin", onFocus, true);
    const { attachShadow } = Element.prototype;
    Element.prototype.attachShadow = function (options) {
      const root = attachShadow.call(this, options);
      if (this.localName !== "curfew-warning") return root;
      root.addEventListener("focusin", (event) => onFocus(event as FocusEvent));
      new MutationObserver((changes) => {
        for (const { target } of changes) {
          const region = (target instanceof Element ? target : target.parentElement)?.closest(
            "[role=status],[role=alert]",
          );
          const text = region?.textContent ?? "";
          if (text !== "") globalThis.heard.push({ by: region?.getAttribute("role") as Heard["by"], text });
        }
      }).observe(root, { subtree: true, childList: true, characterData: true });
      return root;
    };
  });
}

/** What was heard since the last call. */
export async function heardSince(page: Page): Promise<readonly Heard[]> {
  return page.evaluate(() => globalThis.heard.splice(0));
}
