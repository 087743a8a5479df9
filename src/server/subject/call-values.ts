/** Holds what an app passes to a call to the call's own types: not every app is checked by TypeScript. */

import { isText } from "../../protocol/members.js";
import { REQUESTED_ENDS, type RequestedEnd } from "../../session/end.js";
import { SessionError } from "../platform/errors.js";
import { isFilledText } from "../platform/members.js";
import { likelyKey } from "../policy/likely-key.js";
import type { AttributeValue } from "../policy/policy.types.js";
import type { SubjectContext } from "./authentication.js";
import { refuseIllFormed } from "./well-formed.js";

const CONTEXT = ["roles", "attributes"];
const SIGN_IN = ["subject", "authenticatedAt", "idp", "idpTokens", "id", "previousId", ...CONTEXT];

/** What `end` ends: the session, or what the apps of its group have of the same sign-in. */
const END_SCOPES = ["session", "group"] as const;
export type EndScope = (typeof END_SCOPES)[number];

/** The options that each call knows. */
const KNOWN = {
  start: [...SIGN_IN, "group", "orphanPrevious"],
  reauthenticate: SIGN_IN,
  update: [...CONTEXT, "idpTokens", "actor", "note"],
} as const;

/**
 * The options of a sign-in, or of news about a person. A key that nobody reads would be taken for one that was left out,
 * such as `authentictedAt`: then an old authentication would count as one of now.
 * @param call whose options these are
 * @throws SessionError `unknown-option`, `bad-roles`, `bad-attributes`, `ill-formed`
 */
export function readCallOptions<Options extends SubjectContext>(
  call: keyof typeof KNOWN,
  options: Options,
): Options {
  if (Object(options) !== options)
    throw new SessionError(
      "unknown-option",
      `${call}() was given ${options === null ? "null" : `a ${typeof options}`}; it takes an object of ${KNOWN[call].join(", ")}`,
    );
  const known = KNOWN[call];
  for (const [key, value] of Object.entries(options)) {
    if (value === undefined || known.some((name) => name === key)) continue;
    const likely = likelyKey(key, known);
    const hint = likely === null ? "" : `; did you mean "${likely}"?`;
    throw new SessionError(
      "unknown-option",
      `${call}() was given ${JSON.stringify(key)}, which it does not know; it takes ${known.join(", ")}${hint}`,
    );
  }
  return readContext(`${call}() was given`, options);
}

/**
 * What an app says of a person: roles are a list of texts, and an attribute is a text, a number, true or false.
 * An attribute that is undefined is not said.
 * @param call what the app called, such as `start() was given`
 * @throws SessionError `bad-roles`, `bad-attributes`, `ill-formed`
 */
export function readContext<Values extends SubjectContext>(call: string, values: Values): Values {
  const { roles, attributes } = values;
  if (roles !== undefined && !(Array.isArray(roles) && roles.every(isText)))
    throw new SessionError(
      "bad-roles",
      `${call} roles that are no list of texts: write for example roles: ["nurse"]`,
    );
  refuseIllFormed(call, values);
  return attributes === undefined ? values : { ...values, attributes: readAttributes(call, attributes) };
}

function readAttributes(call: string, attributes: object | null): Readonly<Record<string, AttributeValue>> {
  // A list or a Map has none of the names that its writer had in mind.
  if (typeof attributes !== "object" || attributes === null || Symbol.iterator in attributes)
    throw badAttributes(call, "that are no object");
  const said = Object.entries(attributes).filter(([, value]) => value !== undefined);
  const wrong = said.find(([, value]) => !isAttribute(value));
  if (wrong === undefined) return Object.fromEntries(said);
  throw badAttributes(
    call,
    `of which ${JSON.stringify(wrong[0])} is no text, no number and neither true nor false`,
  );
}

function badAttributes(call: string, what: string): SessionError {
  return new SessionError(
    "bad-attributes",
    `${call} attributes ${what}: write for example attributes: { ward: "north" }, and leave out what is not known`,
  );
}

function isAttribute(value: unknown): value is AttributeValue {
  return isText(value) || typeof value === "boolean" || Number.isFinite(value);
}

/**
 * Who or what a call is about: else it would find nobody and say that all is done.
 * @param what such as `subject`; the error's code is `bad-subject`
 * @throws SessionError
 */
export function refuseNoText(call: string, what: "subject" | "sid" | "id", value: unknown): void {
  if (isFilledText(value)) return;
  const is = value === "" ? "empty" : `of the type ${value === null ? "null" : typeof value}`;
  throw new SessionError(`bad-${what}`, `${call} a ${what} that is ${is}: give a text that is not empty`);
}

/**
 * Takes the scope from the options of an end; the rest is whoever reads it.
 * @throws SessionError `bad-scope`
 */
export function readScope<Rest extends object>(
  call: string,
  options: (Rest & { readonly scope?: EndScope }) | undefined,
): { readonly scope: EndScope; readonly rest: Rest | undefined } {
  if (typeof options !== "object" || options === null) return { scope: "session", rest: options };
  const { scope = "session", ...rest } = options;
  if (END_SCOPES.includes(scope)) return { scope, rest: rest as unknown as Rest };
  throw new SessionError(
    "bad-scope",
    `${call} the scope ${JSON.stringify(scope)}: write ${END_SCOPES.map((one) => `"${one}"`).join(" or ")}`,
  );
}

/** @throws SessionError `bad-reason` */
export function refuseBadReason(call: string, reason: RequestedEnd): void {
  if (REQUESTED_ENDS.includes(reason)) return;
  throw new SessionError(
    "bad-reason",
    `${call} the reason ${JSON.stringify(reason)}: an app ends a session as ${REQUESTED_ENDS.map((one) => `"${one}"`).join(" or ")}`,
  );
}
