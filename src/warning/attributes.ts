/** The warning's options as attributes: on the element itself, and as `data-*` on the script include. */
import type { WarningOptions } from "./options.js";

/** What an attribute may say; another value is as none, and the page goes on. */
const CHOICES = {
  countdown: ["calm", "none"],
  work: ["saved", "notSaved"],
  escape: ["none"],
  "sign-out": ["none"],
  role: ["dialog"],
  expired: ["redirect"],
} as const;

/** @param get The attribute's text; null where there is none. `announce` is milliseconds between spaces. */
export function optionsFrom(get: (name: string) => string | null): WarningOptions {
  const announce = get("announce")?.split(/\s+/).filter(Boolean).map(Number) ?? null;
  const options: Record<string, unknown> = { locale: get("locale"), service: get("service"), announce };
  for (const [name, choices] of Object.entries(CHOICES)) {
    const value = get(name);
    const key = name === "sign-out" ? "signOut" : name;
    options[key] = choices.some((choice) => choice === value) ? value : null;
  }
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null));
}
