/**
 * Texts that name a person, a role or a session are well-formed Unicode. A lone surrogate has no form in UTF-8: a store
 * that writes UTF-8 (SQLite) would take two subjects for one, and another store would not.
 */
import { SessionError } from "../platform/errors.js";

/** Whether the text has no lone surrogate (what `String.prototype.isWellFormed` says where there is one). */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/**
 * Refuses lone surrogates in texts, in lists of texts, and in the names and values of objects; whatever else a value is
 * passes.
 * @param call what the app called, such as `start() was given`
 * @param values by the names that the app knows them under
 * @throws SessionError `ill-formed`
 */
export function refuseIllFormed(call: string, values: object): void {
  const entries: [string, unknown][] = Object.entries(values);
  for (const [name, value] of entries) {
    if (textsIn(value).every(isWellFormed)) continue;
    throw new SessionError(
      "ill-formed",
      `${call} ${name} with a lone surrogate, which is no well-formed Unicode: give the text as it was before it was cut (${name}.isWellFormed() tells)`,
    );
  }
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => [name, ...textsIn(member)]);
}
