/** Real input by a person on the page, as docs/adopting.md says ("What is not activity"): never a request, a timer or a script's event. */
import { type TrustedEvent, trustedEvent } from "../../dom/trusted-event.js";
import { unshadowed } from "../../dom/unshadowed.js";
import { readFrameMessage } from "../../protocol/frame-message.js";
import type { InputKind } from "../../protocol/heartbeat.js";
import type { Clock } from "../platform/clock.js";
import { observeRewriting, type PageWindows } from "../platform/windows.js";
import { createInputJudge, isUserActive, KIND_OF_EVENT, MEDIA } from "./person.js";

interface ActivityOptions {
  /** Windows that belong to the page and are no frames of it. Default none. */
  readonly windows?: Pick<PageWindows, "observe" | "watch">;
  readonly clock: Pick<Clock, "monotonic" | "after">;
  /** When, on the monotonic clock, and what kind of input; nothing else is kept of it. */
  readonly onInput: (timeStamp: number, kind: InputKind) => void;
  /** The origins whose frames are believed when they tell of input. Default none. */
  readonly frames?: readonly string[];
  readonly isTrusted?: (event: Event) => boolean;
}

/** How often a place that has the focus and that no event tells of is looked at. */
const LOOK_INTERVAL = 4000;
/** How old a trusted event may be to count as the person's answer. */
const GESTURE_PERIOD = 10_000;

/** Calls back for each input in `target`, in its frames of the same origin and in the windows that belong to it. Returns its own end. */
export function observeActivity(target: Window, options: ActivityOptions): () => void {
  const { clock, onInput, windows, frames = [], isTrusted = (event) => event.isTrusted } = options;
  const ending = new AbortController();
  const { signal } = ending;
  const caught = { capture: true, passive: true, signal };
  const page = unshadowed(target.document) as Document & { readonly prerendering?: boolean };
  const judge = createInputJudge(target, () => clock.monotonic(), isTrusted);
  let cancelLook = () => {};

  const onOwn = (event: Event) => onEvent(event, event.timeStamp);
  // Each window's time stamps count from its own origin.
  const onFramed = (event: Event) =>
    onEvent(event, event.timeStamp + originOf(event.currentTarget) - originOf(target));

  function onEvent(event: Event, timeStamp: number): void {
    const kind = judge.kindOf(event, timeStamp);
    if (kind !== undefined && page.prerendering !== true) onInput(timeStamp, kind);
  }

  function listen(view: Window): void {
    // The same listener twice is one listener, so a frame may be hooked again whenever it could be new.
    for (const type of [...Object.keys(KIND_OF_EVENT), MEDIA])
      view.addEventListener(type, view === target ? onOwn : onFramed, caught);
    view.addEventListener("blur", onBlur, { signal });
    view.addEventListener("pointerover", onFrame, caught);
    if (frames.length > 0) view.addEventListener("message", onMessage, { signal });
    // A load never reaches the window, and a frame that navigates has lost its listeners.
    const inner = unshadowed(view.document);
    inner.addEventListener("load", onFrame, caught);
    windows?.watch(view);
    listenToFramesOf(view);
  }

  /** An `<embed>` does not tell of its window; its page does. */
  function listenToFramesOf(view: Window): void {
    for (let at = 0; at < view.length; at++) {
      const inner = readable(view[at]);
      if (inner) listen(inner);
    }
  }

  function onFrame(event: Event): void {
    listenInside(event.composedPath()[0]);
  }

  function listenInside(element: EventTarget | null | undefined): void {
    const view = viewOf(element);
    if (view) listen(view);
    else if (isNamed(element, "embed")) listenToFramesOf(target);
  }

  function onMessage(event: MessageEvent): void {
    const { origin, source, currentTarget: view } = event;
    // A listed origin in a window of its own, or in a frame of somebody else's frame, is none of this page's frames.
    if (!isTrusted(event) || !frames.includes(origin) || source === view) return;
    const message = (source as Window | null)?.parent === view ? readFrameMessage(event.data) : null;
    if (message !== null && page.prerendering !== true)
      onInput(clock.monotonic() - message.age, message.kind);
  }

  function onBlur(event: Event): void {
    lookAfter(0, outermost(event.currentTarget as Window, target), null);
  }

  function lookAfter(delay: number, view: Window, lookedAt: number | null): void {
    cancelLook();
    cancelLook = clock.after(delay, () => look(view, lookedAt));
  }

  /**
   * Where the focus has gone. A frame can focus itself, so what counts is whether the person did something just now. A frame
   * with the focus may go to a place that cannot be heard, and no event tells of it: so it is looked at again.
   */
  function look(view: Window, lookedAt: number | null): void {
    if (!readable(view)) return;
    const inner = unshadowed(view.document);
    const element = focusedIn(inner);
    listenInside(element);
    if (!holdsPage(element)) return;
    const now = clock.monotonic();
    if (isElsewhere(view) && inner.hasFocus() && judge.hasUnheardPress(now)) {
      if (lookedAt === null) judge.notePress();
      onInput(lookedAt ?? now, "other");
    }
    lookAfter(LOOK_INTERVAL, view, now);
  }

  listen(target);
  lookAfter(0, target, null);
  observeRewriting(target, () => listen(target), signal);
  const stopWindows = windows?.observe(listen);
  return () => {
    ending.abort();
    cancelLook();
    stopWindows?.();
  };
}

interface GestureOptions {
  readonly target: Window;
  /** On the monotonic clock. */
  readonly now: number;
  readonly read?: (event: unknown) => TrustedEvent | null;
}

/**
 * When a person stood behind a call, on the monotonic clock: at a trusted event of input of the last 10 s, or now, where
 * the page has transient activation. Null where no person did.
 */
export function gestureAt(
  event: unknown,
  { target, now, read = trustedEvent }: GestureOptions,
): number | null {
  const { type = "", timeStamp = 0, view } = read(event) ?? {};
  // Escape and a phone's back gesture close a dialog by `cancel`, without user activation.
  const isInput = type === "cancel" || (type in KIND_OF_EVENT && type !== "input");
  const at = timeStamp + originOf(view ?? target) - originOf(target);
  if (isInput && now - at < GESTURE_PERIOD) return Math.min(at, now);
  return isUserActive(target) === true ? now : null;
}

function originOf(view: EventTarget | null): number {
  return (view as Window | null)?.performance?.timeOrigin ?? 0;
}

/** The window that holds this one, as far up as the page's own: a frame's window may be another page's by the next look. */
function outermost(view: Window, page: Window): Window {
  const outer = view.parent;
  return view === page || outer === view || !readable(outer) ? view : outermost(outer, page);
}

const holdsPage = (element: Element | null) => viewOf(element) !== undefined || isNamed(element, "embed");

/**
 * Whether the focus is where events may not reach the page: in a frame of another origin, or in what the browser shows by a
 * viewer of its own. A PDF is such a one wherever it stands, though its frame has a document of the page's origin.
 */
function isElsewhere(view: Window): boolean {
  const element = focusedIn(unshadowed(view.document));
  const inner = viewOf(element);
  if (inner === undefined) return isNamed(element, "embed");
  return inner === null || isViewer(inner) || isElsewhere(inner);
}

function isViewer({ document }: Window): boolean {
  const { contentType = "text/html" } = unshadowed(document);
  return !/html|xml/.test(contentType);
}

/** The window in a frame; null where it is of another origin, undefined where there is no frame. */
function viewOf(element: EventTarget | null | undefined): Window | null | undefined {
  // A form's fields may have any name, and stand in its members' places.
  if (!element || !("contentWindow" in element) || isNamed(element, "form")) return undefined;
  try {
    return readable(element.contentWindow as Window | null);
  } catch {
    return null;
  }
}

/** A window of this origin; null for any other. */
function readable(view: Window | null | undefined): Window | null {
  try {
    return view?.document ? view : null;
  } catch {
    return null;
  }
}

function isNamed(element: EventTarget | null | undefined, name: string): boolean {
  return !!element && (unshadowed(element) as Partial<Element>).localName === name;
}

/** The element with the focus, in open shadow roots too. */
function focusedIn(root: DocumentOrShadowRoot): Element | null {
  const element = root.activeElement;
  const inner = element && unshadowed(element).shadowRoot;
  return inner ? focusedIn(inner) : element;
}
