/** The page's own comings and goings. No `unload` and no `beforeunload`: those keep a page out of the back/forward cache. */
import { unshadowed } from "../../dom/unshadowed.js";
import { observeAnswers } from "./clock.js";

export type PageEvent =
  | { readonly type: "hidden" | "visible" | "freeze" | "resume" | "online" }
  /** The page has another address, or the same one anew, and was not loaded; or a form was sent and a script was answered. */
  | { readonly type: "address" | "answered" }
  /** A form is being sent. */
  | { readonly type: "sent" }
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
  const stopAddress = observeAddress(target, () => callback({ type: "address" }));
  let stopAnswers = () => {};
  page.addEventListener(
    "submit",
    () => {
      callback({ type: "sent" });
      stopAnswers();
      stopAnswers = observeAnswers(() => callback({ type: "answered" }));
    },
    options,
  );
  return () => {
    ending.abort();
    stopAddress();
    stopAnswers();
  };
}

/** Frameworks that navigate without a load set the address by the page's history; engines of before 2026 tell nobody of it. */
function observeAddress(target: Window, callback: () => void): () => void {
  const { navigation, history } = target as Window & { readonly navigation?: EventTarget };
  const ending = new AbortController();
  const { signal } = ending;
  if (navigation) navigation.addEventListener("currententrychange", callback, { signal });
  else {
    target.addEventListener("popstate", callback, { signal });
    for (const name of ["pushState", "replaceState"] as const) {
      const native = history[name];
      const observer: History["pushState"] = (...entry) => {
        native.apply(history, entry);
        callback();
      };
      history[name] = observer;
      signal.addEventListener("abort", () => {
        if (history[name] === observer) Reflect.deleteProperty(history, name);
      });
    }
  }
  return () => ending.abort();
}
