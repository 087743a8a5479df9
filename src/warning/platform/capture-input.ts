/** Input in the warning's own parts, taken at the window before the page can: a host's focus trap would swallow it there. */

export interface InputTaker {
  readonly root: ShadowRoot;
  /** Whether the page is to hear nothing of it. */
  readonly isModal: () => boolean;
  readonly onKeydown: (event: KeyboardEvent) => void;
  /** A finger, a pen or a button of the mouse has come down. */
  readonly onPressStart: () => void;
  readonly onClick: (event: Event, target: EventTarget | undefined) => void;
}

const POINTER = ["pointerdown", "pointerup", "mousedown", "mouseup", "touchstart", "touchend", "click"];
const TYPES = [...POINTER, "keydown", "keypress", "keyup", "focus", "focusin", "focusout", "blur"];

/**
 * Listens from now on, so that what the page adds later comes after it.
 * @returns is told who takes the input, once there is somebody
 */
export function captureInput(signal: AbortSignal): (taker: InputTaker) => void {
  let taker: InputTaker | null = null;
  const onEvent = (event: Event) => {
    if (taker === null) return;
    const path = event.composedPath();
    if (!path.includes(taker.root)) return;
    if (event.type === "keydown") taker.onKeydown(event as KeyboardEvent);
    if (event.type === "pointerdown" || event.type === "mousedown") taker.onPressStart();
    if (event.type === "click") taker.onClick(event, path[0]);
    if (taker.isModal()) event.stopImmediatePropagation();
  };
  for (const type of TYPES) addEventListener(type, onEvent, { signal, capture: true });
  return (next) => {
    taker = next;
  };
}
