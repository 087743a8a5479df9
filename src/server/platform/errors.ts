/** What the server half throws: a stable `code` for programs, a sentence for people, never a secret. */
import type { ProblemName } from "../../protocol/problem-names.js";
import type { EndReason, SessionEnd } from "../../session/end.js";

/** A mistake in the options or the policy: thrown at start, with what to write instead. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
  readonly code = "bad-configuration";
}

/** What frameworks answer with where it is not 400, by the code. */
const SESSION_ERROR_STATUS: ReadonlyMap<string, number> = new Map([
  ["ended", 401],
  ["revoked", 401],
  ["stale-authentication", 401],
  ["cross-site", 403],
  ["too-many-sessions", 403],
  ["no-session", 404],
  ["id-taken", 409],
]);

/** A mistake in a call of the app's own (`start`, `reauthenticate`, …). */
export class SessionError extends Error {
  override readonly name = "SessionError";
  readonly code: string;
  /** What frameworks answer with when nobody catches this. */
  readonly status: number;

  constructor(code: string, message: string, status = SESSION_ERROR_STATUS.get(code) ?? 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** The store did not answer, or not in time. Nothing is allowed and nothing extended meanwhile: 503. */
export class StoreUnavailableError extends Error {
  override readonly name = "StoreUnavailableError";
  readonly code = "unavailable";
  /** What frameworks answer with when nobody catches this. */
  readonly status = 503;
}

/** What a store kept cannot be read by this release: that one record is unavailable (503), and others go on. */
export class UnreadableRecordError extends StoreUnavailableError {
  /** What is wrong with it, without saying which record it is. */
  readonly reason: string;
  /** Whose it is; null where it does not say. */
  readonly app: string | null;

  /** @param what such as `the session SID` */
  constructor(what: string, reason: string, app: string | null = null) {
    super(`${what} in the store cannot be read: ${reason}`);
    this.reason = reason;
    this.app = app;
  }
}

/** Why a session's signal aborted: the `reason` of the `AbortSignal` that `check()` gives. */
export class SessionEndedError extends Error {
  override readonly name = "AbortError";
  readonly code = "session-ended";
  /** Null where nobody knows: the record is gone, or the store did not answer at the deadline. */
  readonly reason: EndReason | null;
  /** Server milliseconds; null where nobody knows. */
  readonly endedAt: number | null;

  constructor(end: SessionEnd | null) {
    super(end === null ? "Nobody can say that the session lives" : `The session has ended: ${end.reason}`);
    this.reason = end?.reason ?? null;
    this.endedAt = end?.endedAt ?? null;
  }
}

/** A request refused: becomes the problem of that name (RFC 9457). */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly problem: ProblemName;
  readonly members: Readonly<Record<string, unknown>>;

  constructor(problem: ProblemName, detail: string, members: Readonly<Record<string, unknown>> = {}) {
    super(detail);
    this.problem = problem;
    this.members = members;
  }

  /** Which rule refused, for the audit trail. */
  get code(): string {
    const { code } = this.members;
    return typeof code === "string" ? code : this.problem;
  }
}

/** The same with what is behind it: of a store that is away, what its driver said. */
export function messageWithCause(error: unknown): string {
  const message = messageOf(error);
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : "";
  return message.includes(cause) ? message : `${message}: ${cause}`;
}

/** The code of a caught value, as Node and database drivers give it (`ENOENT`, a SQLSTATE); empty where it has none. */
export function codeOf(error: unknown): string {
  const { code } = Object(error) as { readonly code?: unknown };
  return typeof code === "string" ? code : "";
}

/** What a caught value says of itself. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "unknown error";
}
