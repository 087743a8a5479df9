/** Input in the warning's own parts, taken at the window before the page can: a host's focus trap would swallow it there. */

interface CaptureOptions {
  readonly root: ShadowRoot;
  readonly signal: AbortSignal;
  /** Whether the page is to hear nothing of it. */
  readonly isModal: () => boolean;
  readonly onKeydown: (event: KeyboardEvent) => void;
  /** A finger, a pen or a button of the mouse has come down. */
  readonly onPressStart: () => void;
  readonly onClick: (event: Event, target: EventTarget | undefined) => void;
}

const POINTER = ["pointerdown", "pointerup", "mousedown", "mouseup", "touchstart", "touchend", "click"];
const TYPES = [...POINTER, "keydown", "keypress", "keyup", "focus", "focusin", "focusout", "blur"];

export function captureInput({
  root,
  signal,
  isModal,
  onKeydown,
  onPressStart,
  onClick,
}: CaptureOptions): void {
  const onEvent = (event: Event) => {
    const path = event.composedPath();
    if (!path.includes(root)) return;
    if (event.type === "keydown") onKeydown(event as KeyboardEvent);
    if (event.type === "pointerdown" || event.type === "mousedown") onPressStart();
    if (event.type === "click") onClick(event, path[0]);
    if (isModal()) event.stopImmediatePropagation();
  };
  for (const type of TYPES) addEventListener(type, onEvent, { signal, capture: true });
}
