/** The session status: what the server says of a session (docs/protocol.md, "Status"). Readers ignore members they don't know. */
import {
  booleanAt,
  eachOf,
  integerAt,
  isInteger,
  type JsonObject,
  nullOr,
  objectOf,
  someOf,
  stringAt,
} from "./members.js";
import { ParseError } from "./parse-error.js";
import type { AutomatedRule, DismissWarning } from "./policy-words.js";
import { isSignInUrl } from "./sign-in-url.js";
import { ACCEPTED_VERSIONS } from "./version.js";

/** The part of the policy that a client needs to know. */
interface StatusPolicy {
  readonly name: string;
  /** SHA-256 of the policy's canonical JSON, base64url. */
  readonly fingerprint: string;
  readonly dismissWarning: DismissWarning;
  /** How long playing media counts as activity, in milliseconds; 0: not at all. */
  readonly media: number;
  readonly automated: AutomatedRule;
  readonly unsafeForTesting: boolean;
  /** How soon a page in sight learns of an end elsewhere, in milliseconds; absent: at its next question. */
  readonly reach?: number;
  /** Only while the policy observes: until this instant nothing ends by time. */
  readonly enforceFromAt?: number;
  /** Only where the policy says so: a session without a key is extended by navigations of the person. */
  readonly withoutScript?: "navigation";
  /** Only where the policy says so: activity in other apps of the group counts too. */
  readonly activity?: "group";
}

/** A live session as the server sees it. Instants are server milliseconds since the epoch, durations milliseconds. */
export interface ActiveStatus {
  readonly v: number;
  readonly accepts: readonly number[];
  /** The app's name; scopes cookie, tab channel, lock and key store. */
  readonly name: string;
  readonly sid: string;
  readonly status: "active";
  readonly now: number;
  readonly startedAt: number;
  readonly authenticatedAt: number;
  readonly lastActiveAt: number;
  readonly idleTimeout: number;
  readonly absoluteTimeout: number;
  readonly idleExpiresAt: number;
  readonly absoluteExpiresAt: number;
  /** The earlier of the two; while the policy only observes, not before the day from which it is enforced. */
  readonly expiresAt: number;
  readonly warningPeriod: number;
  readonly heartbeatInterval: number;
  /** False when extending could not move `expiresAt`. */
  readonly canExtend: boolean;
  /** What the next heartbeat or binding must carry. */
  readonly nonce: string;
  /** The bound key's JWK thumbprint, or null. */
  readonly key: string | null;
  /** A path of the page's own origin, or an http(s) URL; null where the answer held anything else. */
  readonly signInUrl: string | null;
  readonly policy: StatusPolicy;
  /** Only where the call asked `?was=SID`: whether that ended session had the same subject. */
  readonly sameSubject?: boolean;
}

/** The browser presents no session cookie. */
interface NoneStatus {
  readonly v: number;
  readonly status: "none";
}

type SessionStatus = ActiveStatus | NoneStatus;

/**
 * Reads a status.
 * @throws ParseError for anything else: another version, a captive portal's page, a missing member.
 */
export function parseSessionStatus(value: unknown): SessionStatus {
  const object = objectOf(value, "the status");
  const v = integerAt(object, "v");
  if (!ACCEPTED_VERSIONS.includes(v))
    throw new ParseError("unsupported-version", "the status is of another protocol version");
  if (object.status === "none") return { v, status: "none" };
  if (object.status !== "active") throw new ParseError("shape", '"status" must be "active" or "none"');
  return { v, status: "active", ...textsOf(object), ...eachOf(object, TIMES, integerAt), ...restOf(object) };
}

function textsOf(object: JsonObject) {
  return {
    ...eachOf(object, ["name", "sid", "nonce"], stringAt),
    key: nullOr(object, "key", stringAt),
    signInUrl: signInUrlOf(stringAt(object, "signInUrl")),
  };
}

/** The client lives without one: the page's own address leads there, for the guard sends people on. */
function signInUrlOf(text: string): string | null {
  return isSignInUrl(text) ? text : null;
}

const TIMES = [
  "now",
  "startedAt",
  "authenticatedAt",
  "lastActiveAt",
  "idleTimeout",
  "absoluteTimeout",
  "idleExpiresAt",
  "absoluteExpiresAt",
  "expiresAt",
  "warningPeriod",
  "heartbeatInterval",
] as const;

function restOf(object: JsonObject) {
  return {
    accepts: Array.isArray(object.accepts) ? object.accepts.filter(isInteger) : [],
    canExtend: booleanAt(object, "canExtend"),
    policy: parsePolicy(object.policy),
    ...someOf(object, ["sameSubject"], isBoolean),
  };
}

function parsePolicy(value: unknown): StatusPolicy {
  const policy = objectOf(value, '"policy"');
  return {
    ...eachOf(policy, ["name", "fingerprint"], stringAt),
    dismissWarning: policy.dismissWarning === "activity" ? "activity" : "explicit",
    media: integerAt(policy, "media"),
    automated: policy.automated === "refuse" ? "refuse" : "flag",
    unsafeForTesting: booleanAt(policy, "unsafeForTesting"),
    ...someOf(policy, ["enforceFromAt", "reach"], isInteger),
    ...(policy.withoutScript === "navigation" ? { withoutScript: "navigation" } : {}),
    ...(policy.activity === "group" ? { activity: "group" } : {}),
  };
}

const isBoolean = (value: unknown): value is boolean => typeof value === "boolean";
