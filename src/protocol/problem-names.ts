/** The names of the protocol's problems. */

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
