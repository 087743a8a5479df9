/** The server side of a test session: the protocol's answers in memory. It believes every signature. */

import { hashOf } from "../browser/key/signing.js";
import type { Clock } from "../browser/platform/clock.js";
import type { Answer, Transport } from "../browser/verifier/transport.js";
import { type HeartbeatPayload, parseHeartbeat } from "../protocol/heartbeat.js";
import { parseKeyBinding, thumbprintInput } from "../protocol/key-binding.js";
import { PROBLEM_STATUS, type Problem, problemType } from "../protocol/problem.js";
import type { ActiveStatus } from "../protocol/session-status.js";
import { ACCEPTED_VERSIONS, PROTOCOL_VERSION } from "../protocol/version.js";
import { acceptActivity, activityCouldExtend, deadlinesOf, isAhead, isOver } from "../session/deadlines.js";
import type { SessionEnd } from "../session/end.js";
import type { TestRefusal } from "./test-session.types.js";

/** What stays the same for every session of a test. */
export interface TestRules {
  readonly idleTimeout: number;
  readonly absoluteTimeout: number;
  readonly warningPeriod: number;
  readonly heartbeatInterval: number;
  readonly dismissWarning: "explicit" | "activity";
  readonly signInUrl: string;
}

interface Session {
  readonly sid: string;
  readonly subject: string;
  readonly authenticatedAt: number;
  lastActiveAt: number;
  nonce: number;
  key: string | null;
  ended: SessionEnd | null;
}

export interface TestVerifier {
  readonly transport: Transport;
  readonly calls: string[];
  readonly heartbeats: HeartbeatPayload[];
  isReachable: boolean;
  refusal: TestRefusal | null;
  signIn(session: Pick<Session, "subject" | "authenticatedAt" | "lastActiveAt" | "key">): void;
  end(reason: SessionEnd["reason"]): void;
  /** The session ends, and the browser has no cookie any more. */
  signOut(): void;
  /** @throws Error where nobody is signed in */
  status(): ActiveStatus;
}

const UNREACHABLE = { type: "unreachable", code: "unreachable", retryAfter: 0 } as const satisfies Answer;

export function createTestVerifier(rules: TestRules, clock: Pick<Clock, "wall" | "monotonic">): TestVerifier {
  const { warningPeriod, heartbeatInterval, dismissWarning, signInUrl } = rules;
  const sessions: Session[] = [];
  let current: Session | null = null;

  const timesOf = (session: Session) => ({ ...session, ...rules });

  function endNow(session: Session, reason: SessionEnd["reason"]): void {
    settle(session);
    session.ended ??= { reason, endedAt: clock.wall() };
  }

  /** Whoever looks first writes down that a deadline has passed. */
  function settle(session: Session): Session {
    const { cause, expiresAt } = deadlinesOf(timesOf(session));
    if (session.ended === null && isOver(timesOf(session), clock.wall()))
      session.ended = { reason: cause, endedAt: expiresAt };
    return session;
  }

  function statusOf(session: Session): ActiveStatus {
    const times = timesOf(session);
    const { cause: _cause, ...deadlines } = deadlinesOf(times);
    const { sid, key, authenticatedAt, lastActiveAt, idleTimeout, absoluteTimeout } = times;
    return {
      ...{ v: PROTOCOL_VERSION, accepts: [...ACCEPTED_VERSIONS], name: "curfew", status: "active" },
      ...{
        sid,
        key,
        authenticatedAt,
        startedAt: authenticatedAt,
        lastActiveAt,
        idleTimeout,
        absoluteTimeout,
      },
      ...deadlines,
      ...{ now: clock.wall(), warningPeriod, heartbeatInterval, signInUrl },
      canExtend: activityCouldExtend(times),
      nonce: `nonce-${session.nonce}`,
      policy: {
        ...{ name: "test", fingerprint: "test", media: 0, automated: "flag", unsafeForTesting: true },
        dismissWarning,
      },
    };
  }

  function active(session: Session, sameSubject?: boolean): Answer {
    const at = clock.monotonic();
    const status = { ...statusOf(session), ...(sameSubject === undefined ? {} : { sameSubject }) };
    return { type: "active", status, sample: { now: status.now, sentAt: at, receivedAt: at } };
  }

  /** The answer of a guard: the session that lives, or why there is none. */
  async function withSession(call: string, answer: (session: Session) => Answer | Promise<Answer>) {
    verifier.calls.push(call);
    if (!verifier.isReachable) return UNREACHABLE;
    if (current === null) return call === "session" ? ({ type: "none" } as const) : problem("no-session");
    const { sid, ended } = settle(current);
    return ended === null ? answer(current) : problem("session-ended", { ...ended, sid, signInUrl });
  }

  async function bind(session: Session, binding: string): Promise<Answer> {
    const { jwk } = parseKeyBinding(binding);
    session.key ??= await hashOf(new TextEncoder().encode(thumbprintInput(jwk)));
    session.nonce++;
    return active(session);
  }

  function beat(session: Session, heartbeat: string): Answer {
    const { payload } = parseHeartbeat(heartbeat);
    const { refusal } = verifier;
    verifier.refusal = null;
    if (refusal === "unavailable" || refusal === "too-many") return { ...UNREACHABLE, code: refusal };
    if (refusal !== null) return problem(refusal);
    if (payload.nonce !== `nonce-${session.nonce}`)
      return problem("stale-nonce", { session: statusOf(session) });
    const claim = { activeAt: payload.activeAt, now: clock.wall() };
    if (isAhead(claim)) return problem("bad-heartbeat", { code: "ahead" });
    session.lastActiveAt = acceptActivity(timesOf(session), claim).lastActiveAt;
    session.nonce++;
    verifier.heartbeats.push(payload);
    return active(session);
  }

  const verifier: TestVerifier = {
    calls: [],
    heartbeats: [],
    isReachable: true,
    refusal: null,
    signIn(times) {
      if (current !== null) endNow(current, "replaced");
      current = { sid: `sid-${sessions.length + 1}`, ...times, nonce: 1, ended: null };
      sessions.push(current);
    },
    end(reason) {
      if (current !== null) endNow(current, reason);
    },
    signOut() {
      verifier.end("signed-out");
      current = null;
    },
    status() {
      if (current === null) throw new Error("nobody is signed in");
      return statusOf(current);
    },
    transport: {
      session: (was) =>
        withSession("session", (session) => {
          const before = sessions.find(({ sid }) => sid === was && sid !== session.sid);
          return active(session, before && before.subject === session.subject);
        }),
      bindKey: (binding) => withSession("key", (session) => bind(session, binding)),
      sendHeartbeat: (heartbeat) => withSession("heartbeat", (session) => beat(session, heartbeat)),
      async end() {
        verifier.calls.push("end");
        if (!verifier.isReachable) return UNREACHABLE;
        verifier.signOut();
        return { type: "done" };
      },
    },
  };
  return verifier;
}

function problem(name: keyof typeof PROBLEM_STATUS, members: Partial<Problem> = {}): Answer {
  const document = { type: problemType(name), status: PROBLEM_STATUS[name], title: name, ...members };
  return { type: "problem", problem: document };
}
