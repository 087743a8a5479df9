/** What a form holds, as far as it may be kept: never a password, a card, a code, a file or anything hidden. */
import { unshadowed } from "../dom/unshadowed.js";

/** A field's values under its name: texts, chosen options, or whether it is checked. */
export type Draft = Readonly<Record<string, readonly string[] | boolean>>;

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

const NEVER_TYPES = ["password", "hidden", "file", "submit", "button", "reset", "image"];
const NEVER_AUTOCOMPLETE = /(^|\s)(cc-\S*|one-time-code|current-password|new-password)(\s|$)/i;

/** What the person has put in. Fields without a name or an id are left out: nobody would find them again. */
export function readDraft(form: HTMLFormElement): Draft {
  return Object.fromEntries(keptFields(form).map(([key, field]) => [key, valuesOf(field)]));
}

/** Puts a draft back where its fields still are, and tells the page of each as if the person had typed. Returns how many. */
export function writeDraft(form: HTMLFormElement, draft: Draft): number {
  let count = 0;
  for (const [key, field] of keptFields(form)) {
    const value = draft[key];
    if (value === undefined || JSON.stringify(valuesOf(field)) === JSON.stringify(value)) continue;
    setValue(field, value);
    for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, { bubbles: true }));
    count++;
  }
  return count;
}

function keptFields(form: HTMLFormElement): readonly (readonly [string, Field])[] {
  const seen = new Map<string, number>();
  return [...unshadowed(form).elements].flatMap((element) => {
    if (!isField(element) || !mayBeKept(element)) return [];
    const name = element.name || element.id;
    if (name === "") return [];
    const index = seen.get(name) ?? 0;
    seen.set(name, index + 1);
    return [[`${name} ${index}`, element] as const];
  });
}

function mayBeKept(field: Field): boolean {
  return (
    !NEVER_TYPES.includes(field.type) &&
    !NEVER_AUTOCOMPLETE.test(field.getAttribute("autocomplete") ?? "") &&
    field.closest("[data-no-draft]") === null
  );
}

function valuesOf(field: Field): readonly string[] | boolean {
  if (field instanceof HTMLSelectElement)
    return [...field.options].filter(({ selected }) => selected).map(({ value }) => value);
  return isCheckable(field) ? field.checked : [field.value];
}

function setValue(field: Field, value: readonly string[] | boolean): void {
  if (field instanceof HTMLSelectElement) {
    if (typeof value !== "boolean")
      for (const option of field.options) option.selected = value.includes(option.value);
  } else if (isCheckable(field)) setOwn(field, "checked", value === true);
  else if (typeof value !== "boolean") setOwn(field, "value", value[0] ?? "");
}

/** By the class's own setter: React puts one on the element that would hide the change from it. */
function setOwn(field: Field, property: "value" | "checked", value: string | boolean): void {
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), property)?.set?.call(field, value);
}

function isField(element: Element): element is Field {
  return (
    element instanceof HTMLInputElement ||
    element instanceof HTMLTextAreaElement ||
    element instanceof HTMLSelectElement
  );
}

function isCheckable(field: Field): field is HTMLInputElement {
  return field.type === "checkbox" || field.type === "radio";
}
