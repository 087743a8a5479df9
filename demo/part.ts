/** A part of the page, by its handle. */
export function part(id: string): HTMLElement;
export function part<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind;
export function part(id: string, kind: new () => HTMLElement = HTMLElement): HTMLElement {
  const element = document.querySelector(`[data-testid="${id}"]`);
  if (element instanceof kind) return element;
  throw new Error(`The page has no ${kind.name} with data-testid="${id}"`);
}

/** Writes only what is new, so that nothing is read out twice. */
export function write(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** A verdict in words, and its kind for the eyes. */
export function writeVerdict(id: string, kind: "good" | "bad" | "open", text: string): void {
  const element = part(id);
  element.dataset.kind = kind;
  write(element, text);
}
