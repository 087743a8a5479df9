/** Which events are a person's input, and which only look like it. */
import type { InputKind } from "../../protocol/heartbeat.js";

/** What a person does with their hands. */
export const KIND_OF_EVENT: Readonly<Record<string, InputKind>> = {
  pointerdown: "pointer",
  pointerup: "pointer",
  pointermove: "pointer",
  dragover: "pointer",
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
};

/** Media that plays; whether it counts is the policy's choice. */
export const MEDIA = "timeupdate";

/** A key held for longer is a book on the keyboard. */
const MAX_KEY_HOLD = 30_000;
/** For this long after a repeat that did not count, what a held key causes (text, clicks on a button) does not count either. */
const STUCK_PERIOD = 1000;

/** How long a press leaves the page active in the browsers of today; https://html.spec.whatwg.org/#transient-activation-duration says "a few seconds". */
const ACTIVATION_PERIOD = 5000;

/** Long before any page began. */
const NEVER = -1e9;

/** What a press itself causes, follows it within this time. */
const PROMPT_PERIOD = 250;

/** Instants are time stamps on one scale for all windows. */
interface InputJudge {
  /** The kind of input that an event is; undefined: it is none. */
  kindOf(event: Event, timeStamp: number): InputKind | undefined;
  /**
   * Whether a person has just pressed something that no event told of: in a frame of another origin, in a list that the
   * browser itself shows. A press that was heard explains why the page is active, and a script gains nothing by it.
   */
  hasUnheardPress(at: number): boolean;
  /** The unheard press has been told of. */
  notePress(): void;
}

/**
 * Remembers where the pointer was and since when a key is held; nothing is allocated for an event.
 * @param now tells the instant, on the scale of the time stamps
 */
export function createInputJudge(
  target: Window,
  now: () => number,
  isTrusted: (event: Event) => boolean = (event) => event.isTrusted,
): InputJudge {
  let screenX: number | undefined;
  let screenY: number | undefined;
  let heldSince = 0;
  let stuckAt = NEVER;
  /** When the page took up the last press, however long that had waited: the engine counts from there too. */
  let pressedAt = NEVER;

  /** No press that was heard keeps the page active any more. */
  const isOld = (at: number) => at - pressedAt > ACTIVATION_PERIOD;
  const hasUnheardPress = (at: number) => isOld(at) && !!isUserActive(target);

  // Some browsers send a move when a poller re-renders the page under a pointer at rest; movementX/Y cannot tell.
  function hasMoved({ screenX: x, screenY: y, movementX, movementY, view }: PointerEvent): boolean {
    // A locked pointer stands still (https://w3c.github.io/pointerlock/#extensions-to-the-mouseevent-interface). Where
    // markup has taken that name, a move of 0,0 does not count, and no more is lost.
    const { pointerLockElement } = view?.document ?? {};
    if (pointerLockElement) return !!(movementX || movementY);
    const isOther = screenX !== undefined && (screenX !== x || screenY !== y);
    screenX = x;
    screenY = y;
    return isOther;
  }

  const isLoose = (timeStamp: number) => timeStamp - stuckAt >= STUCK_PERIOD;

  function isCounted(event: Event, timeStamp: number): boolean {
    switch (event.type) {
      case "pointermove":
      case "dragover":
        return hasMoved(event as PointerEvent);
      case "pointerdown":
      case "pointerup":
        pressedAt = now();
        hasMoved(event as PointerEvent);
        return true;
      case "keydown":
        pressedAt = now();
        heldSince = ((event as KeyboardEvent).repeat && heldSince) || timeStamp;
        if (timeStamp - heldSince > MAX_KEY_HOLD) stuckAt = timeStamp;
        return stuckAt < timeStamp;
      case "input":
        // Browsers mark this one as trusted when a script clicks a checkbox or calls execCommand.
        return isOld(timeStamp) && isLoose(timeStamp) && isUserActive(target) !== false;
      case "click":
        pressedAt = now();
        return isLoose(timeStamp);
      case "paste":
        // While a press keeps the page active, Firefox lets a script paste what the page has copied, by a trusted event.
        return (isOld(timeStamp) && !isUserActive(target)) || timeStamp - pressedAt <= PROMPT_PERIOD;
      case "beforeinput":
      case "compositionupdate":
        return isLoose(timeStamp);
      default:
        return true;
    }
  }

  return {
    kindOf(event, timeStamp) {
      return isTrusted(event) && isCounted(event, timeStamp)
        ? (KIND_OF_EVENT[event.type] ?? "media")
        : undefined;
    },
    hasUnheardPress,
    notePress() {
      pressedAt = now();
    },
  };
}

/** Transient activation: whether the person has pressed something within the last 5 s or so; undefined where the browser does not tell. */
export function isUserActive(target: Window): boolean | undefined {
  return target.navigator.userActivation?.isActive;
}
