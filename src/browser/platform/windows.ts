/** The windows of a page besides its own: those that it has opened and filled itself, and so nobody else looks after. */

export interface PageWindows {
  /** Those that are open now. */
  all(): readonly Window[];
  /** Calls back for each new one, and again whenever its document is another one. Returns its own end. */
  observe(callback: (view: Window) => void): () => void;
  /** What this frame or window opens belongs to the page too. */
  watch(view: Window): void;
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
  const observers = new WeakSet<object>();

  /** After `document.open()` the document has the address of the page that wrote it, and is the same. */
  function isFilled(view: Window): boolean {
    try {
      return !view.closed && (known.has(view.document) || FILLED.includes(view.location.protocol));
    } catch {
      return false;
    }
  }

  function add(view: Partial<Window> | null): void {
    if (view?.closed !== false || signal.aborted) return;
    opened.add(view as Window);
    follow(view as Window);
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

  /** No event tells of a window that a script opens. */
  function observeOpening(owner: Window | Document): void {
    const { open } = owner as { open(...address: unknown[]): Partial<Window> | null };
    if (typeof open !== "function" || observers.has(open) || signal.aborted) return;
    const own = Object.getOwnPropertyDescriptor(owner, "open");
    const observer = (...address: unknown[]) => {
      const view = open.apply(owner, address);
      add(view);
      return view;
    };
    observers.add(observer);
    Reflect.set(owner, "open", observer);
    if (owner !== target && owner !== target.document) return;
    signal.addEventListener("abort", () => {
      if (owner.open !== observer) return;
      Reflect.deleteProperty(owner, "open");
      if (own) Object.defineProperty(owner, "open", own);
    });
  }

  function watch(view: Window): void {
    observeOpening(view);
    // In a handler that is written as an attribute, `open()` is the document's, which opens a window too.
    // https://html.spec.whatwg.org/multipage/dynamic-markup-insertion.html#dom-document-open-window
    if ("open" in view.document) observeOpening(view.document);
  }

  watch(target);
  const { documentPictureInPicture } = target as { readonly documentPictureInPicture?: PictureInPicture };
  documentPictureInPicture?.addEventListener("enter", () => add(documentPictureInPicture.window), { signal });

  return {
    all: () => [...opened].filter(isFilled),
    observe(callback) {
      callbacks.add(callback);
      return () => void callbacks.delete(callback);
    },
    watch,
    stop: () => ending.abort(),
  };
}

/** Calls back when the document was written anew: `document.open()` takes all listeners of window and document with it. */
export function observeRewriting(view: Window, callback: () => void, signal: AbortSignal): void {
  if (typeof MutationObserver === "undefined") return;
  const observer = new MutationObserver(callback);
  observer.observe(view.document, { childList: true });
  signal.addEventListener("abort", () => observer.disconnect());
}
