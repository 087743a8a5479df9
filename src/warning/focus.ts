/** Focus, taken politely: remembered before the warning opens, given back with the selection when it closes. */

/** Remembers where the person is. What it returns goes back there; `isGentle`: only if the focus is nowhere else by now. */
export function rememberFocus(): (isGentle?: boolean) => void {
  const element = deepActiveElement();
  const selection = selectionOf(element);
  const ancestors = ancestorsOf(element);
  return (isGentle = false) => {
    const active = deepActiveElement();
    if (element === null || (isGentle && active !== null && active !== element)) return;
    if (!element.isConnected) return focusNear(ancestors);
    if (active !== element) element.focus({ preventScroll: true });
    // Hiding a field can take its selection even where the focus comes back by itself.
    if (selection !== null) setSelection(element, selection);
  };
}

function ancestorsOf(element: HTMLElement | null): readonly HTMLElement[] {
  const found: HTMLElement[] = [];
  for (let node = element?.parentElement; node; node = node.parentElement) found.push(node);
  return found;
}

/** Where the element is gone: its nearest place that is still there and can take the focus, else the page's main part. */
function focusNear(ancestors: readonly HTMLElement[]): void {
  const main = document.querySelector<HTMLElement>("main,[role=main]");
  for (const place of ancestors.filter((ancestor) => ancestor.isConnected && ancestor !== document.body)) {
    place.focus({ preventScroll: true });
    if (document.activeElement === place) return;
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
  const stops: Element[] = [...card.querySelectorAll("button:not([hidden]),a:not([hidden])")];
  const from = root.activeElement === null ? -1 : stops.indexOf(root.activeElement);
  const to = backwards ? (from < 0 ? stops.length : from) - 1 : from + 1;
  const stop = stops.at(to % stops.length);
  if (isFocusable(stop)) stop.focus();
}

/** Looks into open shadow roots and frames of the same origin, where the browser's own restoring ends. */
function deepActiveElement(): HTMLElement | null {
  let active: Element | null = document.activeElement;
  for (let inner = active; inner; inner = innerActiveElement(inner)) active = inner;
  return isFocusable(active) && active !== document.body ? active : null;
}

function innerActiveElement(element: Element): Element | null {
  if (element.shadowRoot) return element.shadowRoot.activeElement;
  try {
    return (element as Partial<HTMLIFrameElement>).contentDocument?.activeElement ?? null;
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
