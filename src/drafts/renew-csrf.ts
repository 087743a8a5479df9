/** Renews a page's CSRF tokens once its person has signed in again beside it, so that the form can be sent and not just read. */
import type { SessionClient } from "../browser/platform/session-client.types.js";
import { unshadowed } from "../dom/unshadowed.js";
import { onNewSession } from "../session/new-session.js";
import { loadPage } from "./load-page.js";

export interface CsrfOptions {
  /** Other fields and metas that carry a token, besides those of the frameworks: a selector. Default `[data-curfew-csrf]`. */
  readonly tokens?: string;
  /** The address of a page of the same origin that carries fresh tokens. Default: the page's own. */
  readonly from?: string;
}

/**
 * What the frameworks call them: csurf and csrf-csrf's guides, Django, Rails, Laravel, Spring Security, Flask-WTF and ASP.NET.
 * Each name stands in the framework's own guide.
 */
const NAMES = [
  ...["_csrf", "csrfmiddlewaretoken", "authenticity_token", "_token", "csrf_token", "csrf-token"],
  "__RequestVerificationToken",
];
const KNOWN = NAMES.map((name) => `input[type=hidden][name="${name}"],meta[name="${name}"]`).join();

/**
 * Once the same person has signed in again, it loads the page a second time, unseen, and takes the fresh tokens from there, into
 * the hidden fields and metas of this one. A form that is sent meanwhile waits for them. Then it fires `curfew-csrf-renewed` on the
 * document, with the number of tokens in `detail.tokens`, for scripts that keep a token of their own. What does not work is said in the
 * console, and the next submit tries again. Does nothing where there is no document.
 *
 * @returns its own end
 */
export function renewCsrf(session: SessionClient, options: CsrfOptions = {}): () => void {
  const { tokens: others = "[data-curfew-csrf]", from } = options;
  if (typeof document === "undefined") return () => {};
  const page = unshadowed(document);
  const tokens = `${KNOWN},${others}`;
  const ending = new AbortController();
  let isStale = false;
  let renewal: Promise<void> | null = null;

  function renew(): Promise<void> {
    renewal ??= tryToRenew().finally(() => {
      renewal = null;
    });
    return renewal;
  }

  async function tryToRenew(): Promise<void> {
    if (page.querySelector(tokens) === null) {
      isStale = false;
      return;
    }
    try {
      const fresh = await loadPage(from ?? location.href);
      const renewed = copyTokens(page, fresh, tokens);
      if (renewed === 0) throw new Error("it holds none of the tokens of this page");
      isStale = false;
      page.dispatchEvent(new CustomEvent("curfew-csrf-renewed", { detail: { tokens: renewed } }));
    } catch (error) {
      console.error(
        `curfew: the CSRF tokens of this page are of the session before, and ${from ?? "the page itself"} gave no new ones: ${
          (error as Error).message
        }. Name a page that carries them by "from".`,
      );
    }
  }

  /** Once more before the form goes out, and then it goes: what the server makes of it is better than a form that is stuck. */
  function onSubmit(event: SubmitEvent): void {
    const { target: form, submitter } = event;
    if (!isStale || !(form instanceof HTMLFormElement)) return;
    if (unshadowed(form).querySelector(tokens) === null) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const send = () => {
      isStale = false;
      unshadowed(form).requestSubmit(submitter);
    };
    // In a task of its own: while the event is on its way the browser takes no second submit of the form.
    // https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#form-submission-algorithm
    void renew().then(() => setTimeout(send));
  }

  const stop = onNewSession(session, () => {
    isStale = true;
    void renew();
  });
  addEventListener("submit", onSubmit, { signal: ending.signal, capture: true });
  return () => {
    stop();
    ending.abort();
  };
}

/** Each token from its own form: Rails makes one for each action. Else from the first of its name. */
function copyTokens(page: Document, fresh: Document, selector: string): number {
  const found = [...fresh.querySelectorAll(selector)];
  let renewed = 0;
  for (const token of page.querySelectorAll(selector)) {
    const [place, name] = [placeOf(token), nameOf(token)];
    const source =
      found.find((other) => placeOf(other) === place) ?? found.find((other) => nameOf(other) === name);
    const attribute = token.localName === "meta" ? "content" : "value";
    const value = source && unshadowed(source).getAttribute(attribute);
    if (!value) continue;
    unshadowed(token).setAttribute(attribute, value);
    if (token instanceof HTMLInputElement) unshadowed(token).value = value;
    renewed++;
  }
  return renewed;
}

function nameOf(token: Element): string {
  return `${token.localName} ${unshadowed(token).getAttribute("name")}`;
}

function placeOf(token: Element): string {
  const form = unshadowed(token).closest("form");
  const of = (name: string) => (form === null ? "" : unshadowed(form).getAttribute(name));
  return [nameOf(token), of("action"), of("method"), of("id")].join(" ");
}
