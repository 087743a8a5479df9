/** The windows of a page besides its own: those that it has opened and filled itself, and so nobody else looks after. */

export interface PageWindows {
  /** Those that are open now. */
  all(): readonly Window[];
  /** Calls back for each new one, and again whenever its document is another one. Returns its own end. */
  observe(callback: (view: Window) => void): () => void;
  stop(): void;
}

interface PictureInPicture extends EventTarget {
  readonly window: Window | null;
}

/** A page of its own has an address, and loads a client of its own. */
const FILLED = ["about:", "blob:"];

/** @param soon Calls back in a task of its own. */
export function observeWindows(target: Window, soon: (callback: () => void) => void): PageWindows {
  const opened = new Set<Window>();
  const known = new WeakSet<Document>();
  const callbacks = new Set<(view: Window) => void>();
  const ending = new AbortController();
  const { signal } = ending;
  const { open } = target;

  function add(view: Window | null): void {
    if (view === null || signal.aborted) return;
    opened.add(view);
    follow(view);
  }

  function follow(view: Window): void {
    if (!isFilled(view)) return;
    for (const callback of callbacks) callback(view);
    // The next document comes without what was done to this one.
    view.addEventListener("pagehide", () => soon(() => follow(view)), { signal });
    if (known.has(view.document)) return;
    known.add(view.document);
    observeRewriting(view, () => follow(view), signal);
  }

  // No event tells of a window that a script opens.
  const observedOpen: Window["open"] = (...address) => {
    const view = open.apply(target, address);
    add(view);
    return view;
  };
  Reflect.set(target, "open", observedOpen);
  const { documentPictureInPicture } = target as { readonly documentPictureInPicture?: PictureInPicture };
  documentPictureInPicture?.addEventListener("enter", () => add(documentPictureInPicture.window), { signal });

  return {
    all: () => [...opened].filter(isFilled),
    observe(callback) {
      callbacks.add(callback);
      return () => void callbacks.delete(callback);
    },
    stop() {
      ending.abort();
      if (target.open === observedOpen) Reflect.set(target, "open", open);
    },
  };
}

/** Calls back when the document was written anew: `document.open()` takes all listeners of window and document with it. */
export function observeRewriting(view: Window, callback: () => void, signal: AbortSignal): void {
  if (typeof MutationObserver === "undefined") return;
  const observer = new MutationObserver(callback);
  observer.observe(view.document, { childList: true });
  signal.addEventListener("abort", () => observer.disconnect());
}

function isFilled(view: Window): boolean {
  try {
    return !view.closed && FILLED.includes(view.location.protocol);
  } catch {
    return false;
  }
}
