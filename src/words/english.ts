/**
 * What the warning says, in English. A locale is another object of this shape. Every sentence says who, when, what
 * happens to the work or what to do; the trade's own words for all this are not for the person who reads them.
 */

export const ENGLISH = {
  "idle.title": "You will be signed out soon",
  "idle.body": "For your security, we will sign you out at {clock}.",
  "idle.primary": "Stay signed in",
  "idle.secondary": "Sign out now",
  "idle.confirmEnd": "Sign out and lose unsaved work",
  "idle.live": "{duration} left. Press the Esc key to stay signed in.",
  "absolute.title": "You need to sign in again soon",
  "absolute.body":
    "For your security, everyone must sign in again after some time. For you this happens at {clock}.",
  "absolute.unextendable":
    "We cannot keep you signed in on this page any longer. You will be signed out at {clock}.",
  "absolute.save": "Save now",
  "absolute.saving": "Saving…",
  "absolute.saved": "Your work is saved.",
  "absolute.saveFailed": "We could not save your work. Try again.",
  "absolute.secondary": "Close",
  "absolute.live": "{duration} left. Then you must sign in again.",
  "unconfirmed.title": "We cannot check whether you are signed in",
  "unconfirmed.body": "The page is covered until we know. What you wrote is still here.",
  "unconfirmed.primary": "Check again",
  "unconfirmed.reload": "Load this page again",
  "ended.title": "We signed you out",
  "ended.left": "You are signed out",
  "ended.idle": "You did not use this page for a while, so we signed you out to keep your information safe.",
  "ended.absolute": "For your security, everyone must sign in again after some time.",
  "ended.signed-out": "You signed out.",
  "ended.revoked": "Someone who looks after this service signed you out, or you did so somewhere else.",
  "ended.replaced": "There was a new sign-in in this browser.",
  "ended.newTab": "Sign in again in a new tab, then come back.",
  "ended.kept": "What you wrote is still on this page.",
  "ended.link": "Sign in again",
  "ended.linkNewTab": "Sign in again in a new tab",
  "work.saved": "Your work is saved.",
  "work.notSaved": "Work you have not saved will be lost.",
  "tabTitle.left": "Less than {duration} left – {title}",
  "tabTitle.ended": "Signed out – {site}",
  countdown: "Time left: {duration}",
  more: "More",
  moments: "a few seconds",
  pending: "Checking…",
  extended: "You are still signed in.",
  failed: "We could not keep you signed in. Try again.",
  noGesture: "Press the button yourself, with a key, the mouse or a finger.",
  endFailed: "We could not sign you out. Try again.",
  unreachable: "We cannot reach this service right now. We will try again.",
  offline: "You are offline. We will try again.",
} as const;

/** The words of one language: the keys of `ENGLISH`, with the same `{slots}`. */
export type Words = Readonly<Record<keyof typeof ENGLISH, string>>;

/** Puts values into a template's `{slots}`; a slot without a value stays as it is. */
export function fill(template: string, slots: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (slot, name: string) => slots[name] ?? slot);
}
