/** `<curfew-warning>`: holds the one shadow root, and keeps its place in the document while there is a client to show. */
import type { BeforeEndEvent, SessionClient } from "../browser/platform/session-client.types.js";
import { unshadowed } from "../dom/unshadowed.js";
import { onNewSession } from "../session/new-session.js";
import { directionOf } from "../words/locale.js";
import { type Controller, createController } from "./controller.js";
import { type Complain, complainOf, optionsFrom } from "./element/attributes.js";
import { buildElements, type Elements } from "./element/elements.js";
import type { WarningOptions } from "./element/options.js";
import { goToSignIn } from "./element/sign-in-address.js";
import { adoptStyles } from "./element/styles.js";
import { kindOf, urgencyOf } from "./kinds/kinds.js";
import { checkAnnounce } from "./kinds/ladder.js";
import { type Language, languageOf } from "./kinds/language.js";
import { observeTyping, type Typing } from "./page/typing.js";
import { TICKER } from "./platform/ticker.js";

export type { WarningAttributes } from "./element/attributes.js";
export type { WarningOptions } from "./element/options.js";

declare global {
  interface HTMLElementTagNameMap {
    "curfew-warning": CurfewWarning;
  }
  /** The warning's events bubble to the document. */
  interface GlobalEventHandlersEventMap {
    "curfew-before-end": CustomEvent<BeforeEndEvent>;
    "curfew-extended": CustomEvent<null>;
    "curfew-uncovered": CustomEvent<{ readonly sameSubject: true; readonly sid: string }>;
  }
}

interface Attachment {
  readonly session: SessionClient;
  readonly options: WarningOptions;
}

/** So that a server may import this file. */
const Base = (globalThis.HTMLElement ?? class {}) as typeof HTMLElement;

/**
 * The expiry warning. `attachWarning` makes it; a page that places its own calls `connect`.
 *
 * @attr kind - Set while shown: `idle`, `absolute`, `unconfirmed` or `ended`.
 * @attr countdown - `calm` or `none`. @attr work - `saved` or `notSaved`. @attr locale - A language tag.
 * @attr escape - `none`. @attr sign-out - `none`. @attr place - `focus`. @attr role - `dialog`. @attr service - A name. @attr announce - Milliseconds,
 * between spaces. @attr expired - `redirect`. Options go before attributes.
 * @slot mark - The service's mark, shown beside its name.
 * @event curfew-before-end - Time to save; `detail` is `{ phase, waitUntil }`.
 * @event curfew-extended - The person answered and the server agreed.
 * @event curfew-uncovered - The same person has signed in again beside this page; `detail` is `{ sameSubject: true, sid }`, the new session's.
 * @csspart dialog - The modal. @csspart notice - The same without taking focus. @csspart title
 * @csspart service @csspart kept @csspart more @csspart done @csspart message @csspart countdown @csspart error @csspart actions @csspart primary @csspart secondary @csspart live
 * @cssproperty --curfew-warning-background, -color, -accent, -on-accent, -error, -border, -radius, -font, -size, -backdrop
 */
export class CurfewWarning extends Base {
  #elements: Elements | null = null;
  /** The last one connected comes first. */
  #attachments: readonly Attachment[] = [];
  #shown: Attachment | undefined;
  #controller: Controller | null = null;
  /** One for all clients: whoever is shown next waits for the person too. */
  #typing: Typing | null = null;
  /** Holds the place where the page has this element: a framework takes it away from there, and from nowhere else. */
  #place: Comment | null = null;

  /**
   * Shows this client's warnings until the returned function is called, as a child of `<html>`; then the element stands again
   * where it stood. Of several clients the one whose person has the least time is shown. Where none has anything to show, the
   * one that has just been shown or connected keeps the element.
   */
  connect(session: SessionClient, options: WarningOptions = {}): () => void {
    checkAnnounce(options.announce);
    this.#move();
    const attachment = { session, options };
    this.#attachments = [attachment, ...this.#attachments];
    const stops = [session.subscribe(() => this.#choose()), ...this.#tellOf(attachment)];
    const end = () => {
      for (const stop of stops) stop();
      this.#attachments = this.#attachments.filter((other) => other !== attachment);
      this.#choose();
    };
    try {
      this.#choose(true);
    } catch (error) {
      end();
      throw error;
    }
    return end;
  }

  /** The page hears of each of its sessions once, whichever is shown; only the one that is shown may leave the page. */
  #tellOf(attachment: Attachment): readonly (() => void)[] {
    const { session } = attachment;
    const tell = (type: string, detail: unknown) => {
      if (this.#attachments.find((one) => one.session === session) === attachment) this.#tell(type, detail);
    };
    return [
      session.on("before-end", ({ phase, waitUntil }) => tell("curfew-before-end", { phase, waitUntil })),
      session.on("ended", ({ reason }) => {
        const isLeft = this.#shown === attachment && this.#optionsOf(attachment).expired !== undefined;
        if (isLeft) goToSignIn(session.signInUrl, reason);
      }),
      onNewSession(session, (sid) => {
        // Who hears of it sees the page.
        try {
          this.#controller?.update();
        } finally {
          tell("curfew-uncovered", { sameSubject: true, sid });
        }
      }),
    ];
  }

  #tell(type: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { bubbles: true, composed: true, detail }));
  }

  #move(): void {
    const page = unshadowed(document);
    if (this.parentNode === page.documentElement) return;
    this.#place = this.isConnected ? page.createComment("") : null;
    if (this.#place !== null) this.replaceWith(this.#place);
    page.documentElement.append(this);
  }

  #moveBack(): void {
    if (this.#place?.isConnected) this.#place.replaceWith(this);
    else this.remove();
  }

  /** Whether this element tells of the session of that verifier. */
  tells(base: string | undefined): boolean {
    return this.#attachments.some(({ session }) => session.base === base);
  }

  connectedCallback(): void {
    this.#controller?.restore();
  }

  /** Pages replace what they find. In a task of its own, so that a page which insists is not frozen by the argument. */
  disconnectedCallback(): void {
    TICKER.after(0, () => {
      if (this.#controller !== null && !this.isConnected) unshadowed(document).documentElement.append(this);
    });
  }

  /** As long as nobody has anything to show, who is shown keeps the element: what is said after an answer is its own. */
  #choose(isNew = false): void {
    const [first] = [...this.#attachments].sort((a, b) => urgencyOf(a.session) - urgencyOf(b.session));
    const isQuiet = first !== undefined && kindOf(first.session.state) === null;
    const holder = isQuiet && !isNew ? this.#attachments.find((one) => one === this.#shown) : undefined;
    const next = holder ?? first;
    if (next === this.#shown) return;
    this.#shown = next;
    this.#begin(next);
  }

  #begin(attachment: Attachment | undefined): void {
    this.#controller?.stop();
    this.#controller = attachment === undefined ? null : this.#present(attachment);
    if (attachment !== undefined) return;
    this.#typing?.stop();
    this.#typing = null;
    this.#moveBack();
  }

  /** With its styles from the first, so that no transition of the page's runs when there is something to show. */
  #root(): ShadowRoot {
    if (this.shadowRoot !== null) return this.shadowRoot;
    const root = this.attachShadow({ mode: "open" });
    adoptStyles(root);
    return root;
  }

  /** What markup says counts where the options say nothing. */
  #optionsOf({ options }: Attachment, complain: Complain = () => {}): WarningOptions {
    return { ...optionsFrom((name) => this.getAttribute(name), complain), ...options };
  }

  #present(attachment: Attachment): Controller {
    const { session } = attachment;
    const options = this.#optionsOf(attachment, complainOf(""));
    checkAnnounce(options.announce);
    const { countdown, work, save, announce } = options;
    const speak = (): Language => {
      const found = languageOf(options, session.base, () => {
        if (this.#shown !== attachment) return;
        language = speak();
        this.#controller?.update();
      });
      this.lang = found.lang;
      this.dir = directionOf(found.lang);
      return found;
    };
    let language = speak();
    if (countdown !== undefined) this.setAttribute("countdown", countdown);
    const root = this.#root();
    this.#typing ??= observeTyping(TICKER);
    const { isTyping } = this.#typing;
    const build = (): Elements => {
      this.#elements ??= buildElements(root);
      this.#elements.dialog.role = options.role ?? "alertdialog";
      return this.#elements;
    };
    return createController({
      host: this,
      root,
      build,
      isTyping,
      session,
      language: () => language,
      work,
      save,
      escape: options.escape,
      signOut: options.signOut,
      place: options.place,
      service: options.service ?? applicationName(),
      announce,
      isToldAbove: () => isToldAbove(session.base),
      tell: (type, detail) => this.#tell(type, detail),
      ticker: TICKER,
    });
  }
}

/** A frame whose page, or the page around that, tells of the same session is no place to tell of it once more. */
function isToldAbove(base: string | undefined): boolean {
  try {
    for (let view: Window = window; view.parent !== view; ) {
      view = view.parent;
      const above = unshadowed(view.document).querySelector<CurfewWarning>(":root > curfew-warning");
      if (above?.tells?.(base)) return true;
    }
  } catch {
    // A page of another origin: what is around it is out of reach.
  }
  return false;
}

/** What the page calls itself, where it says so: https://html.spec.whatwg.org/multipage/semantics.html#meta-application-name */
function applicationName(): string {
  const meta = unshadowed(document).querySelector("meta[name=application-name]");
  return meta?.getAttribute("content")?.trim() ?? "";
}
