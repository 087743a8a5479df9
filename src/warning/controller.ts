/** Joins the client's state to what is shown, spoken and pressed. One `update` for every cause, one timer for the clock. */
import type { SessionClient } from "../browser/platform/session-client.types.js";
import { unshadowed } from "../dom/unshadowed.js";
import type { EndReason } from "../session/end.js";
import type { SessionState } from "../session/machine.js";
import type { Words } from "../words/english.js";
import type { TimeWords } from "../words/intl.js";
import { createContainer } from "./container.js";
import { draw, drawCountdown, type Elements } from "./elements.js";
import { type Action, KINDS, type KindView, type Mode, viewOf, type WarningKind } from "./kinds.js";
import { untilNextRung } from "./ladder.js";
import { shownTime } from "./shown-time.js";
import { createSpeech, FIRST_SPEECH_DELAY } from "./speech.js";
import { prefersCalm } from "./styles.js";
import { createTabTitle } from "./tab-title.js";
import type { Ticker } from "./ticker.js";
import { observeTyping } from "./typing.js";
import type { Attempt } from "./view.js";

export interface ControllerOptions {
  readonly host: HTMLElement;
  readonly root: ShadowRoot;
  readonly elements: Elements;
  readonly session: SessionClient;
  readonly words: Words;
  readonly times: TimeWords;
  readonly work: "saved" | "notSaved" | undefined;
  readonly save: (() => Promise<unknown>) | undefined;
  readonly escape: "none" | undefined;
  readonly announce: readonly number[] | undefined;
  /** The page is left when the session has ended; undefined: it is covered. */
  readonly leave: ((reason: EndReason) => void) | undefined;
  readonly ticker: Ticker;
}

export interface Controller {
  /** Puts a modal back after the element was moved. */
  restore(): void;
  stop(): void;
}

const AT_REST: Attempt = { pending: null, failed: null, saved: false };
/** From here on the absolute limit is told by a modal. */
const MODAL_FROM = 30_000;
/** A notice that a modal of the page would make unreachable waits until here, and comes as a modal. */
const MODAL_INSTEAD_FROM = 60_000;
/** A notice that was closed comes back at these. */
const COMES_BACK_AT = [60_000, MODAL_FROM];
const TYPING_LOOK_INTERVAL = 250;

export function createController(options: ControllerOptions): Controller {
  const { host, elements, session, words, times, ticker } = options;
  const ending = new AbortController();
  const { signal } = ending;
  const page = unshadowed(document);
  const typing = observeTyping(ticker, signal);
  const speech = createSpeech(options);
  const container = createContainer({ ...options, signal, onEscape, onPress });
  const title = createTabTitle(words, times);
  let attempt = AT_REST;
  let shown: WarningKind | null = null;
  let closedUntil = Number.POSITIVE_INFINITY;
  let stopTick = () => {};

  function update(): void {
    stopTick();
    const { state } = session;
    const { work, save } = options;
    const view = viewOf(state, { words, attempt, work, canSave: save !== undefined, clock: times.clock });
    const remaining = session.remaining() ?? Number.POSITIVE_INFINITY;
    title.show(view?.kind ?? null, remaining);
    if (view === null) close(state);
    else if (isHeldBack(view.kind, remaining)) tick(TYPING_LOOK_INTERVAL);
    else present(view, remaining);
  }

  function modeOf(kind: WarningKind, remaining: number): Mode | null {
    if (!KINDS[kind].isNotice) return "modal";
    if (remaining > closedUntil) return null;
    const isModal = container.mode === "modal" && shown === kind;
    if (container.mode === null && container.isBlocked())
      return remaining <= MODAL_INSTEAD_FROM ? "modal" : null;
    return remaining <= MODAL_FROM || isModal ? "modal" : "notice";
  }

  function isHeldBack(kind: WarningKind, remaining: number): boolean {
    return (
      KINDS[kind].waitsForTyping === true &&
      container.mode === null &&
      !page.hidden &&
      typing.holdsBack(remaining)
    );
  }

  function present(view: KindView, remaining: number): void {
    const mode = modeOf(view.kind, remaining);
    shown = view.kind;
    host.setAttribute("kind", shown);
    draw(elements, view, session.signInUrl);
    drawTime(view.kind, remaining);
    if (mode === null) container.hide();
    else if (container.show(mode, view.kind, view.title))
      speech.begin(view.kind, mode === "modal" ? remaining : null);
    else if (!page.hidden) speech.tell(remaining);
    container.keepOnTop();
    const { rungs } = KINDS[view.kind];
    if (rungs === undefined) return;
    tick(page.hidden ? untilNextRung(rungs, remaining) : untilNextChange(remaining));
  }

  function drawTime(kind: WarningKind, remaining: number): void {
    const isShown =
      KINDS[kind].rungs !== undefined &&
      host.getAttribute("countdown") !== "none" &&
      Number.isFinite(remaining);
    drawCountdown(elements, words.countdown, isShown ? timeLeft(remaining) : "");
  }

  function timeLeft(remaining: number): string {
    const shown = shownTime(remaining, isCalm());
    return shown === 0 && remaining >= 1000 ? words.moments : times.duration(shown);
  }

  /** Only the client's state closes: an answer that nobody has confirmed does not. */
  function close(state: SessionState): void {
    const spoken =
      container.mode !== null && shown !== null && state.status === "active"
        ? KINDS[shown].spokenAfter
        : undefined;
    container.hide();
    typing.reset();
    attempt = AT_REST;
    closedUntil = Number.POSITIVE_INFINITY;
    shown = null;
    host.removeAttribute("kind");
    if (spoken !== undefined) speech.afterwards(words[spoken]);
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
    if (action !== undefined && !(action === "extend" && options.escape === "none")) act(action, event);
  }

  function closeNotice(): void {
    const remaining = session.remaining() ?? 0;
    closedUntil = COMES_BACK_AT.find((at) => at < remaining) ?? 0;
    update();
  }

  function tryTo(what: "extend" | "end" | "save", work: () => Promise<unknown>): void {
    if (attempt.pending !== null) return;
    attempt = { pending: what, failed: null, saved: false };
    update();
    work().then(
      () => {
        if (what === "extend") tell("curfew-extended", null);
        if (what === "save") speech.say(words["absolute.saved"]);
        finish(null, what === "save");
      },
      () => finish(what),
    );
  }

  function finish(failed: Attempt["failed"], saved = false): void {
    if (signal.aborted) return;
    attempt = { pending: null, failed, saved };
    update();
  }

  function tell(type: string, detail: unknown): void {
    host.dispatchEvent(new CustomEvent(type, { bubbles: true, composed: true, detail }));
  }

  function act(action: Action, event: Event): void {
    const { save } = options;
    if (action === "close") closeNotice();
    else if (action === "extend") tryTo("extend", () => session.extend(event));
    else if (action === "end") tryTo("end", () => session.end());
    else if (action === "save" && save !== undefined) tryTo("save", async () => save());
    else void session.refresh().catch(() => {});
  }

  function onPress(button: "primary" | "secondary", event: Event): void {
    const action = shown === null ? undefined : KINDS[shown][button];
    if (action !== undefined) act(action, event);
  }

  page.addEventListener("visibilitychange", update, { signal });
  const stops = [
    session.subscribe(update),
    session.on("ended", ({ reason }) => options.leave?.(reason)),
    session.on("before-end", ({ phase, waitUntil }) => tell("curfew-before-end", { phase, waitUntil })),
  ];
  update();
  return {
    restore: container.restore,
    stop() {
      for (const stop of [...stops, stopTick, speech.stop]) stop();
      container.hide();
      title.show(null, 0);
      ending.abort();
    },
  };
}
