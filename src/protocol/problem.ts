/** The protocol's problems (RFC 9457): `type: "urn:curfew:…"`. */
import { type EndReason, isEndReason } from "../session/end.js";
import { isInteger, isObject, isText, someOf } from "./members.js";
import { PROBLEM_STATUS, type ProblemName } from "./problem-names.js";
import { type ActiveStatus, parseSessionStatus } from "./session-status.js";
import { isSignInUrl } from "./sign-in-url.js";

export const PROBLEM_PREFIX = "urn:curfew:";
export const PROBLEM_MEDIA_TYPE = "application/problem+json";

/** A problem as its reader sees it. */
export interface Problem {
  /** `urn:curfew:session-ended` and its like. */
  readonly type: `urn:curfew:${ProblemName}`;
  readonly status: number;
  readonly title: string;
  readonly detail?: string;
  /** With `bad-request`, `bad-heartbeat` and `bad-proof`: which rule was broken. */
  readonly code?: string;
  /** With `session-ended`. */
  readonly reason?: EndReason;
  readonly endedAt?: number;
  /** The session that ended. */
  readonly sid?: string;
  /** A path of the page's own origin, or an http(s) URL. */
  readonly signInUrl?: string;
  /** With `session-ended`, where the provider's session can be ended too: an address like the one before. */
  readonly endUrl?: string;
  /** With `step-up`: how recent the authentication must be, in seconds (RFC 9470 `max_age`). */
  readonly maxAge?: number;
  /** With `step-up`, where the operation must be proven by the bound key: what the proof must carry. */
  readonly challenge?: string;
  /** With `stale-nonce`: the current status. */
  readonly session?: ActiveStatus;
}

/** Reads a problem document; null for what is none of ours. */
export function parseProblem(value: unknown): Problem | null {
  if (!isObject(value) || typeof value.type !== "string" || !value.type.startsWith(PROBLEM_PREFIX))
    return null;
  const name = value.type.slice(PROBLEM_PREFIX.length);
  if (!isProblemName(name)) return null;
  return {
    type: problemType(name),
    status: PROBLEM_STATUS[name],
    title: typeof value.title === "string" ? value.title : name,
    ...someOf(value, ["detail", "code", "sid", "challenge"], isText),
    ...someOf(value, ["endedAt", "maxAge"], isInteger),
    ...someOf(value, ["reason"], isEndReason),
    ...someOf(value, ["signInUrl", "endUrl"], isSignInUrl),
    ...sessionOf(value.session),
  };
}

export function problemType(name: ProblemName): Problem["type"] {
  return `${PROBLEM_PREFIX}${name}`;
}

function isProblemName(name: string): name is ProblemName {
  return Object.keys(PROBLEM_STATUS).includes(name);
}

function sessionOf(value: unknown): { session?: ActiveStatus } {
  if (value === undefined) return {};
  try {
    const session = parseSessionStatus(value);
    return session.status === "active" ? { session } : {};
  } catch {
    return {};
  }
}
