/** The card: what is shown, spoken and pressed, by the client's state. One `update` for every cause, one timer for the clock. */
import type { SessionClient } from "../browser/platform/session-client.types.js";
import { unshadowed } from "../dom/unshadowed.js";
import type { SessionState } from "../session/machine.js";
import { type AttemptOptions, createAttempts } from "./element/attempts.js";
import { draw, drawCountdown, drawService, type Elements, write } from "./element/elements.js";
import { createSpeech, FIRST_SPEECH_DELAY } from "./element/speech.js";
import { prefersCalm } from "./element/styles.js";
import { KINDS, type KindView, type Mode, viewOf, type WarningKind } from "./kinds/kinds.js";
import { untilNextRung } from "./kinds/ladder.js";
import type { Language } from "./kinds/language.js";
import { shownTime } from "./kinds/shown-time.js";
import { createContainer } from "./page/container.js";
import { createTabTitle } from "./page/tab-title.js";
import type { TypingGuard } from "./page/typing.js";
import type { InputTaker } from "./platform/capture-input.js";
import type { Ticker } from "./platform/ticker.js";

export interface CardOptions extends Pick<AttemptOptions, "save"> {
  readonly host: HTMLElement;
  readonly root: ShadowRoot;
  readonly elements: Elements;
  readonly session: SessionClient;
  /** Asked anew each time: words may come later than the warning. */
  readonly language: () => Language;
  readonly work: "saved" | "notSaved" | undefined;
  readonly escape: "none" | undefined;
  readonly signOut: "none" | undefined;
  readonly place: "focus" | undefined;
  readonly announce: readonly number[] | undefined;
  /** The name of the service that speaks; empty: it is not shown. */
  readonly service: string;
  /** The page around this one tells of the same session. */
  readonly isToldAbove: () => boolean;
  readonly typing: TypingGuard;
  readonly takeInput: (taker: InputTaker) => void;
  readonly tell: (type: string, detail: unknown) => void;
  readonly ticker: Ticker;
  readonly signal: AbortSignal;
}

interface Card {
  /** Draws what is to be shown now. */
  update(): void;
  /** Puts a modal back after the element was moved. */
  restore(): void;
  stop(): void;
}

/** From here on the absolute limit is told by a modal. */
const MODAL_FROM = 30_000;
/** A notice that a modal of the page would make unreachable waits until here, and comes as a modal. */
const MODAL_INSTEAD_FROM = 60_000;
/** A notice that was closed comes back at these. */
const COMES_BACK_AT = [60_000, MODAL_FROM];
const LOOK_INTERVAL = 250;
/** How long a question may be on its way before the person is told of it. */
const CHECK_PERIOD = 500;

export function createCard(options: CardOptions): Card {
  const { host, elements, session, language, typing, ticker, signal } = options;
  const page = unshadowed(document);
  const speech = createSpeech(options);
  const attempts = createAttempts({ ...options, speech, update, closeNotice });
  const container = createContainer({ ...options, onEscape, onPress });
  const title = createTabTitle(language, () => options.service || location.host);
  let shown: WarningKind | null = null;
  let checkedSince: number | null = null;
  let closedUntil = Number.POSITIVE_INFINITY;
  let stopTick = () => {};

  function update(): void {
    if (signal.aborted) return;
    stopTick();
    const { state } = session;
    const { work, save, signOut } = options;
    const view = viewOf(state, {
      words: language().words,
      work,
      attempt: attempts.current,
      canSave: save !== undefined,
      canEnd: signOut !== "none",
      online: navigator.onLine !== false,
      // What reads the time of day reads a language's tag first, which takes the engine some milliseconds.
      clock: (at) => language().times.clock(at),
    });
    const remaining = session.remaining() ?? Number.POSITIVE_INFINITY;
    title.show(view?.kind ?? null, remaining);
    if (view === null || options.isToldAbove()) close(state);
    else if (isHeldBack(view, remaining)) tick(LOOK_INTERVAL);
    else present(view, remaining);
  }

  function modeOf(kind: WarningKind, remaining: number): Mode | null {
    if (!KINDS[kind].isNotice) return "modal";
    if (remaining > closedUntil) return null;
    const isModal = container.mode === "modal" && shown === kind;
    if (container.mode === null && container.isBlocked())
      return remaining <= MODAL_INSTEAD_FROM ? "modal" : null;
    // A modal that came under somebody's fingers would take the keys that they are typing.
    return isModal || (remaining <= MODAL_FROM && !typing.isTyping()) ? "modal" : "notice";
  }

  function isHeldBack({ kind, checking }: KindView, remaining: number): boolean {
    checkedSince = checking ? (checkedSince ?? ticker.now()) : null;
    if (checkedSince !== null && ticker.now() - checkedSince < CHECK_PERIOD) return true;
    const waits = KINDS[kind].waitsForTyping === true && container.mode === null && !page.hidden;
    return waits && typing.holdsBack(remaining);
  }

  function present(view: KindView, remaining: number): void {
    const mode = modeOf(view.kind, remaining);
    shown = view.kind;
    host.setAttribute("kind", shown);
    draw(elements, view, session.endUrl ?? session.signInUrl);
    drawService(elements, options.service);
    write(elements.more, language().words.more);
    drawTime(view.kind, remaining);
    if (mode === null) container.hide();
    else if (container.show(mode, view.kind, view.title)) speech.begin(view.kind, remaining, mode);
    else if (!page.hidden) speech.tell(remaining);
    container.keepOnTop();
    const { rungs } = KINDS[view.kind];
    if (rungs === undefined) return;
    const waitsForKeys = mode === "notice" && remaining <= MODAL_FROM;
    if (waitsForKeys) tick(LOOK_INTERVAL);
    else tick(page.hidden ? untilNextRung(rungs, remaining) : untilNextChange(remaining));
  }

  function drawTime(kind: WarningKind, remaining: number): void {
    const isShown =
      KINDS[kind].rungs !== undefined &&
      host.getAttribute("countdown") !== "none" &&
      Number.isFinite(remaining);
    drawCountdown(elements, language().words.countdown, isShown ? timeLeft(remaining) : "");
  }

  function timeLeft(remaining: number): string {
    const shownNow = shownTime(remaining, isCalm());
    if (shownNow === 0 && remaining >= 1000) return language().words.moments;
    return language().times.duration(shownNow);
  }

  /** Only the client's state closes: an answer that nobody has confirmed does not. */
  function close(state: SessionState): void {
    const spoken =
      container.mode !== null && shown !== null && state.status === "active"
        ? KINDS[shown].spokenAfter
        : undefined;
    container.hide();
    typing.reset();
    attempts.reset();
    checkedSince = null;
    closedUntil = Number.POSITIVE_INFINITY;
    shown = null;
    host.removeAttribute("kind");
    if (spoken !== undefined) speech.afterwards(language().words[spoken]);
  }

  function tick(delay: number): void {
    if (Number.isFinite(delay)) stopTick = ticker.after(delay, update);
  }

  function untilNextChange(remaining: number): number {
    if (remaining <= 0) return Number.POSITIVE_INFINITY;
    const next = remaining - shownTime(remaining, isCalm()) + 1;
    const first = FIRST_SPEECH_DELAY - (ticker.now() - container.openedAt);
    return first > 0 ? Math.min(next, first) : next;
  }

  function isCalm(): boolean {
    return host.getAttribute("countdown") === "calm" || prefersCalm();
  }

  function onEscape(event: Event): void {
    const action = shown === null ? undefined : KINDS[shown].escape;
    if (action !== undefined && !(action === "extend" && options.escape === "none"))
      attempts.act(action, event);
  }

  function onPress(button: "primary" | "secondary", event: Event): void {
    const action = shown === null ? undefined : KINDS[shown][button];
    if (action !== undefined) attempts.act(action, event);
  }

  function closeNotice(): void {
    const remaining = session.remaining() ?? 0;
    closedUntil = COMES_BACK_AT.find((at) => at < remaining) ?? 0;
    update();
  }

  return {
    update,
    restore: container.restore,
    stop() {
      stopTick();
      speech.stop();
      container.hide();
      title.show(null, 0);
    },
  };
}
