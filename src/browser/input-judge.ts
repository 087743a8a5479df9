/** Which events are a person's input, and which only look like it. */
import type { InputKind } from "../protocol/heartbeat.js";

export const KINDS: Readonly<Record<string, InputKind>> = {
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

/** The kind of input that an event is, at `timeStamp` on one scale for all windows; undefined: it is none. */
export type InputJudge = (event: Event, type: string, timeStamp: number) => InputKind | undefined;

/** Remembers where the pointer was and since when a key is held; nothing is allocated for an event. */
export function createInputJudge(
  target: Window,
  isTrusted: (event: Event) => boolean = (event) => event.isTrusted,
): InputJudge {
  let screenX = Number.NaN;
  let screenY = Number.NaN;
  let heldSince = Number.NaN;
  let stuckAt = Number.NEGATIVE_INFINITY;

  // Some browsers send a move when a poller re-renders the page under a pointer at rest; movementX/Y cannot tell.
  function hasMoved(event: PointerEvent): boolean {
    const isFirst = Number.isNaN(screenX);
    const moved = event.screenX !== screenX || event.screenY !== screenY;
    screenX = event.screenX;
    screenY = event.screenY;
    return moved && !isFirst;
  }

  function isStuck(event: KeyboardEvent, timeStamp: number): boolean {
    if (!event.repeat || Number.isNaN(heldSince)) heldSince = timeStamp;
    if (timeStamp - heldSince <= MAX_KEY_HOLD) return false;
    stuckAt = timeStamp;
    return true;
  }

  function isCounted(event: Event, type: string, timeStamp: number): boolean {
    switch (type) {
      case "pointermove":
        return hasMoved(event as PointerEvent);
      case "pointerdown":
      case "pointerup":
        hasMoved(event as PointerEvent);
        return true;
      case "keydown":
        return !isStuck(event as KeyboardEvent, timeStamp);
      case "input":
        // Browsers mark this one as trusted when a script clicks a checkbox or calls execCommand.
        return timeStamp - stuckAt >= STUCK_PERIOD && isUserActive(target) !== false;
      case "click":
      case "beforeinput":
      case "compositionupdate":
        return timeStamp - stuckAt >= STUCK_PERIOD;
      default:
        return true;
    }
  }

  return (event, type, timeStamp) =>
    isTrusted(event) && isCounted(event, type, timeStamp) ? KINDS[type] : undefined;
}

/** Transient activation: whether the person has pressed something within the last 5 s or so; undefined where the browser does not tell. */
export function isUserActive(target: Window): boolean | undefined {
  return target.navigator?.userActivation?.isActive;
}
