/** The protocol's problems (RFC 9457): `type: "urn:curfew:…"`. */
import { type EndReason, isEndReason } from "../session/end.js";
import { isInteger, isObject, isText, someOf } from "./members.js";
import { type ActiveStatus, parseSessionStatus } from "./session-status.js";
import { isSignInUrl } from "./sign-in-url.js";

/** Every problem of the protocol with its HTTP status. */
export const PROBLEM_STATUS = {
  "session-ended": 401,
  "no-session": 401,
  "step-up": 401,
  "bad-request": 400,
  "bad-heartbeat": 400,
  "unsupported-version": 400,
  "cross-site": 403,
  "key-mismatch": 403,
  "bind-closed": 403,
  forbidden: 403,
  "bad-proof": 403,
  "not-found": 404,
  "method-not-allowed": 405,
  "too-slow": 408,
  "other-session": 409,
  "stale-nonce": 409,
  "already-bound": 409,
  "too-large": 413,
  "too-many": 429,
  unavailable: 503,
} as const;

export type ProblemName = keyof typeof PROBLEM_STATUS;
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
    ...someOf(value, ["signInUrl"], isSignInUrl),
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
