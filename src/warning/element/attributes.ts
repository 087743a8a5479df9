/** The warning's options as attributes: on the element itself, and as `data-*` on the script include. */
import { isTag } from "../../words/intl.js";
import { RUNGS } from "../kinds/kinds.js";
import type { WarningOptions } from "./options.js";

const CHOICES = {
  countdown: ["calm", "none"],
  work: ["saved", "notSaved"],
  escape: ["none"],
  "sign-out": ["none"],
  place: ["focus"],
  role: ["dialog"],
  expired: ["redirect"],
} as const;

/** What the markup of a `<curfew-warning>` may say. `announce`: milliseconds left, between spaces. */
export type WarningAttributes = {
  readonly [Name in keyof typeof CHOICES]?: (typeof CHOICES)[Name][number] | undefined;
} & { readonly [Name in "locale" | "service" | "announce"]?: string | undefined };

/**
 * A value that is none counts as not written, so that a mistake in the markup takes nobody's warning away; of several rungs
 * the right ones count.
 *
 * @param get The attribute's text; null where there is none. `announce` is milliseconds between spaces.
 * @param complain Told of each value that is none: the attribute's name, what it says, and what it may say.
 */
export function optionsFrom(get: (name: string) => string | null, complain: Complain): WarningOptions {
  const options: Record<string, unknown> = { locale: get("locale"), service: get("service") };
  if (typeof options.locale === "string" && !isTag(options.locale))
    complain("locale", options.locale, ["a language tag, such as de"]);
  for (const [name, choices] of Object.entries<readonly string[]>(CHOICES)) {
    const value = get(name);
    const key = name === "sign-out" ? "signOut" : name;
    if (value !== null && choices.includes(value)) options[key] = value;
    else if (value !== null) complain(name, value, choices);
  }
  const announce = get("announce") ?? "";
  const asked = announce.split(/\s+/).filter(Boolean).map(Number);
  const rungs = asked.filter((rung) => RUNGS.includes(rung));
  if (rungs.length < asked.length) complain("announce", announce, RUNGS);
  if (rungs.length > 0) options.announce = rungs;
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null));
}

export type Complain = (name: string, value: string, choices: readonly unknown[]) => void;

/** What cannot count is said once, by its name. @param prefix What stands before an attribute's name where it was read. */
export function complainOf(prefix: string): Complain {
  return (name, value, choices) =>
    console.error(
      `curfew: ${prefix}${name} says "${value}", which does not count. It may say ${choices.join(", ")}.`,
    );
}
