/** What the log is told, once, of a guard or a handler that stands in the wrong place. */
import type { CheckedOptions } from "./read-options.js";

export interface MountingNotes {
  guardedSignIn(): void;
  guardedProtocol(): void;
  /** @param said what the handler had set, such as `Cache-Control: public` */
  overridden(said: string): void;
}

export function mountingNotes({
  warnOnce,
  signInUrl,
  base,
}: Pick<CheckedOptions, "warnOnce" | "signInUrl" | "base">): MountingNotes {
  return {
    guardedSignIn: () =>
      warnOnce(
        "guardedSignIn",
        () =>
          `a guard stands before the sign-in page ${signInUrl}, so nobody can sign in: mount that page, and what it posts to, before the guard`,
      ),
    guardedProtocol: () =>
      warnOnce(
        "guardedProtocol",
        () =>
          `a guard refused a request below ${base}: mount sessions.routes() before the guard, or no page hears of its session`,
      ),
    overridden: (said) =>
      warnOnce(
        "overridden",
        () =>
          `a handler behind a guard set "${said}", and the answer carries no-store instead; where it may be kept after the session's end, write guard({ cacheable: true })`,
      ),
  };
}
