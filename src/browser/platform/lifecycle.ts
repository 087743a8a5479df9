/** The page's own comings and goings. No `unload` and no `beforeunload`: those keep a page out of the back/forward cache. */
import { unshadowed } from "../../dom/unshadowed.js";

export type PageEvent =
  | { readonly type: "hidden" | "visible" | "freeze" | "resume" | "online" }
  /** `persisted`: the page is being kept (hide) or comes back (show) from the back/forward cache. */
  | { readonly type: "hide" | "show"; readonly persisted: boolean };

export function isHidden({ document }: Window): boolean {
  return unshadowed(document).visibilityState === "hidden";
}

/** Calls back for each change. Returns its own end. */
export function observePage(target: Window, callback: (event: PageEvent) => void): () => void {
  const ending = new AbortController();
  const options = { capture: true, signal: ending.signal };
  const page = unshadowed(target.document);
  target.addEventListener("pagehide", ({ persisted }) => callback({ type: "hide", persisted }), options);
  target.addEventListener("pageshow", ({ persisted }) => callback({ type: "show", persisted }), options);
  target.addEventListener("online", () => callback({ type: "online" }), options);
  page.addEventListener("freeze", () => callback({ type: "freeze" }), options);
  page.addEventListener("resume", () => callback({ type: "resume" }), options);
  page.addEventListener(
    "visibilitychange",
    () => callback({ type: isHidden(target) ? "hidden" : "visible" }),
    options,
  );
  return () => ending.abort();
}
