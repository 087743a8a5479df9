/** What a management call says of itself for the audit trail: who makes it, and why. */
import type { Attribution } from "../audit/attribution.js";
import { SessionError } from "../platform/errors.js";
import { likelyKey } from "../policy/likely-key.js";
import { isWellFormed } from "./well-formed.js";

/** Who makes a call, and why. It stands in the audit trail as it is given, so it names nobody who must not stand there. */
export interface ActedBy {
  /** Such as the app's own id of an administrator, or a job's name: 1 to 200 characters. Default `"app"`. */
  readonly actor?: string | undefined;
  /** Such as a ticket's number: 1 to 1,000 characters. Default: nothing is noted. */
  readonly note?: string | undefined;
}

/** Characters (UTF-16 units) at most. */
const LONGEST = { actor: 200, note: 1_000 } as const;
const DEFAULT_ACTOR = "app";

/**
 * @param call such as `end() was given`
 * @throws SessionError `bad-actor`, `bad-note`, `unknown-option`
 */
export function readActedBy(call: string, by: ActedBy | undefined): Attribution {
  const given: unknown = by ?? {};
  if (typeof given !== "object" || given === null)
    throw new SessionError(
      "unknown-option",
      `${call} a ${typeof given} that says who acts; write for example { actor: "admin-7", note: "ticket 4711" }`,
    );
  const { actor = DEFAULT_ACTOR, note, ...others }: { actor?: unknown; note?: unknown } = given;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    const likely = likelyKey(unknown, Object.keys(LONGEST));
    const hint = likely === null ? "it takes actor and note" : `did you mean "${likely}"?`;
    throw new SessionError(
      "unknown-option",
      `${call} ${JSON.stringify(unknown)}, which it does not know; ${hint}`,
    );
  }
  return {
    actor: textOf(call, "actor", actor),
    ...(note === undefined ? {} : { note: textOf(call, "note", note) }),
  };
}

function textOf(call: string, name: keyof typeof LONGEST, value: unknown): string {
  const longest = LONGEST[name];
  const is =
    typeof value !== "string"
      ? `of the type ${value === null ? "null" : typeof value}`
      : value === ""
        ? "empty"
        : value.length > longest
          ? `${value.length} characters long`
          : isWellFormed(value)
            ? null
            : "no well-formed Unicode";
  if (typeof value === "string" && is === null) return value;
  throw new SessionError(
    `bad-${name}`,
    `${call} the ${name} that is ${is}: give a text of 1 to ${longest} characters`,
  );
}
