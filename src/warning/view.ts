/** What each kind of the warning says of the client's state: pure, so that every word can be read and tested here. */
import type { SessionState } from "../session/machine.js";
import { fill, type Words } from "../words/english.js";

export interface View {
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

/** What a kind says beyond its own title; what it leaves out is empty. */
export type Content = Partial<Omit<View, "pending">>;

/** What the person is waiting for, and what went wrong when they last tried. */
export interface Attempt {
  readonly pending: "extend" | "end" | "save" | null;
  readonly failed: "extend" | "end" | "save" | null;
  /** The app has saved at the person's request. */
  readonly saved: boolean;
}

export interface ContentContext {
  readonly words: Words;
  readonly attempt: Attempt;
  /** What the app says of unsaved work; undefined: nothing. */
  readonly work: "saved" | "notSaved" | undefined;
  /** Whether the app can save at the person's request. */
  readonly canSave: boolean;
  clock(at: number): string;
}

/** A session that still has, or seems to have, a deadline. */
export type TimedState = Extract<SessionState, { readonly expiresAt: number }>;
export type EndedState = Extract<SessionState, { readonly status: "ended" }>;

export function idleContent(state: TimedState, context: ContentContext): Content {
  const { words, attempt } = context;
  return {
    message: sentences(fill(words["idle.body"], { clock: context.clock(state.expiresAt) }), workIn(context)),
    error: errorIn(context) || offlineIn(state.reachable, words),
    primary: attempt.pending === "extend" ? words.pending : words["idle.primary"],
    secondary: attempt.pending === "end" ? words.pending : words["idle.secondary"],
  };
}

export function absoluteContent(state: TimedState, context: ContentContext): Content {
  const { words, attempt, canSave } = context;
  const clock = context.clock(state.expiresAt);
  const body = words[state.cause === "idle" ? "absolute.unextendable" : "absolute.body"];
  const save = attempt.pending === "save" ? words["absolute.saving"] : words["absolute.save"];
  return {
    message: sentences(fill(body, { clock }), attempt.saved ? words["absolute.saved"] : workIn(context)),
    error: errorIn(context) || offlineIn(state.reachable, words),
    primary: canSave ? save : "",
    link: words["absolute.link"],
    secondary: words["absolute.secondary"],
    newTab: true,
  };
}

/** While the question is still on its way nothing is wrong yet: the page is covered, and most often the answer is there at once. */
export function unconfirmedContent({ reachable }: TimedState, { words }: ContentContext): Content {
  return {
    ...(reachable ? { title: words.pending } : {}),
    message: words["unconfirmed.body"],
    error: offlineIn(reachable, words),
    primary: reachable ? "" : words["unconfirmed.primary"],
  };
}

export function endedContent({ reason }: EndedState, { words }: ContentContext): Content {
  const newTab = reason === "idle" || reason === "absolute";
  return {
    title: words[reason === "signed-out" || reason === "replaced" ? "ended.left" : "ended.title"],
    message: sentences(words[`ended.${reason}`], newTab ? words["ended.newTab"] : ""),
    link: words["ended.link"],
    newTab,
  };
}

export function viewWith(title: string, content: Content, { attempt }: ContentContext): View {
  const nothing = { message: "", error: "", primary: "", link: "", secondary: "", newTab: false };
  return { title, ...nothing, ...content, pending: attempt.pending !== null };
}

function workIn({ work, words }: ContentContext): string {
  return work === undefined ? "" : words[`work.${work}`];
}

const FAILURES = { extend: "failed", end: "endFailed", save: "absolute.saveFailed" } as const;

/** Empty while a new try is on its way, so that the same words are read out again if it fails too. */
function errorIn({ attempt, words }: ContentContext): string {
  if (attempt.pending !== null || attempt.failed === null) return "";
  return words[FAILURES[attempt.failed]];
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
