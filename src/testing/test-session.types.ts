/** What a test session is made of and what a test can do with it. */
import type { SessionClient } from "../browser/platform/session-client.types.js";
import type { HeartbeatPayload, InputKind } from "../protocol/heartbeat.js";
import type { DismissWarning } from "../protocol/policy-words.js";
import type { ProblemName } from "../protocol/problem-names.js";
import type { DeadlineCause } from "../session/deadlines.js";
import type { EndReason } from "../session/end.js";
import type { KeyStoreKind, SessionState } from "../session/machine.js";
import type { Duration } from "./duration.js";

/** The policy of a test session, as far as the client knows it. */
export interface TestPolicy {
  /** Default `"15m"`. */
  readonly idle?: Duration;
  /** Default `"12h"`. */
  readonly absolute?: Duration;
  /** Default `"2m"`. */
  readonly warning?: Duration;
  /** Default a tenth of `idle`, at most 60 s. */
  readonly heartbeat?: Duration;
  /** Whether any input answers the warning. Default `explicit`: only the button does. */
  readonly dismissWarning?: DismissWarning;
}

export interface TestSessionOptions {
  /** The state to begin in. Default `active`. */
  readonly status?: SessionState["status"];
  /** With `ended`: why. Default `idle`. */
  readonly reason?: EndReason;
  /** Which deadline comes first. `absolute`: nothing can extend the session. Default `idle`. */
  readonly cause?: DeadlineCause;
  /** False: the server has stopped answering, as it has with `connecting` and `unconfirmed`. Default true. */
  readonly reachable?: boolean;
  /** Where the browser keeps the key. `lost`: the session cannot be extended any more. Default `indexeddb`. */
  readonly keyStore?: Exclude<KeyStoreKind, "pending">;
  /** Who is signed in. Default `ann`. */
  readonly subject?: string;
  readonly policy?: TestPolicy;
  /** Default `/login`. */
  readonly signInUrl?: string;
  /** The server's time at the beginning, in milliseconds since the epoch. Default 2026-01-01T00:00:00Z. */
  readonly startAt?: number;
}

/** Why a test's server refuses a heartbeat. */
export type TestRefusal = Extract<
  ProblemName,
  "key-mismatch" | "other-session" | "bad-heartbeat" | "forbidden" | "too-many" | "unavailable"
>;

/** The server that a test session talks to. Each of its calls resolves when the client has drawn its conclusions. */
export interface TestServer {
  /** The server's time, in milliseconds since the epoch. */
  readonly now: number;
  /** What the client has asked for, in order: `session`, `key`, `heartbeat`, `end`. */
  readonly calls: readonly string[];
  /** The heartbeats that were accepted, the oldest first. */
  readonly heartbeats: readonly HeartbeatPayload[];
  /** The server ends the session, and the client hears of it. Default `revoked`. By a deadline it ends with `advance`. */
  end(reason?: Exclude<EndReason, DeadlineCause>): Promise<void>;
  /**
   * Somebody signs in, as in another tab of this browser. The same subject goes on where the session ended; for
   * another one the page is loaded anew (`session.reloads`). Default: the subject that the session began with.
   */
  signIn(subject?: string): Promise<void>;
  /** The server stops answering. */
  disconnect(): Promise<void>;
  /** The server answers again. */
  reconnect(): Promise<void>;
  /** Refuses the next heartbeat, and so the next `extend()`. */
  refuseNext(problem: TestRefusal): void;
}

/** A real client without a network: its time, its person and its server are moved by the test. */
export interface TestSession extends SessionClient {
  readonly server: TestServer;
  /** Whether the client hides the page, because nobody knows that the session lives. */
  readonly isCovered: boolean;
  /** How often the client has loaded the page anew, because another subject signed in. */
  readonly reloads: number;
  /** Time passes, for the client and for its server. Resolves when all that was due has happened. */
  advance(duration: Duration): Promise<void>;
  /** The machine sleeps for so long and wakes up again: no timer runs meanwhile. */
  sleep(duration: Duration): Promise<void>;
  /** The person does something on the page. Default `pointer`. */
  activity(kind?: InputKind): Promise<void>;
}
