/** Focus, taken politely: remembered before the warning opens, given back with the selection when it closes. */
import { unshadowed } from "../../dom/unshadowed.js";

/** Remembers where the person is. What it returns goes back there; `isGentle`: only if the focus is nowhere else by now. */
export function rememberFocus(): (isGentle?: boolean) => void {
  const element = deepActiveElement();
  const selection = selectionOf(element);
  const ancestors = ancestorsOf(element);
  return (isGentle = false) => {
    const active = deepActiveElement();
    if (element === null || (isGentle && active !== null && active !== element)) return;
    if (!unshadowed(element).isConnected) return focusNear(ancestors);
    if (active !== element) unshadowed(element).focus({ preventScroll: true });
    // Hiding a field can take its selection even where the focus comes back by itself.
    if (selection !== null) setSelection(element, selection);
  };
}

/** The browser gives the focus to what is marked. Else a button has it first, and readers say both. */
export function openAt(dialog: HTMLDialogElement, target: HTMLElement): void {
  for (const place of dialog.querySelectorAll("[autofocus]")) place.removeAttribute("autofocus");
  target.setAttribute("autofocus", "");
  dialog.showModal();
}

/** What can be pressed in the card, in order; what is not offered is not there. */
export function stopsIn(card: HTMLElement): HTMLElement[] {
  return [...card.querySelectorAll<HTMLElement>("button:not([hidden],[part=more]),a:not([hidden])")];
}

function ancestorsOf(element: HTMLElement | null): readonly HTMLElement[] {
  const found: HTMLElement[] = [];
  for (let node = parentOf(element); node; node = parentOf(node)) found.push(node);
  return found;
}

function parentOf(element: HTMLElement | null): HTMLElement | null {
  return element && unshadowed(element).parentElement;
}

/** Where the element is gone: its nearest place that is still there and can take the focus, else the page's main part. */
function focusNear(ancestors: readonly HTMLElement[]): void {
  const page = unshadowed(document);
  const main = page.querySelector<HTMLElement>("main,[role=main]");
  for (const place of ancestors) {
    const { isConnected, focus } = unshadowed(place);
    if (!isConnected || place === page.body) continue;
    focus({ preventScroll: true });
    if (page.activeElement === place) return;
    if (place === main) break;
  }
  if (main === null) return;
  const isFocusable = main.hasAttribute("tabindex");
  if (!isFocusable) main.tabIndex = -1;
  main.focus({ preventScroll: true });
  if (!isFocusable) main.addEventListener("blur", () => main.removeAttribute("tabindex"), { once: true });
}

/**
 * Moves the focus within a modal card. Firefox's own loop leaves out the first button of a dialog in a shadow root, and
 * Chromium's stops at the browser's bar.
 */
export function loopFocus(card: HTMLElement, root: ShadowRoot, backwards: boolean): void {
  const stops: Element[] = stopsIn(card);
  const from = root.activeElement === null ? -1 : stops.indexOf(root.activeElement);
  const to = backwards ? (from < 0 ? stops.length : from) - 1 : from + 1;
  const stop = stops.at(to % stops.length);
  if (isFocusable(stop)) stop.focus();
}

/** Looks into open shadow roots and frames of the same origin, where the browser's own restoring ends. */
function deepActiveElement(): HTMLElement | null {
  const { activeElement, body } = unshadowed(document);
  let active: Element | null = activeElement;
  for (let inner = active; inner; inner = innerActiveElement(inner)) active = inner;
  return isFocusable(active) && active !== body ? active : null;
}

function innerActiveElement(element: Element): Element | null {
  try {
    const { shadowRoot, contentDocument } = unshadowed(element as HTMLIFrameElement);
    if (shadowRoot) return shadowRoot.activeElement;
    return contentDocument ? unshadowed(contentDocument).activeElement : null;
  } catch {
    return null;
  }
}

/** By its shape, as an element of a frame is of another window's class. */
function isFocusable(element: Element | null | undefined): element is HTMLElement {
  return !!element && "focus" in element;
}

type Selected = readonly [number | null, number | null, "forward" | "backward" | "none" | undefined];

function selectionOf(element: HTMLElement | null): Selected | null {
  const { selectionStart, selectionEnd, selectionDirection } = (element ?? {}) as Partial<HTMLInputElement>;
  if (typeof selectionStart !== "number" || typeof selectionEnd !== "number") return null;
  return [selectionStart, selectionEnd, selectionDirection ?? undefined];
}

function setSelection(element: HTMLElement, selection: Selected): void {
  (element as HTMLInputElement).setSelectionRange(...selection);
}
