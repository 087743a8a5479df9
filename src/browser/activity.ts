/** Real input by a person on the page, as DESIGN.md section 5 counts it: never a request, a timer or a script's event. */
import type { InputKind } from "../protocol/heartbeat.js";
import type { Clock } from "./clock.js";

export interface ActivityOptions {
  readonly clock: Pick<Clock, "monotonic" | "after">;
  /** When, on the monotonic clock, and what kind of input; nothing else is kept of it. */
  readonly onInput: (timeStamp: number, kind: InputKind) => void;
  readonly isTrusted?: (event: Event) => boolean;
}

const KINDS: Readonly<Record<string, InputKind>> = {
  pointerdown: "pointer",
  pointerup: "pointer",
  pointermove: "pointer",
  click: "pointer",
  keydown: "key",
  beforeinput: "key",
  input: "key",
  compositionupdate: "key",
  wheel: "wheel",
  touchstart: "touch",
  touchmove: "touch",
  paste: "other",
  drop: "other",
  timeupdate: "media",
};

/** A key held for longer is a book on the keyboard. */
const MAX_KEY_HOLD = 30_000;
/** For this long after a repeat that did not count, what a held key causes (text, clicks on a button) does not count either. */
const STUCK_PERIOD = 1000;
/** How often a frame of another origin that has the focus is looked at. User activation lasts about 5 s. */
const FOREIGN_FRAME_INTERVAL = 4000;
/** How old a trusted event may be to count as the person's answer. */
const GESTURE_PERIOD = 10_000;

/** Calls back for each input in `target` and in its frames of the same origin. Returns its own end. */
export function observeActivity(target: Window, options: ActivityOptions): () => void {
  const { clock, onInput, isTrusted = (event) => event.isTrusted } = options;
  const ending = new AbortController();
  const { signal } = ending;
  let screenX = Number.NaN;
  let screenY = Number.NaN;
  let heldSince = Number.NaN;
  let stuckAt = Number.NEGATIVE_INFINITY;
  let cancelLook = () => {};

  function onEvent(event: Event): void {
    const kind = KINDS[event.type];
    if (signal.aborted || kind === undefined || !isTrusted(event) || isPrerendering(target)) return;
    const timeStamp = event.timeStamp + offsetOf(event.currentTarget);
    if (isCounted(event, timeStamp)) onInput(timeStamp, kind);
  }

  function isCounted(event: Event, timeStamp: number): boolean {
    switch (event.type) {
      case "pointermove":
      case "pointerdown":
      case "pointerup":
        return hasMoved(event as PointerEvent) || event.type !== "pointermove";
      case "keydown":
        return !isStuck(event as KeyboardEvent, timeStamp);
      case "input":
        // Browsers mark this one as trusted when a script clicks a checkbox or calls execCommand.
        return !isFollowUp(timeStamp) && isUserActive(target) !== false;
      case "click":
      case "beforeinput":
      case "compositionupdate":
        return !isFollowUp(timeStamp);
      default:
        return true;
    }
  }

  // Some browsers send a move when a poller re-renders the page under a pointer at rest; movementX/Y cannot tell.
  function hasMoved(event: PointerEvent): boolean {
    const isFirst = Number.isNaN(screenX);
    const moved = event.screenX !== screenX || event.screenY !== screenY;
    screenX = event.screenX;
    screenY = event.screenY;
    return moved && !isFirst;
  }

  function isStuck({ repeat }: KeyboardEvent, timeStamp: number): boolean {
    if (!repeat || Number.isNaN(heldSince)) heldSince = timeStamp;
    if (timeStamp - heldSince <= MAX_KEY_HOLD) return false;
    stuckAt = timeStamp;
    return true;
  }

  const isFollowUp = (timeStamp: number) => timeStamp - stuckAt < STUCK_PERIOD;

  const offsetOf = (source: EventTarget | null) =>
    source === target ? 0 : originOf(source as Window | null) - originOf(target);

  function listen(view: Window): void {
    // The same listener twice is one listener, so a frame may be hooked again whenever it could be new.
    for (const type of Object.keys(KINDS))
      view.addEventListener(type, onEvent, { capture: true, passive: true, signal });
    view.addEventListener("blur", onBlur, { signal });
    view.addEventListener("pointerover", onFrame, { capture: true, passive: true, signal });
    // A load never reaches the window, and a frame that navigates has lost its listeners.
    view.document.addEventListener("load", onFrame, { capture: true, signal });
    for (const frame of view.document.querySelectorAll("iframe,frame")) listenInside(frame);
  }

  function onFrame(event: Event): void {
    listenInside(event.composedPath()[0]);
  }

  function listenInside(element: unknown): void {
    const view = sameOriginViewOf(element);
    if (view !== null) listen(view);
  }

  function onBlur(event: Event): void {
    const view = event.currentTarget as Window;
    // A frame can focus itself, so what counts is whether the person did something just now.
    lookAfter(0, view, null);
  }

  function lookAfter(delay: number, view: Window, lookedAt: number | null): void {
    cancelLook();
    cancelLook = clock.after(delay, () => look(view, lookedAt));
  }

  function look(view: Window, lookedAt: number | null): void {
    if (!isForeignFrame(view.document.activeElement)) return;
    const now = clock.monotonic();
    if (view.document.hasFocus() && isUserActive(target) === true) onInput(lookedAt ?? now, "other");
    lookAfter(FOREIGN_FRAME_INTERVAL, view, now);
  }

  listen(target);
  return () => {
    ending.abort();
    cancelLook();
  };
}

/** Whether a person stands behind a call: transient activation, or a trusted event of input just now. */
export function isGesture(
  event: Event | undefined,
  { target, now }: { readonly target: Window; readonly now: number },
): boolean {
  if (isUserActive(target) === true) return true;
  return (
    event?.isTrusted === true &&
    // Escape and a phone's back gesture close a dialog by `cancel`, without user activation.
    (event.type in KINDS || event.type === "cancel") &&
    event.type !== "input" &&
    event.type !== "timeupdate" &&
    now - event.timeStamp < GESTURE_PERIOD
  );
}

function isUserActive(target: Window): boolean | undefined {
  return target.navigator?.userActivation?.isActive;
}

function isPrerendering(target: Window): boolean {
  return (target.document as Document & { readonly prerendering?: boolean }).prerendering === true;
}

/** Each window's time stamps count from its own origin. */
function originOf(view: Window | null): number {
  return view?.performance?.timeOrigin ?? 0;
}

function sameOriginViewOf(element: unknown): Window | null {
  try {
    const view = (element as Partial<HTMLIFrameElement> | null | undefined)?.contentWindow;
    return view?.document ? view : null;
  } catch {
    return null;
  }
}

function isForeignFrame(element: Element | null): boolean {
  return element !== null && "contentWindow" in element && sameOriginViewOf(element) === null;
}
