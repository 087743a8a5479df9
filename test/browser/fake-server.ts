/** A verifier in a few lines: real parsers, real signatures, the clock of the test. */
import type { Answer, Transport } from "../../src/browser/verifier/transport.js";
import { type HeartbeatPayload, parseHeartbeat } from "../../src/protocol/heartbeat.js";
import { parseKeyBinding, thumbprintInput } from "../../src/protocol/key-binding.js";
import { type Problem, type ProblemName, parseProblem, problemType } from "../../src/protocol/problem.js";
import type { ActiveStatus, DismissWarning } from "../../src/protocol/session-status.js";
import {
  acceptActivity,
  activityCouldExtend,
  deadlinesOf,
  isAhead,
  isOver,
} from "../../src/session/deadlines.js";
import type { EndReason } from "../../src/session/end.js";
import type { FakeClock } from "./fake-clock.js";

interface Session {
  readonly sid: string;
  readonly subject: string;
  readonly startedAt: number;
  readonly authenticatedAt: number;
  lastActiveAt: number;
  readonly idleTimeout: number;
  readonly absoluteTimeout: number;
  nonce: string;
  key: string | null;
  publicKey: CryptoKey | null;
  ended: { reason: EndReason; endedAt: number } | null;
}

const SIGNATURE = { name: "ECDSA", hash: "SHA-256" };

export class FakeServer {
  readonly idleTimeout = 60_000;
  readonly absoluteTimeout = 600_000;
  readonly warningPeriod = 20_000;
  readonly heartbeatInterval = 6000;
  name = "curfew";
  dismissWarning: DismissWarning = "explicit";
  /** What each request takes, half of it each way; 0 for none. */
  isReachable = true;
  /** The server's clock minus the test's. */
  offset = 1_700_000_000_000;
  readonly sessions = new Map<string, Session>();
  cookie: string | null = null;
  /** What was asked, in order: `session`, `key`, `heartbeat`, `end`. */
  readonly calls: string[] = [];
  readonly heartbeats: HeartbeatPayload[] = [];
  readonly refusals: string[] = [];
  /** Called before each answer; what it returns is answered instead. */
  intercept: (call: string) => Answer | null = () => null;
  /** What each answer waits for: an answer that is under way. */
  delay: Promise<unknown> = Promise.resolve();
  readonly #clock: FakeClock;
  #count = 0;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.monotonic() + this.offset;
  }

  signIn(subject = "ada"): string {
    const sid = `sid-${++this.#count}`;
    const [startedAt, { idleTimeout, absoluteTimeout }] = [this.now(), this];
    const times = {
      startedAt,
      authenticatedAt: startedAt,
      lastActiveAt: startedAt,
      idleTimeout,
      absoluteTimeout,
    };
    this.sessions.set(sid, {
      sid,
      subject,
      ...times,
      nonce: this.#nonce(),
      key: null,
      publicKey: null,
      ended: null,
    });
    if (this.cookie !== null) this.end(this.cookie, "replaced");
    this.cookie = sid;
    return sid;
  }

  end(sid: string, reason: EndReason): void {
    const session = this.sessions.get(sid);
    if (session !== undefined) session.ended ??= { reason, endedAt: this.now() };
  }

  /** As if another browser of this person, or another tab unseen, had been active. */
  touch(activeAt = this.now()): void {
    const session = this.#live();
    session.lastActiveAt = activeAt;
    session.nonce = this.#nonce();
  }

  transport(): Transport {
    return {
      session: (was) => this.#answer("session", () => this.#status(was)),
      bindKey: (binding) => this.#answer("key", () => this.#bind(binding)),
      sendHeartbeat: (heartbeat) => this.#answer("heartbeat", () => this.#beat(heartbeat)),
      end: (sid) => this.#answer("end", () => this.#end(sid)),
    };
  }

  countOf(call: string): number {
    return this.calls.filter((name) => name === call).length;
  }

  async #answer(call: string, answer: () => Answer | Promise<Answer>): Promise<Answer> {
    this.calls.push(call);
    await this.delay;
    const instead = this.intercept(call);
    if (instead !== null) return instead;
    if (!this.isReachable) return { type: "unreachable", code: "unreachable", retryAfter: 0 };
    return answer();
  }

  #end(sid: string): Answer {
    this.end(sid, "signed-out");
    this.cookie = null;
    return { type: "done" };
  }

  #status(was: string | null): Answer {
    if (this.cookie === null) return { type: "none" };
    const refusal = this.#refusal();
    if (refusal !== null) return refusal;
    const session = this.#live();
    const before = was === null || was === session.sid ? undefined : this.sessions.get(was);
    return this.#active(
      session,
      before === undefined ? {} : { sameSubject: before.subject === session.subject },
    );
  }

  async #bind(binding: string): Promise<Answer> {
    const { jwk, payload, signingInput, signature } = parseKeyBinding(binding);
    const refusal = this.#refusal();
    if (refusal !== null) return refusal;
    const session = this.#live();
    const digest = await crypto.subtle.digest("SHA-256", Buffer.from(thumbprintInput(jwk)));
    const kid = Buffer.from(digest).toString("base64url");
    if (session.key === kid) return this.#active(session);
    if (session.key !== null) return this.#problem("already-bound");
    if (payload.nonce !== session.nonce)
      return this.#problem("stale-nonce", { session: this.#statusOf(session) });
    const usage = { name: "ECDSA", namedCurve: "P-256" };
    const publicKey = await crypto.subtle.importKey("jwk", { ...jwk }, usage, false, ["verify"]);
    const isGenuine = await crypto.subtle.verify(SIGNATURE, publicKey, signature, Buffer.from(signingInput));
    if (!isGenuine) return this.#problem("bad-request");
    Object.assign(session, { key: kid, publicKey, nonce: this.#nonce() });
    return this.#active(session);
  }

  async #beat(heartbeat: string): Promise<Answer> {
    const { header, payload, signingInput, signature } = parseHeartbeat(heartbeat);
    const refusal = this.#refusal();
    if (refusal !== null) return refusal;
    const session = this.#live();
    if (payload.sid !== session.sid) return this.#problem("other-session");
    if (payload.nonce !== session.nonce)
      return this.#problem("stale-nonce", { session: this.#statusOf(session) });
    if (session.publicKey === null || header.kid !== session.key) return this.#problem("key-mismatch");
    const isGenuine = await crypto.subtle.verify(
      SIGNATURE,
      session.publicKey,
      signature,
      Buffer.from(signingInput),
    );
    const claim = { activeAt: payload.activeAt, now: this.now() };
    if (isAhead(claim)) return this.#problem("bad-heartbeat", { code: "ahead" });
    if (!isGenuine) return this.#problem("key-mismatch");
    if (payload.activeAt > this.now()) this.refusals.push("future");
    session.lastActiveAt = acceptActivity(session, claim).lastActiveAt;
    session.nonce = this.#nonce();
    this.heartbeats.push(payload);
    return this.#active(session);
  }

  #refusal(): Answer | null {
    const session = this.cookie === null ? undefined : this.sessions.get(this.cookie);
    if (session === undefined) return this.#problem("no-session");
    if (session.ended === null && isOver(session, this.now())) {
      const { cause, expiresAt } = deadlinesOf(session);
      session.ended = { reason: cause, endedAt: expiresAt };
    }
    return session.ended === null
      ? null
      : this.#problem("session-ended", { ...session.ended, sid: session.sid, signInUrl: "/login" });
  }

  #live(): Session {
    const session = this.sessions.get(this.cookie ?? "");
    if (session === undefined) throw new Error("nobody is signed in");
    return session;
  }

  #active(session: Session, more: Partial<ActiveStatus> = {}): Answer {
    const status = { ...this.#statusOf(session), ...more };
    const at = this.#clock.monotonic();
    return { type: "active", status, sample: { now: status.now, sentAt: at, receivedAt: at } };
  }

  #statusOf(session: Session): ActiveStatus {
    const { cause: _cause, ...deadlines } = deadlinesOf(session);
    const { sid, startedAt, authenticatedAt, lastActiveAt, idleTimeout, absoluteTimeout, nonce, key } =
      session;
    return {
      v: 1,
      accepts: [1],
      name: this.name,
      sid,
      status: "active",
      now: this.now(),
      ...{ startedAt, authenticatedAt, lastActiveAt, idleTimeout, absoluteTimeout, nonce, key },
      ...deadlines,
      warningPeriod: this.warningPeriod,
      heartbeatInterval: this.heartbeatInterval,
      canExtend: activityCouldExtend(session),
      signInUrl: "/login",
      policy: {
        name: "default",
        fingerprint: "f",
        dismissWarning: this.dismissWarning,
        media: 0,
        automated: "flag",
        unsafeForTesting: true,
      },
    };
  }

  #problem(name: ProblemName, more: Partial<Problem> = {}): Answer {
    this.refusals.push(name);
    const problem = parseProblem({ type: problemType(name), title: name, ...more });
    if (problem === null) throw new Error(`${name} is no problem of ours`);
    return { type: "problem", problem };
  }

  #nonce(): string {
    return `nonce-${++this.#count}`;
  }
}
