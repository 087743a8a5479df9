/** What the log is told, once, of a guard or a handler that stands in the wrong place. */
import type { CheckedOptions } from "./read-options.js";

export interface MountingNotes {
  guardedSignIn(): void;
  guardedProtocol(): void;
  /** @param said what the handler had set, such as `Cache-Control: public` */
  overridden(said: string): void;
}

export function mountingNotes({
  logger,
  signInUrl,
  base,
}: Pick<CheckedOptions, "logger" | "signInUrl" | "base">): MountingNotes {
  const told = new Set<keyof MountingNotes>();
  const once = (name: keyof MountingNotes, line: string) => {
    if (!told.has(name)) logger.warn(`curfew: ${line}`);
    told.add(name);
  };
  return {
    guardedSignIn: () =>
      once(
        "guardedSignIn",
        `a guard stands before the sign-in page ${signInUrl}, so nobody can sign in: mount that page, and what it posts to, before the guard`,
      ),
    guardedProtocol: () =>
      once(
        "guardedProtocol",
        `a guard refused a request below ${base}: mount sessions.routes() before the guard, or no page hears of its session`,
      ),
    overridden: (said) =>
      once(
        "overridden",
        `a handler behind a guard set "${said}", and the answer carries no-store instead; where it may be kept after the session's end, write guard({ cacheable: true })`,
      ),
  };
}
