/** The four calls to the verifier. What is not plainly its answer (a portal's page, a 5xx, no network) is `unreachable`, never an end. */
import { PROBLEM_MEDIA_TYPE, PROBLEM_PREFIX, type Problem, parseProblem } from "../../protocol/problem.js";
import { PROBLEM_STATUS } from "../../protocol/problem-names.js";
import { type ActiveStatus, parseSessionStatus } from "../../protocol/session-status.js";
import type { Clock, RequestTiming } from "../platform/clock.js";
import type { TimeSample } from "./server-clock.js";

export type Answer =
  | {
      readonly type: "active";
      readonly status: ActiveStatus;
      readonly sample: TimeSample;
      /** The server itself has made it for this question, and no cache has kept it. */
      readonly isFresh?: boolean;
    }
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

/** What came instead of an answer: the HTTP status of somebody else's, no answer in time or none at all, or an old one. */
export type UnreachableCause = number | "late" | "network" | "offline" | "stale";

export interface Transport {
  /** `was`: the session that this tab held, to learn whether the present one has the same subject. */
  session(was: string | null): Promise<Answer>;
  bindKey(binding: string): Promise<Answer>;
  sendHeartbeat(heartbeat: string): Promise<Answer>;
  end(sid: string, scope: "session" | "subject" | undefined): Promise<Answer>;
}

type Reader = (value: unknown, timing: RequestTiming) => Answer;

interface TransportOptions {
  /** The verifier's absolute URL, without a slash at its end. */
  readonly base: string;
  readonly clock: Clock;
  /** Whether nobody sees the page any more: what is sent now may have to outlive it. */
  readonly isHidden: () => boolean;
}

const SHORTEST_TIMEOUT = 4000;
/** An answer that always takes longer comes to nothing; one that takes 5 s makes things late, not impossible. */
const LONGEST_TIMEOUT = 16_000;
/** A sign-out takes longer where the browser empties its cache first; `signOut` asks meanwhile. */
const END_TIMEOUT = 20_000;
/** Nobody keeps a browser from asking again for longer, whatever `Retry-After` says. */
const LONGEST_RETRY_AFTER = 60_000;

export function createTransport({ base, clock, isHidden }: TransportOptions): Transport {
  /** How long each call waits for its answer: longer after one that was late, and twice as long as the last one took. */
  const timeouts = new Map<string, number>([["/end", END_TIMEOUT]]);
  let questions = 0;
  /** The verifier says to which question an answer belongs. One of an older release does not. */
  let echoes = false;
  /** The other scripts of a page can use up what its browser lets outlive it (64 KiB); then such a call fails at once. */
  let mayOutlive = true;

  async function call(path: string, query: string, init: RequestInit, read: Reader): Promise<Answer> {
    const url = base + path + query;
    const timeout = timeouts.get(path) ?? SHORTEST_TIMEOUT;
    const ending = new AbortController();
    const stopTimeout = clock.after(timeout, () => ending.abort());
    const calledAt = clock.monotonic();
    const calledAtWall = clock.wall();
    let retryAfter = 0;
    let status: number | undefined;
    try {
      const response = await fetch(url, {
        ...init,
        credentials: "include",
        redirect: "error",
        signal: ending.signal,
      });
      const answeredAt = clock.monotonic();
      status = response.status;
      if (status === 204 && path === "/end") return { type: "done" };
      retryAfter = retryAfterOf(response);
      const value: unknown = await response.json();
      const took = clock.monotonic() - calledAt;
      // The machine slept over it: nobody knows how old this answer is.
      if (Math.max(took, clock.wall() - calledAtWall) > timeout + 1000) return unreachable(0, "late");
      wait(path, 2 * took);
      if (!response.ok) return problemAnswer(value, status, retryAfter);
      // JavaScript's own stamps are late by as much as the main thread was busy.
      return read(value, clock.timingOf(url, calledAt) ?? { sentAt: calledAt, receivedAt: answeredAt });
    } catch {
      if (ending.signal.aborted) wait(path, 2 * timeout);
      return unreachable(retryAfter, status ?? (ending.signal.aborted ? "late" : networkCause()));
    } finally {
      stopTimeout();
    }
  }

  function wait(path: string, timeout: number): void {
    if (path !== "/end") timeouts.set(path, Math.min(LONGEST_TIMEOUT, Math.max(SHORTEST_TIMEOUT, timeout)));
  }

  async function post(path: string, body: unknown, keepalive: boolean): Promise<Answer> {
    const outlives = keepalive && mayOutlive;
    const answer = await call(path, "", postOf(body, outlives), statusAnswer);
    if (outlives && answer.type === "unreachable" && answer.cause === "network") mayOutlive = false;
    return answer;
  }

  /** An answer to another question is one that a cache has kept, whatever `no-store` said: a service worker, a proxy. */
  function readAnswerTo(ask: string): Reader {
    return (value, timing) => {
      const { asked } = Object(value) as { readonly asked?: unknown };
      const isFresh = asked === ask;
      if (!isFresh && (asked !== undefined || echoes)) return unreachable(0, "stale");
      echoes = isFresh;
      return statusAnswer(value, timing, isFresh);
    };
  }

  return {
    session(was) {
      const ask = `${clock.random().toString(36).slice(2)}${++questions}`;
      const query = `?ask=${ask}${was === null ? "" : `&was=${encodeURIComponent(was)}`}`;
      // Only here: with it Chromium would send a preflight before each POST, which no cache answers.
      return call("/session", query, { cache: "no-store" }, readAnswerTo(ask));
    },
    bindKey: (binding) => post("/key", { binding }, false),
    sendHeartbeat: (heartbeat) => post("/heartbeat", { heartbeat }, isHidden()),
    async end(sid, scope) {
      const body = { sid, ...(scope === undefined ? {} : { scope }) };
      const answer = await post("/end", body, true);
      return answer.type === "unreachable" && answer.cause === "network" ? post("/end", body, false) : answer;
    },
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
function postOf(body: unknown, keepalive: boolean): RequestInit {
  return {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    keepalive,
  };
}

function statusAnswer(value: unknown, timing: RequestTiming, isFresh = true): Answer {
  const status = parseSessionStatus(value);
  return status.status === "none"
    ? { type: "none" }
    : { type: "active", status, sample: { ...timing, now: status.now }, isFresh };
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
