/** The server side of a test session: the protocol's answers in memory, by the rules of the real one. A fake: it keeps no store, and signs nobody in. */
import { hashOf } from "../browser/key/signing.js";
import type { Clock } from "../browser/platform/clock.js";
import type { Answer, Transport } from "../browser/verifier/transport.js";
import type { UnverifiedJws } from "../protocol/compact-jws.js";
import { type HeartbeatPayload, parseHeartbeat } from "../protocol/heartbeat.js";
import { parseKeyBinding } from "../protocol/key-binding.js";
import { type Problem, problemType } from "../protocol/problem.js";
import { PROBLEM_STATUS, type ProblemName } from "../protocol/problem-names.js";
import { type PublicJwk, thumbprintInput } from "../protocol/public-jwk.js";
import type { ActiveStatus } from "../protocol/session-status.js";
import { ACCEPTED_VERSIONS, PROTOCOL_VERSION } from "../protocol/version.js";
import { acceptActivity, activityCouldExtend, deadlinesOf, isAhead, isOver } from "../session/deadlines.js";
import type { EndReason, SessionEnd } from "../session/end.js";

/** What stays the same for every session of a test. */
export interface TestRules {
  readonly name: string;
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
  /** The bound key's thumbprint, and the key itself where a browser has bound it. */
  key: string | null;
  jwk: PublicJwk | null;
  ended: SessionEnd | null;
}

type Signed = Pick<UnverifiedJws, "signingInput" | "signature">;

interface TestVerifierOptions {
  readonly clock: Pick<Clock, "wall" | "monotonic">;
  /** Whether a message is signed by this key. Default: every signature is believed. */
  readonly isSignedBy?: (jwk: PublicJwk, signed: Signed) => Promise<boolean>;
}

export interface TestVerifier {
  readonly transport: Transport;
  /** What was asked, in order: `session`, `key`, `heartbeat`, `end`. */
  readonly calls: string[];
  /** The heartbeats that were accepted. */
  readonly heartbeats: HeartbeatPayload[];
  /** The problems that were answered. */
  readonly refusals: ProblemName[];
  readonly sessions: ReadonlyMap<string, Session>;
  /** The session that the browser's cookie names. */
  cookie: string | null;
  isReachable: boolean;
  /** What each answer waits for: an answer that is under way. */
  delay: Promise<unknown>;
  /** Asked before each answer; what it returns is answered instead. */
  intercept: (call: string) => Answer | null;
  /** Signs the browser in; what it had is replaced. Returns the session's id. */
  signIn(session: Pick<Session, "subject" | "authenticatedAt" | "lastActiveAt" | "key">): string;
  end(sid: string, reason: EndReason): void;
  /** Moves a session on, as if another tab had sent a heartbeat. */
  touch(sid: string, activeAt: number): void;
  /** @throws Error where nobody is signed in */
  status(): ActiveStatus;
}

const UNREACHABLE = { type: "unreachable", code: "unreachable", retryAfter: 0 } as const satisfies Answer;

export function createTestVerifier(rules: TestRules, options: TestVerifierOptions): TestVerifier {
  const { clock, isSignedBy = () => Promise.resolve(true) } = options;
  const sessions = new Map<string, Session>();
  const timesOf = (session: Session) => ({ ...session, ...rules });

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
    const { sid, key, authenticatedAt, lastActiveAt, name, idleTimeout, absoluteTimeout } = times;
    const { warningPeriod, heartbeatInterval, signInUrl, dismissWarning } = times;
    return {
      ...{ v: PROTOCOL_VERSION, accepts: [...ACCEPTED_VERSIONS], name, status: "active" },
      ...{ sid, key, startedAt: authenticatedAt, authenticatedAt, lastActiveAt },
      ...{ idleTimeout, absoluteTimeout, ...deadlines },
      ...{ now: clock.wall(), warningPeriod, heartbeatInterval, signInUrl },
      canExtend: activityCouldExtend(times),
      nonce: `nonce-${session.nonce}`,
      policy: {
        ...{ name: "test", fingerprint: "test", media: 0, automated: "flag", unsafeForTesting: true },
        dismissWarning,
      },
    };
  }

  function active(session: Session, more: Partial<ActiveStatus> = {}): Answer {
    const at = clock.monotonic();
    const status = { ...statusOf(session), ...more };
    return { type: "active", status, sample: { now: status.now, sentAt: at, receivedAt: at } };
  }

  function problem(name: ProblemName, members: Partial<Problem> = {}): Answer {
    verifier.refusals.push(name);
    return refusalOf(name, members);
  }

  /** The answer of a guard: the session that lives, or why there is none. */
  async function withSession(call: string, answer: (session: Session) => Answer | Promise<Answer>) {
    const instead = await begin(call);
    if (instead !== null) return instead;
    const current = sessions.get(verifier.cookie ?? "");
    if (current === undefined)
      return call === "session" ? ({ type: "none" } as const) : problem("no-session");
    const { sid, ended } = settle(current);
    const { signInUrl } = rules;
    return ended === null ? answer(current) : problem("session-ended", { ...ended, sid, signInUrl });
  }

  async function begin(call: string): Promise<Answer | null> {
    verifier.calls.push(call);
    await verifier.delay;
    return verifier.intercept(call) ?? (verifier.isReachable ? null : UNREACHABLE);
  }

  async function bind(session: Session, binding: string): Promise<Answer> {
    const { jwk, payload, ...signed } = parseKeyBinding(binding);
    const key = await hashOf(new TextEncoder().encode(thumbprintInput(jwk)));
    if (session.key === key) return active(session);
    if (session.key !== null) return problem("already-bound");
    if (payload.nonce !== statusOf(session).nonce)
      return problem("stale-nonce", { session: statusOf(session) });
    if (!(await isSignedBy(jwk, signed))) return problem("bad-request");
    Object.assign(session, { key, jwk, nonce: session.nonce + 1 });
    return active(session);
  }

  async function beat(session: Session, heartbeat: string): Promise<Answer> {
    const { header, payload, ...signed } = parseHeartbeat(heartbeat);
    const { activeAt, nonce, sid } = payload;
    if (sid !== session.sid) return problem("other-session");
    if (nonce !== statusOf(session).nonce) return problem("stale-nonce", { session: statusOf(session) });
    const isGenuine =
      header.kid === session.key && session.jwk !== null && (await isSignedBy(session.jwk, signed));
    if (!isGenuine) return problem("key-mismatch");
    const claim = { activeAt, now: clock.wall() };
    if (isAhead(claim)) return problem("bad-heartbeat", { code: "ahead" });
    session.lastActiveAt = acceptActivity(timesOf(session), claim).lastActiveAt;
    session.nonce++;
    verifier.heartbeats.push(payload);
    return active(session);
  }

  function ask(was: string | null): Promise<Answer> {
    return withSession("session", (session) => {
      const before = was === session.sid ? undefined : sessions.get(was ?? "");
      return active(session, before && { sameSubject: before.subject === session.subject });
    });
  }

  async function signOut(sid: string): Promise<Answer> {
    const instead = await begin("end");
    if (instead !== null) return instead;
    verifier.end(sid, "signed-out");
    verifier.cookie = null;
    return { type: "done" };
  }

  const verifier: TestVerifier = {
    calls: [],
    heartbeats: [],
    refusals: [],
    sessions,
    cookie: null,
    isReachable: true,
    delay: Promise.resolve(),
    intercept: () => null,
    signIn(session) {
      if (verifier.cookie !== null) verifier.end(verifier.cookie, "replaced");
      const sid = `sid-${sessions.size + 1}`;
      sessions.set(sid, { sid, ...session, jwk: null, nonce: 1, ended: null });
      verifier.cookie = sid;
      return sid;
    },
    end(sid, reason) {
      const session = sessions.get(sid);
      if (session !== undefined) settle(session).ended ??= { reason, endedAt: clock.wall() };
    },
    touch(sid, activeAt) {
      const session = sessions.get(sid);
      if (session !== undefined) Object.assign(session, { lastActiveAt: activeAt, nonce: session.nonce + 1 });
    },
    status() {
      const session = sessions.get(verifier.cookie ?? "");
      if (session === undefined) throw new Error("nobody is signed in");
      return statusOf(session);
    },
    transport: {
      session: ask,
      bindKey: (binding) => withSession("key", (session) => bind(session, binding)),
      sendHeartbeat: (heartbeat) => withSession("heartbeat", (session) => beat(session, heartbeat)),
      end: signOut,
    },
  };
  return verifier;
}

/** A problem as the client's transport reads it. */
export function refusalOf(name: ProblemName, members: Partial<Problem> = {}): Answer {
  if (name === "unavailable" || name === "too-many") return { ...UNREACHABLE, code: name };
  const document = { type: problemType(name), status: PROBLEM_STATUS[name], title: name, ...members };
  return { type: "problem", problem: document };
}
