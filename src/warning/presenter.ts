/** Joins the client's state to what is shown, spoken and pressed. One `update` for every cause, one timer for the clock. */
import type { SessionClient } from "../browser/platform/session-client.types.js";
import type { EndReason } from "../session/end.js";
import type { SessionState } from "../session/machine.js";
import type { Words } from "../words/english.js";
import type { TimeWords } from "../words/intl.js";
import { untilNextRung } from "./ladder.js";
import { prefersCalm } from "./look.js";
import { draw, drawCountdown, type Parts } from "./parts.js";
import { shownTime } from "./shown-time.js";
import { createSpeech, FIRST_SPEECH_DELAY } from "./speech.js";
import { createStage, type Place } from "./stage.js";
import { createTabTitle } from "./tab-title.js";
import type { Ticker } from "./ticker.js";
import { observeTyping } from "./typing.js";
import { type Effort, hasTimeLeft, type View, viewOf, type WarningKind } from "./view.js";

export interface PresenterOptions {
  readonly host: HTMLElement;
  readonly root: ShadowRoot;
  readonly parts: Parts;
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

export interface Presenter {
  /** Puts a modal back after the element was moved. */
  restore(): void;
  stop(): void;
}

const AT_REST: Effort = { pending: null, failed: null, saved: false };
/** From here on the absolute limit is told by a modal. */
const MODAL_FROM = 30_000;
/** A notice that a modal of the page would make unreachable waits until here, and comes as a modal. */
const MODAL_INSTEAD_FROM = 60_000;
/** A notice that was closed comes back at these. */
const COMES_BACK_AT = [60_000, MODAL_FROM];
const TYPING_LOOK_INTERVAL = 250;

export function createPresenter(options: PresenterOptions): Presenter {
  const { host, parts, session, words, times, ticker } = options;
  const ending = new AbortController();
  const { signal } = ending;
  const typing = observeTyping(ticker, signal);
  const speech = createSpeech(options);
  const stage = createStage({ ...options, signal, onEscape, onPress });
  const title = createTabTitle(words, times);
  let effort = AT_REST;
  let closedUntil = Number.POSITIVE_INFINITY;
  let stopTick = () => {};

  function update(): void {
    stopTick();
    const { state } = session;
    const { work, save } = options;
    const view = viewOf(state, { words, effort, work, canSave: save !== undefined, clock: times.clock });
    const remaining = session.remaining() ?? Number.POSITIVE_INFINITY;
    title.show(view?.kind ?? null, remaining);
    if (view === null) close(state);
    else if (isHeldBack(view.kind, remaining)) tick(TYPING_LOOK_INTERVAL);
    else present(view, remaining);
  }

  function placeOf(kind: WarningKind, remaining: number): Place | null {
    if (kind !== "absolute") return "modal";
    if (remaining > closedUntil) return null;
    const isModal = stage.place === "modal" && host.getAttribute("kind") === kind;
    if (stage.place === null && stage.isBlocked()) return remaining <= MODAL_INSTEAD_FROM ? "modal" : null;
    return remaining <= MODAL_FROM || isModal ? "modal" : "notice";
  }

  function isHeldBack(kind: WarningKind, remaining: number): boolean {
    return kind === "idle" && stage.place === null && !document.hidden && typing.holdsBack(remaining);
  }

  function present(view: View, remaining: number): void {
    const place = placeOf(view.kind, remaining);
    host.setAttribute("kind", view.kind);
    draw(parts, view, session.signInUrl);
    drawTime(view.kind, remaining);
    if (place === null) stage.hide();
    else if (stage.show(place, view.kind)) speech.begin(view.kind, place === "modal" ? remaining : null);
    else if (!document.hidden) speech.tell(remaining);
    stage.keepOnTop();
    if (!hasTimeLeft(view.kind)) return;
    tick(document.hidden ? untilNextRung(view.kind, remaining) : untilNextChange(remaining));
  }

  function drawTime(kind: WarningKind, remaining: number): void {
    const isShown =
      hasTimeLeft(kind) && host.getAttribute("countdown") !== "none" && Number.isFinite(remaining);
    drawCountdown(parts, words.countdown, isShown ? timeLeft(remaining) : "");
  }

  function timeLeft(remaining: number): string {
    const shown = shownTime(remaining, isCalm());
    return shown === 0 && remaining >= 1000 ? words.moments : times.duration(shown);
  }

  /** Only the client's state closes: an answer that nobody has confirmed does not. */
  function close(state: SessionState): void {
    const tells = stage.place !== null && host.getAttribute("kind") !== "ended" && state.status === "active";
    stage.hide();
    typing.reset();
    effort = AT_REST;
    closedUntil = Number.POSITIVE_INFINITY;
    host.removeAttribute("kind");
    if (tells) speech.afterwards(words.extended);
  }

  function tick(delay: number): void {
    if (Number.isFinite(delay)) stopTick = ticker.after(delay, update);
  }

  function untilNextChange(remaining: number): number {
    if (remaining <= 0) return Number.POSITIVE_INFINITY;
    const next = remaining - shownTime(remaining, isCalm()) + 1;
    const first = FIRST_SPEECH_DELAY - (ticker.now() - stage.openedAt);
    return first > 0 ? Math.min(next, first) : next;
  }

  function isCalm(): boolean {
    return host.getAttribute("countdown") === "calm" || prefersCalm();
  }

  function onEscape(event: Event): void {
    const kind = host.getAttribute("kind");
    if (kind === "absolute") closeNotice();
    else if (kind === "idle" && options.escape !== "none") attempt("extend", () => session.extend(event));
  }

  function closeNotice(): void {
    const remaining = session.remaining() ?? 0;
    closedUntil = COMES_BACK_AT.find((at) => at < remaining) ?? 0;
    update();
  }

  function attempt(what: "extend" | "end" | "save", act: () => Promise<unknown>): void {
    if (effort.pending !== null) return;
    effort = { pending: what, failed: null, saved: false };
    update();
    act().then(
      () => {
        if (what === "extend") tell("curfew-extended", null);
        if (what === "save") speech.say(words["absolute.saved"]);
        settle(null, what === "save");
      },
      () => settle(what),
    );
  }

  function settle(failed: Effort["failed"], saved = false): void {
    if (signal.aborted) return;
    effort = { pending: null, failed, saved };
    update();
  }

  function tell(type: string, detail: unknown): void {
    host.dispatchEvent(new CustomEvent(type, { bubbles: true, composed: true, detail }));
  }

  function onPress(button: "primary" | "secondary", event: Event): void {
    const kind = host.getAttribute("kind");
    const { save } = options;
    if (button === "secondary") kind === "idle" ? attempt("end", () => session.end()) : closeNotice();
    else if (kind === "idle") attempt("extend", () => session.extend(event));
    else if (kind === "absolute" && save !== undefined) attempt("save", async () => save());
    else void session.refresh().catch(() => {});
  }

  document.addEventListener("visibilitychange", update, { signal });
  const stops = [
    session.subscribe(update),
    session.on("ended", ({ reason }) => options.leave?.(reason)),
    session.on("before-end", ({ phase, waitUntil }) => tell("curfew-before-end", { phase, waitUntil })),
  ];
  update();
  return {
    restore: stage.restore,
    stop() {
      for (const stop of [...stops, stopTick, speech.stop]) stop();
      stage.hide();
      title.show(null, 0);
      ending.abort();
    },
  };
}
