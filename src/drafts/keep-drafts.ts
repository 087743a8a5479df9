/** Keeps what people have typed over a sign-in: for the same person, in the same tab, and only where a form asks for it. */
import type { SessionClient } from "../browser/platform/session-client.types.js";
import { unshadowed } from "../dom/unshadowed.js";
import type { EndReason } from "../session/end.js";
import { createDraftStore } from "./draft-store.js";
import { readDraft, writeDraft } from "./fields.js";

export interface DraftOptions {
  /** Which forms. Default `form[data-curfew-draft]`. */
  readonly forms?: string;
  /** For how long, in milliseconds. Default, and at most, 24 h: as long as the server knows whose an ended session was. */
  readonly maxAge?: number;
}

const LONGEST_AGE = 24 * 60 * 60 * 1000;
/** Who signed out, or was signed out by someone who looks after the service, leaves nothing behind. */
const FORGETTING: readonly EndReason[] = ["signed-out", "revoked"];

/**
 * Keeps the forms that are marked `data-curfew-draft` in `sessionStorage`, and puts them back after the person has signed
 * in again: same subject, same page, same tab. Passwords, card and one-time-code fields, hidden fields, files and what
 * lies in `[data-no-draft]` are never kept. A sign-out deletes everything. On each form that was filled again it fires
 * `curfew-draft-restored`, with the number of fields in `detail.fields`. Does nothing where there is no document.
 *
 * @returns its own end: keeps nothing more, and leaves what is kept.
 * @throws RangeError where `maxAge` is not between 1 ms and 24 h
 */
export function keepDrafts(session: SessionClient, options: DraftOptions = {}): () => void {
  const { forms = "form[data-curfew-draft]", maxAge = LONGEST_AGE } = options;
  if (!(maxAge > 0 && maxAge <= LONGEST_AGE))
    throw new RangeError(`maxAge is ${maxAge}. Give milliseconds from 1 to ${LONGEST_AGE} (24 h).`);
  if (typeof document === "undefined") return () => {};
  const store = createDraftStore(() => sessionStorage, { now: () => Date.now(), maxAge });
  const page = unshadowed(document);
  const ending = new AbortController();
  const listening = { signal: ending.signal, capture: true };
  let restoredFor: string | null = null;

  const sid = () => ("sid" in session.state ? session.state.sid : null);

  function keep(target: EventTarget | null, isSent: boolean): void {
    const form = target instanceof Element ? unshadowed(target).closest("form") : null;
    const live = sid();
    if (live === null || form === null || !unshadowed(form).matches(forms)) return;
    store.keep(placeOf(form, forms), { sid: live, keptAt: Date.now(), isSent, draft: readDraft(form) });
  }

  function drop(target: EventTarget | null): void {
    if (target instanceof HTMLFormElement) store.drop(placeOf(target, forms));
  }

  async function follow(): Promise<void> {
    const { state } = session;
    if (state.status === "ended" && FORGETTING.includes(state.reason))
      for (const place of store.all().keys()) store.drop(place);
    if (state.status !== "active" || restoredFor === state.sid) return;
    restoredFor = state.sid;
    for (const [place, { sid: written, isSent, draft }] of store.all()) {
      const isSame = written === state.sid;
      const isWanted = isSame ? !isSent : await session.isSameSubject(written);
      const form = isWanted ? formAt(place, forms) : undefined;
      // What nobody can say whose it is waits for the next page.
      if (form !== undefined || isWanted === false) store.drop(place);
      if (form !== undefined) restore(form, draft);
    }
  }

  function restore(form: HTMLFormElement, draft: Parameters<typeof writeDraft>[1]): void {
    const fields = writeDraft(form, draft);
    if (fields > 0)
      unshadowed(form).dispatchEvent(
        new CustomEvent("curfew-draft-restored", { bubbles: true, detail: { fields } }),
      );
  }

  for (const type of ["input", "change"])
    page.addEventListener(type, ({ target }) => keep(target, false), listening);
  page.addEventListener("submit", ({ target }) => keep(target, true), listening);
  page.addEventListener("reset", ({ target }) => drop(target), listening);
  const unsubscribe = session.subscribe(() => void follow());
  void follow();
  return () => {
    ending.abort();
    unsubscribe();
  };
}

/** The page and the form on it: by its id, else by its turn. */
function placeOf(form: HTMLFormElement, forms: string): string {
  const turn = [...unshadowed(document).querySelectorAll(forms)].indexOf(form);
  const { id } = unshadowed(form);
  return `${location.pathname}#${id === "" ? turn : id}`;
}

function formAt(place: string, forms: string): HTMLFormElement | undefined {
  return [...unshadowed(document).querySelectorAll<HTMLFormElement>(forms)].find(
    (form) => placeOf(form, forms) === place,
  );
}
