/** What each kind of the warning says of the client's state: pure, so that every word can be read and tested here. */
import type { SessionState } from "../../session/machine.js";
import { fill, type Words } from "../../words/english.js";

export interface View {
  readonly title: string;
  /** The line that matters most: what has become of the person's work. */
  readonly kept: string;
  readonly message: string;
  readonly error: string;
  /** The labels of what can be done; an empty one is not offered. */
  readonly primary: string;
  readonly link: string;
  readonly secondary: string;
  /** A sign-in beside the page, so that nothing on it is lost. */
  readonly newTab: boolean;
  readonly pending: boolean;
  /** The server has been asked, and most often the answer is there at once. */
  readonly checking: boolean;
}

/** What a kind says beyond its own title; what it leaves out is empty. */
export type Content = Partial<Omit<View, "pending">>;

/** What the person is waiting for, and what went wrong when they last tried. */
export interface Attempt {
  readonly pending: "extend" | "end" | "save" | null;
  readonly failed: "extend" | "end" | "save" | null;
  /** The app has saved at the person's request. */
  readonly saved: boolean;
  /** It failed because a script has pressed, and no person. */
  readonly unpressed: boolean;
  /** The person has pressed "Sign out now" once, where work is not saved. */
  readonly asksEnd: boolean;
  /** How often the person has asked in vain whether they are signed in. */
  readonly failedChecks: number;
}

export interface ContentContext {
  readonly words: Words;
  readonly attempt: Attempt;
  /** What the app says of unsaved work; undefined: nothing. */
  readonly work: "saved" | "notSaved" | undefined;
  /** Whether the app can save at the person's request. */
  readonly canSave: boolean;
  /** Whether the idle warning offers to sign out. */
  readonly canEnd: boolean;
  /** What the browser says of its network. */
  readonly online: boolean;
  clock(at: number): string;
}

/** A session that still has, or seems to have, a deadline. */
export type TimedState = Extract<SessionState, { readonly expiresAt: number }>;
export type EndedSessionState = Extract<SessionState, { readonly status: "ended" }>;

export function idleContent(state: TimedState, context: ContentContext): Content {
  const { words, attempt } = context;
  return {
    message: sentences(fill(words["idle.body"], { clock: context.clock(state.expiresAt) }), workIn(context)),
    error: errorIn(context) || unreachableIn(state.reachable, context),
    primary: attempt.pending === "extend" ? words.pending : words["idle.primary"],
    secondary: context.canEnd ? endLabelIn(context) : "",
  };
}

function endLabelIn({ words, attempt }: ContentContext): string {
  if (attempt.pending === "end") return words.pending;
  return words[attempt.asksEnd ? "idle.confirmEnd" : "idle.secondary"];
}

export function absoluteContent(state: TimedState, context: ContentContext): Content {
  const { words, attempt, canSave } = context;
  const clock = context.clock(state.expiresAt);
  const body = words[state.cause === "idle" ? "absolute.unextendable" : "absolute.body"];
  const save = attempt.pending === "save" ? words["absolute.saving"] : words["absolute.save"];
  return {
    message: sentences(fill(body, { clock }), attempt.saved ? words["absolute.saved"] : workIn(context)),
    error: errorIn(context) || unreachableIn(state.reachable, context),
    primary: canSave ? save : "",
    link: words["ended.linkNewTab"],
    secondary: words["absolute.secondary"],
    newTab: true,
  };
}

/** From here on a person who asks in vain is offered the ways of the page itself. */
const LAST_CHECK = 2;

/**
 * While the question is still on its way nothing is wrong yet: the page is covered, and most often the answer is there at
 * once. Behind a proxy whose own sign-in is over no question is ever answered; a page that is loaded again leads there.
 */
export function unconfirmedContent({ reachable }: TimedState, context: ContentContext): Content {
  const { words, attempt } = context;
  const isStuck = !reachable && attempt.failedChecks >= LAST_CHECK;
  return {
    ...(reachable ? { title: words.pending } : {}),
    message: words["unconfirmed.body"],
    error: unreachableIn(reachable, context),
    primary: reachable ? "" : words["unconfirmed.primary"],
    link: isStuck ? words["ended.linkNewTab"] : "",
    newTab: true,
    secondary: isStuck ? words["unconfirmed.reload"] : "",
    checking: reachable,
  };
}

export function endedContent({ reason, unheard }: EndedSessionState, { words }: ContentContext): Content {
  const newTab = reason === "idle" || reason === "absolute";
  return {
    title: words[reason === "signed-out" || reason === "replaced" ? "ended.left" : "ended.title"],
    kept: newTab ? words["ended.kept"] : "",
    message: sentences(newTab ? words["ended.newTab"] : "", unheard ? "" : words[`ended.${reason}`]),
    link: words[newTab ? "ended.linkNewTab" : "ended.link"],
    newTab,
  };
}

export function viewWith(title: string, content: Content, { attempt }: ContentContext): View {
  const texts = { kept: "", message: "", error: "", primary: "", link: "", secondary: "" };
  return { title, ...texts, newTab: false, checking: false, ...content, pending: attempt.pending !== null };
}

function workIn({ work, words }: ContentContext): string {
  return work === undefined ? "" : words[`work.${work}`];
}

const FAILURES = { extend: "failed", end: "endFailed", save: "absolute.saveFailed" } as const;

/** Empty while a new try is on its way, so that the same words are read out again if it fails too. */
function errorIn({ attempt, words }: ContentContext): string {
  if (attempt.pending !== null || attempt.failed === null) return "";
  if (attempt.unpressed) return words.noGesture;
  return words[FAILURES[attempt.failed]];
}

/** A server that fails says nothing of the person's network. */
function unreachableIn(reachable: boolean, { words, online }: ContentContext): string {
  return reachable ? "" : words[online ? "unreachable" : "offline"];
}

function sentences(...parts: readonly string[]): string {
  // Chinese and Japanese put no space between sentences.
  return parts
    .filter((part) => part !== "")
    .join(" ")
    .replaceAll("。 ", "。");
}
