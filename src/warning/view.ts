/** What the warning shows, as a function of the client's state: pure, so that every kind can be read and tested here. */
import type { EndReason } from "../session/end.js";
import type { SessionState } from "../session/machine.js";
import { fill, type Words } from "../words/english.js";

/** `idle` asks whether to stay; `absolute` tells of a limit that nothing moves; the other two cover the page. */
export type WarningKind = "idle" | "absolute" | "ended" | "unconfirmed";

/** The kinds that tell of a deadline still to come; the other two cover the page. */
export function hasTimeLeft(kind: WarningKind | null): kind is "idle" | "absolute" {
  return kind === "idle" || kind === "absolute";
}

export interface View {
  readonly kind: WarningKind;
  readonly title: string;
  readonly message: string;
  readonly error: string;
  /** The labels of what can be done; an empty one is not offered. */
  readonly primary: string;
  readonly link: string;
  readonly secondary: string;
  /** A sign-in beside the page, so that nothing on it is lost. */
  readonly newTab: boolean;
  readonly pending: boolean;
}

/** What the person is waiting for, and what went wrong when they last tried. */
export interface Effort {
  readonly pending: "extend" | "end" | "save" | null;
  readonly failed: "extend" | "end" | "save" | null;
  /** The app has saved at the person's request. */
  readonly saved: boolean;
}

export interface ViewContext {
  readonly words: Words;
  readonly effort: Effort;
  /** What the app says of unsaved work; undefined: nothing. */
  readonly work: "saved" | "notSaved" | undefined;
  /** Whether the app can save at the person's request. */
  readonly canSave: boolean;
  clock(at: number): string;
}

/** The kind for a state; null where there is nothing to say. */
export function kindOf(state: SessionState): WarningKind | null {
  switch (state.status) {
    case "warning":
      return state.cause === "idle" && state.canExtend ? "idle" : "absolute";
    case "unconfirmed":
    case "ended":
      return state.status;
    default:
      return null;
  }
}

export function viewOf(state: SessionState, context: ViewContext): View | null {
  switch (state.status) {
    case "warning":
      return kindOf(state) === "idle" ? idleView(state, context) : absoluteView(state, context);
    case "unconfirmed":
      return unconfirmedView(state.reachable, context);
    case "ended":
      return endedView(state.reason, context);
    default:
      return null;
  }
}

type Warning = Extract<SessionState, { readonly expiresAt: number }>;

function idleView(state: Warning, context: ViewContext): View {
  const { words, effort } = context;
  return {
    ...viewWith("idle", context),
    message: sentences(fill(words["idle.body"], { clock: context.clock(state.expiresAt) }), workIn(context)),
    error: errorIn(context) || offlineIn(state.reachable, words),
    primary: effort.pending === "extend" ? words.pending : words["idle.primary"],
    secondary: effort.pending === "end" ? words.pending : words["idle.secondary"],
  };
}

function absoluteView(state: Warning, context: ViewContext): View {
  const { words, effort, canSave } = context;
  const clock = context.clock(state.expiresAt);
  const body = words[state.cause === "idle" ? "absolute.unextendable" : "absolute.body"];
  const save = effort.pending === "save" ? words["absolute.saving"] : words["absolute.save"];
  return {
    ...viewWith("absolute", context),
    message: sentences(fill(body, { clock }), effort.saved ? words["absolute.saved"] : workIn(context)),
    error: errorIn(context) || offlineIn(state.reachable, words),
    primary: canSave ? save : "",
    link: words["absolute.link"],
    secondary: words["absolute.secondary"],
    newTab: true,
  };
}

/** While the question is still on its way nothing is wrong yet: the page is covered, and most often the answer is there at once. */
function unconfirmedView(reachable: boolean, context: ViewContext): View {
  const { words } = context;
  const view = viewWith("unconfirmed", context);
  return {
    ...view,
    title: reachable ? words.pending : view.title,
    message: words["unconfirmed.body"],
    error: offlineIn(reachable, words),
    primary: reachable ? "" : words["unconfirmed.primary"],
  };
}

function endedView(reason: EndReason, context: ViewContext): View {
  const { words } = context;
  const newTab = reason === "idle" || reason === "absolute";
  return {
    ...viewWith("ended", context),
    title: words[reason === "signed-out" || reason === "replaced" ? "ended.left" : "ended.title"],
    message: sentences(words[`ended.${reason}`], newTab ? words["ended.newTab"] : ""),
    link: words["ended.link"],
    newTab,
  };
}

function viewWith(kind: WarningKind, { words, effort }: ViewContext): View {
  const title = words[`${kind}.title`];
  const nothing = { message: "", error: "", primary: "", link: "", secondary: "", newTab: false };
  return { kind, title, ...nothing, pending: effort.pending !== null };
}

function workIn({ work, words }: ViewContext): string {
  return work === undefined ? "" : words[`work.${work}`];
}

const FAILURES = { extend: "failed", end: "endFailed", save: "absolute.saveFailed" } as const;

/** Empty while a new try is on its way, so that the same words are read out again if it fails too. */
function errorIn({ effort, words }: ViewContext): string {
  if (effort.pending !== null || effort.failed === null) return "";
  return words[FAILURES[effort.failed]];
}

function offlineIn(reachable: boolean, words: Words): string {
  return reachable ? "" : words.offline;
}

function sentences(...parts: readonly string[]): string {
  // Chinese and Japanese put no space between sentences.
  return parts
    .filter((part) => part !== "")
    .join(" ")
    .replaceAll("。 ", "。");
}
