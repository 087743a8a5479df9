/** The four calls to the verifier. What is not plainly its answer (a portal's page, a 5xx, no network) is `unreachable`, never an end. */
import {
  PROBLEM_MEDIA_TYPE,
  PROBLEM_PREFIX,
  PROBLEM_STATUS,
  type Problem,
  parseProblem,
} from "../../protocol/problem.js";
import { type ActiveStatus, parseSessionStatus } from "../../protocol/session-status.js";
import type { Clock } from "../platform/clock.js";
import type { TimeSample } from "./server-clock.js";

export type Answer =
  | { readonly type: "active"; readonly status: ActiveStatus; readonly sample: TimeSample }
  /** No session cookie. */
  | { readonly type: "none" }
  | { readonly type: "done" }
  | { readonly type: "problem"; readonly problem: Problem }
  /** `retryAfter` in milliseconds, 0 where the server did not say. */
  | {
      readonly type: "unreachable";
      readonly code: string;
      readonly retryAfter: number;
      readonly cause?: UnreachableCause;
    };

/** What came instead of an answer: the HTTP status of somebody else's, no answer in time, or none at all. */
export type UnreachableCause = number | "late" | "network" | "offline";

export interface Transport {
  /** `was`: the session that this tab held, to learn whether the present one has the same subject. */
  session(was: string | null): Promise<Answer>;
  bindKey(binding: string): Promise<Answer>;
  sendHeartbeat(heartbeat: string): Promise<Answer>;
  end(sid: string, scope: "session" | "subject" | undefined): Promise<Answer>;
}

const REQUEST_TIMEOUT = 4000;
const LONGEST_CALL = REQUEST_TIMEOUT + 1000;
/** A sign-out takes longer where the browser empties its cache first; `signOut` asks meanwhile. */
const END_TIMEOUT = 20_000;
/** Nobody keeps a browser from asking again for longer, whatever `Retry-After` says. */
const LONGEST_RETRY_AFTER = 60_000;

/** @param base The verifier's absolute URL, without a slash at its end. */
export function createTransport(base: string, clock: Clock): Transport {
  async function call(path: string, body?: unknown, patience = REQUEST_TIMEOUT): Promise<Answer> {
    const timeout = new AbortController();
    const stopTimeout = clock.after(patience, () => timeout.abort());
    const calledAt = clock.monotonic();
    const calledAtWall = clock.wall();
    let retryAfter = 0;
    let status: number | undefined;
    try {
      const response = await fetch(base + path, {
        // Not for a POST, which no cache answers: with it Chromium would send a preflight before each one.
        ...(body === undefined ? { cache: "no-store" } : postOf(body)),
        credentials: "include",
        redirect: "error",
        signal: timeout.signal,
      });
      const answeredAt = clock.monotonic();
      status = response.status;
      if (status === 204 && path === "/end") return { type: "done" };
      retryAfter = retryAfterOf(response);
      const value: unknown = await response.json();
      // The machine slept over it: nobody knows how old this answer is.
      if (Math.max(clock.monotonic() - calledAt, clock.wall() - calledAtWall) > LONGEST_CALL)
        return unreachable(0, "late");
      // JavaScript's own stamps are late by as much as the main thread was busy.
      const timing = clock.timingOf(base + path, calledAt) ?? { sentAt: calledAt, receivedAt: answeredAt };
      return response.ok ? statusAnswer(value, timing) : problemAnswer(value, status, retryAfter);
    } catch {
      return unreachable(retryAfter, status ?? (timeout.signal.aborted ? "late" : networkCause()));
    } finally {
      stopTimeout();
    }
  }
  return {
    session: (was) => call(`/session${was === null ? "" : `?was=${encodeURIComponent(was)}`}`),
    bindKey: (binding) => call("/key", { binding }),
    sendHeartbeat: (heartbeat) => call("/heartbeat", { heartbeat }),
    end: (sid, scope) => call("/end", { sid, ...(scope === undefined ? {} : { scope }) }, END_TIMEOUT),
  };
}

/** The Curfew problem that an answer of the app's own fetch carries; null for any other answer. Leaves the body unread. */
export async function readProblem(response: Response): Promise<Problem | null> {
  const mediaType = response.headers.get("content-type") ?? "";
  if (response.status !== 401 || !mediaType.startsWith(PROBLEM_MEDIA_TYPE)) return null;
  try {
    return parseProblem(await response.clone().json());
  } catch {
    return null;
  }
}

function unreachable(retryAfter: number, cause: UnreachableCause): Answer {
  return { type: "unreachable", code: "unreachable", retryAfter, cause };
}

function networkCause(): UnreachableCause {
  return globalThis.navigator?.onLine === false ? "offline" : "network";
}

/** Of a proxy's answer too: it is the one that speaks while the server cannot. */
function retryAfterOf({ ok, headers }: Response): number {
  const delay = Number(headers.get("retry-after")) * 1000;
  return !ok && delay > 0 ? Math.min(delay, LONGEST_RETRY_AFTER) : 0;
}

/** `keepalive` lets a page that is being left finish its sentence. */
function postOf(body: unknown): RequestInit {
  return {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    keepalive: true,
  };
}

function statusAnswer(value: unknown, timing: Omit<TimeSample, "now">): Answer {
  const status = parseSessionStatus(value);
  return status.status === "none"
    ? { type: "none" }
    : { type: "active", status, sample: { ...timing, now: status.now } };
}

function problemAnswer(value: unknown, status: number, retryAfter: number): Answer {
  const problem = parseProblem(value);
  if (problem === null) return unreachable(retryAfter, status);
  if (problem.status !== PROBLEM_STATUS.unavailable && problem.status !== PROBLEM_STATUS["too-many"])
    return { type: "problem", problem };
  return { type: "unreachable", code: codeOf(problem), retryAfter };
}

/** `session-ended` and its like. */
export function codeOf(problem: Problem): string {
  return problem.type.slice(PROBLEM_PREFIX.length);
}
