/** `<curfew-notice>`: says at the beginning how long a person may pause, and keeps it true for the session that they have. */
import type { SessionClient } from "../browser/platform/session-client.types.js";
import { unshadowed } from "../dom/unshadowed.js";
import { ENGLISH } from "../words/english.js";
import { localeFor } from "../words/load-locale.js";
import { directionOf, type Locale, tagOf } from "../words/locale.js";
import { type NoticeFacts, noticeText } from "../words/notice-text.js";
import { ENGLISH_NOTICE } from "../words/notice-words.js";

export interface NoticeOptions {
  /** A BCP 47 tag, or a catalogue of `curfew/locales` that the app has bundled. Default: the language of the place where the element stands. */
  readonly locale?: string | Locale;
}

declare global {
  interface HTMLElementTagNameMap {
    "curfew-notice": CurfewNotice;
  }
}

/** What the markup of a `<curfew-notice>` may say. `idle` and `absolute` are durations, such as `20m`. */
export interface NoticeAttributes {
  readonly idle?: string | undefined;
  readonly absolute?: string | undefined;
  readonly work?: "saved" | "notSaved" | undefined;
}

interface Source {
  readonly session: SessionClient | undefined;
  readonly options: NoticeOptions;
}

const ENGLISH_LOCALE: Locale = { tag: "en", words: ENGLISH, notice: ENGLISH_NOTICE };
const LENGTHS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** So that a server may import this file. */
const Base = (globalThis.HTMLElement ?? class {}) as typeof HTMLElement;

/**
 * The notice of the time limit (WCAG 2.2.6), as text of the page itself. What stands in it already, such as the server's
 * `startNotice()`, stays where there are no words in its language.
 *
 * @attr idle - How long a person may do nothing, such as `20m`; a session's own limit goes before it.
 * @attr absolute - After how long everyone must sign in again, such as `12h`, likewise. Without it nothing is said of it.
 * @attr work - `saved` or `notSaved`: what becomes of the work at the end. Without it nothing is said of it.
 */
export class CurfewNotice extends Base {
  static readonly observedAttributes = ["idle", "absolute", "work", "lang"];
  static #source: Source = { session: undefined, options: {} };
  static #stop = () => {};
  static readonly #shown = new Set<CurfewNotice>();

  /** From now on every notice of the page speaks of this session, in this language. */
  static follow(session: SessionClient | undefined, options: NoticeOptions): void {
    CurfewNotice.#stop();
    CurfewNotice.#source = { session, options };
    const update = () => {
      for (const notice of CurfewNotice.#shown) notice.#update();
    };
    CurfewNotice.#stop = session?.subscribe(update) ?? (() => {});
    update();
  }

  connectedCallback(): void {
    CurfewNotice.#shown.add(this);
    // While the page is still coming in, what the server wrote may not stand in the element yet.
    const page = unshadowed(document);
    if (page.readyState === "loading")
      page.addEventListener("DOMContentLoaded", () => this.#update(), { once: true });
    else this.#update();
  }

  disconnectedCallback(): void {
    CurfewNotice.#shown.delete(this);
  }

  attributeChangedCallback(): void {
    this.#update();
  }

  #update(): void {
    if (!this.isConnected || unshadowed(document).readyState === "loading") return;
    const { session, options } = CurfewNotice.#source;
    const facts = this.#facts(session);
    if (facts.idleTimeout === null && facts.absoluteTimeout === null) return;
    const choice = options.locale ?? (this.closest("[lang]")?.getAttribute("lang") || "en");
    const tag = tagOf(typeof choice === "string" ? choice : choice.tag);
    const locale = localeFor(typeof choice === "string" ? tag : choice, session?.base, () => this.#update());
    if (locale !== null || /^en\b/i.test(tag)) this.#write(locale ?? ENGLISH_LOCALE, tag, facts);
    else if (this.textContent.trim() === "") this.#write(ENGLISH_LOCALE, "en", facts);
  }

  #facts(session: SessionClient | undefined): NoticeFacts {
    const { idleTimeout, absoluteTimeout } = session?.limits ?? {};
    const work = this.getAttribute("work");
    return {
      idleTimeout: idleTimeout ?? readLimit(this.getAttribute("idle")),
      absoluteTimeout: this.hasAttribute("absolute")
        ? (absoluteTimeout ?? readLimit(this.getAttribute("absolute")))
        : null,
      work: work === "saved" || work === "notSaved" ? work : null,
    };
  }

  #write(locale: Locale, tag: string, facts: NoticeFacts): void {
    const text = noticeText(locale, tag, facts);
    const paragraph = this.querySelector("p") ?? unshadowed(document).createElement("p");
    if (paragraph.parentNode === null) this.replaceChildren(paragraph);
    if (paragraph.textContent !== text) paragraph.textContent = text;
    paragraph.lang = tag;
    paragraph.dir = directionOf(tag);
  }
}

/** `20m`, `12h` and the like in milliseconds; null for anything else. */
function readLimit(text: string | null): number | null {
  const [, count, unit] = /^(\d+(?:\.\d+)?)\s*(ms|[smhd])$/.exec(text?.trim() ?? "") ?? [];
  return count === undefined ? null : Number(count) * LENGTHS[unit as keyof typeof LENGTHS];
}
