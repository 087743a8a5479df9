/** The client's public shape, apart from its making: what the warning and the wrappers may know. */

import type { HeartbeatIntent, InputKind } from "../../protocol/heartbeat.js";
import type { Problem } from "../../protocol/problem.js";
import type { DeadlineCause } from "../../session/deadlines.js";
import type { EndReason } from "../../session/end.js";
import type { KeyStoreKind, SessionState } from "../../session/machine.js";

export interface SessionClientOptions {
  /** The verifier's base path or URL. Default `/curfew`. */
  readonly base?: string;
  /**
   * The app's name, where the verifier was given one: lets a tab in which nobody is signed in hear of a sign-in in
   * another. Default `curfew`; once the server has said its name, that one counts.
   */
  readonly name?: string;
  /**
   * The origins of frames that may tell of a person's input in them, such as `["https://forms.example"]`: what they load is
   * `curfew/frame`. Default none. The first client of a base decides.
   */
  readonly frames?: readonly string[];
  /** Prints each entry of `log` to the console as it comes. Default false. The first client of a base decides. */
  readonly debug?: boolean;
}

/** One step of the session in this tab, and why it was taken. Plain data; nothing in it is a secret. */
export interface SessionLogEntry {
  /** When, in server milliseconds; by the browser's own clock until the server has answered. */
  readonly at: number;
  /**
   * `answered`: the server was asked, and said so. `extended`: it accepted activity. `warned`: the warning opened.
   * `unconfirmed`: the deadline passed and the server has not said so yet. `ended`: the session is over. `refused`: a
   * heartbeat was not accepted. `key`: the signing key's place changed.
   */
  readonly type: "answered" | "extended" | "warned" | "unconfirmed" | "ended" | "refused" | "key";
  /** Which tab did it: a name made up anew for each page. */
  readonly tab: string;
  /** Whether that is this tab. */
  readonly isOwn: boolean;
  /** What the server said: `active`, `none`, the code of a problem, or `unreachable` and what came instead: `unreachable 403`. */
  readonly answer?: string;
  /** The kinds of input that the activity was made of. */
  readonly inputs?: readonly InputKind[];
  /** Whether the person answered the warning, or was just active. */
  readonly intent?: HeartbeatIntent;
  /** When the last activity was, in server milliseconds. */
  readonly activeAt?: number;
  /** The deadline after this step, in server milliseconds. */
  readonly expiresAt?: number;
  /** Which deadline comes first. */
  readonly cause?: DeadlineCause;
  readonly reason?: EndReason;
  readonly keyStore?: KeyStoreKind;
}

/** Time to save: `soon` while the server still accepts (60 s are left, or half the warning if that is shorter), `ended` when only local saving works. */
export interface BeforeEndEvent {
  readonly phase: "soon" | "ended";
  /** Keeps the app's saving in view for up to 5 s. Never delays the cover. */
  waitUntil(saving: Promise<unknown>): void;
}

/** What the client tells of, by name. */
export interface SessionClientEvents {
  /** The person must be told now. */
  readonly warning: { readonly state: SessionState };
  readonly "before-end": BeforeEndEvent;
  readonly ended: { readonly reason: EndReason; readonly endedAt: number };
  /** An answer that `read()` saw asks for a recent authentication (RFC 9470); not where only a proof is wanted. */
  readonly "step-up": { readonly problem: Problem };
  readonly error: { readonly code: string; readonly message: string };
}

interface SessionLimits {
  readonly idleTimeout: number;
  readonly absoluteTimeout: number;
}

/** One browser session as one tab sees it. */
export interface SessionClient {
  readonly state: SessionState;
  /** The verifier's address, without a slash at its end. Not there where there is no page. */
  readonly base?: string;
  /** Where a person signs in again; null until the server has said so. */
  readonly signInUrl: string | null;
  /** After an end: where a person ends the session at their identity provider too, and then signs in; null: nowhere. */
  readonly endUrl?: string | null;
  /** The session's limits in milliseconds, as its policy sets them for this person; null until the server has said so. */
  readonly limits: SessionLimits | null;
  /** Calls back after each change of `state`. Returns its own end. */
  subscribe(listener: () => void): () => void;
  /** Milliseconds to `expiresAt` by the server's clock, never below 0; null where there is no deadline or no server time yet. */
  remaining(): number | null;
  /**
   * The person's explicit answer: "stay signed in". Resolves with the state once the server has agreed.
   * @throws CurfewError `no-gesture` without a trusted event or transient activation, else the server's code.
   */
  extend(event?: Event): Promise<SessionState>;
  /** Asks the server now. */
  refresh(): Promise<SessionState>;
  /** The last 100 steps of this tab, oldest first: why the session was extended, warned about or ended. */
  readonly log: readonly SessionLogEntry[];
  /** Signs out: this session, or every session of the subject. */
  end(scope?: "session" | "subject"): Promise<SessionState>;
  /**
   * Signs a request that a guard with `proof: true` has refused with a challenge (`problem.challenge`). Resolves with the
   * value of the header `Curfew-Proof` to send it again with; reads a copy of the body.
   * @throws CurfewError where nobody is signed in or the browser has lost the session's key
   */
  prove(challenge: string, request: Request): Promise<string>;
  /**
   * Whether the present session belongs to whom the session `sid` belonged to, as the server says; it remembers for 24 h
   * after an end. Null where nobody is signed in, or where the server does not say.
   */
  isSameSubject(sid: string): Promise<boolean | null>;
  /** Stops observing and closes everything. The session itself goes on. */
  close(): void;
  /** Looks at an answer of the app's own fetch: a Curfew problem makes the client ask the server. Never consumes the body. */
  read(response: Response): Promise<Problem | null>;
  on<Name extends keyof SessionClientEvents>(
    name: Name,
    listener: (event: SessionClientEvents[Name]) => void,
  ): () => void;
}
