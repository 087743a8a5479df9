/** The warning's kinds, one row each: when it is shown, where it opens, what closes it, what its buttons do, what is spoken. */
import type { SessionState } from "../../session/machine.js";
import type { Words } from "../../words/english.js";
import {
  absoluteContent,
  type Content,
  type ContentContext,
  type EndedSessionState,
  endedContent,
  idleContent,
  type TimedState,
  unconfirmedContent,
  type View,
  viewWith,
} from "./view.js";

/** Where a card stands: as a notice that takes no focus, or as a modal. */
export type Mode = "notice" | "modal";

/** What a button, Escape or a reader's dismiss gesture asks for. `close`: the notice goes away for a while. */
export type Action = "extend" | "end" | "save" | "refresh" | "reload" | "close";

/** What a row leaves out, its kind has not. */
export interface Kind<State extends SessionState = SessionState> {
  readonly isFor: (state: SessionState) => state is State;
  /** What it says of such a state, and the labels of its buttons. */
  readonly content: (state: State, context: ContentContext) => Content;
  /** It opens as a notice that takes no focus, and becomes a modal when little time is left. Else it is a modal. */
  readonly isNotice?: true;
  /** The page behind is hidden, and nothing closes the dialog but the client's state. */
  readonly covers?: true;
  /** In a modal the focus goes to this button. Else to the title, where a stray Enter does nothing. */
  readonly focus?: "primary";
  readonly escape?: Action;
  readonly primary?: Action;
  readonly secondary?: Action;
  /** It waits until a person who is typing pauses. */
  readonly waitsForTyping?: true;
  /** Milliseconds left at which something may be said, the lowest first. Else it tells of no deadline to come. */
  readonly rungs?: readonly number[];
  /** What is said at a rung, with a `{duration}`. */
  readonly spoken?: keyof Words;
  /** What is said outside the dialog once the session goes on. */
  readonly spokenAfter?: keyof Words;
  /** The tab's title from the first look on. While nobody looks, a kind with rungs shows the time left. */
  readonly tabTitle?: keyof Words;
}

/** Holds each row to its own state's type. */
const kind = <State extends SessionState>(row: Kind<State>) => row as unknown as Kind;

const canAnswer = (state: TimedState) => state.cause === "idle" && state.canExtend;

/** `idle` asks whether to stay; `absolute` tells of a limit that nothing moves; the other two cover the page. */
const TABLE = {
  idle: kind({
    isFor: (state): state is TimedState => state.status === "warning" && canAnswer(state),
    content: idleContent,
    focus: "primary",
    escape: "extend",
    primary: "extend",
    secondary: "end",
    waitsForTyping: true,
    rungs: [30_000, 60_000],
    spoken: "idle.live",
    spokenAfter: "extended",
  }),
  absolute: kind({
    isFor: (state): state is TimedState => state.status === "warning" && !canAnswer(state),
    content: absoluteContent,
    isNotice: true,
    escape: "close",
    primary: "save",
    secondary: "close",
    rungs: [30_000, 60_000, 120_000, 300_000, 600_000],
    spoken: "absolute.live",
    spokenAfter: "extended",
  }),
  unconfirmed: kind({
    isFor: (state): state is TimedState => state.status === "unconfirmed",
    content: unconfirmedContent,
    covers: true,
    primary: "refresh",
    secondary: "reload",
    spokenAfter: "extended",
  }),
  ended: kind({
    isFor: (state): state is EndedSessionState => state.status === "ended",
    content: endedContent,
    covers: true,
    tabTitle: "tabTitle.ended",
  }),
};

export type WarningKind = keyof typeof TABLE;
export const KINDS: Readonly<Record<WarningKind, Kind>> = TABLE;

/** Every rung that some kind speaks at, the lowest first. */
export const RUNGS: readonly number[] = [...new Set(Object.values(KINDS).flatMap(({ rungs = [] }) => rungs))];

/** The kind for a state; null where there is nothing to say. */
export function kindOf(state: SessionState): WarningKind | null {
  const names = Object.keys(KINDS) as WarningKind[];
  return names.find((name) => KINDS[name].isFor(state)) ?? null;
}

interface Told {
  readonly state: SessionState;
  remaining(): number | null;
}

/** Of several sessions the lowest comes first: who has to answer in time, by the time that is left; then whose page is covered; then a notice. */
export function urgencyOf(session: Told): number {
  const name = kindOf(session.state);
  if (name === null) return 3e15;
  const { covers, isNotice } = KINDS[name];
  if (covers) return 1e15;
  return (isNotice ? 2e15 : 0) + (session.remaining() ?? 0);
}

export type KindView = View & { readonly kind: WarningKind };

/** What is shown for a state; null where nothing is. */
export function viewOf(state: SessionState, context: ContentContext): KindView | null {
  const name = kindOf(state);
  if (name === null) return null;
  return {
    kind: name,
    ...viewWith(context.words[`${name}.title`], KINDS[name].content(state, context), context),
  };
}
