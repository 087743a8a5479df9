/** What is seen of a live session: by its app, and on the wire by its browser. */
import type { ActiveStatus } from "../../protocol/session-status.js";
import { ACCEPTED_VERSIONS, PROTOCOL_VERSION } from "../../protocol/version.js";
import { activityCouldExtend } from "../../session/deadlines.js";
import type { EndReason } from "../../session/end.js";
import { isObserving } from "../policy/observing.js";
import type { AttributeValue, Policy } from "../policy/policy.types.js";
import type { LiveSession } from "../record/outcome.js";

/** A live session. Instants are server milliseconds. */
export interface Session {
  readonly sid: string;
  readonly subject: string;
  readonly roles: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly startedAt: number;
  readonly authenticatedAt: number;
  readonly lastActiveAt: number;
  readonly idleExpiresAt: number;
  readonly absoluteExpiresAt: number;
  readonly expiresAt: number;
}

/** A session that has ended. */
export interface EndedSessionInfo extends Session {
  readonly reason: EndReason;
  /** Server milliseconds. */
  readonly endedAt: number;
  /** The app's own id of the session, where it gave one (`identify`). */
  readonly id: string | null;
}

/** The session as its app sees it. */
export function sessionOf({ record, terms }: Pick<LiveSession, "record" | "terms">): Session {
  return {
    sid: record.sid,
    subject: record.subject,
    // Copies: an app may do with them what it likes, and the record may be handed out again.
    roles: [...record.roles],
    attributes: { ...record.attributes },
    startedAt: record.startedAt,
    authenticatedAt: record.authenticatedAt,
    lastActiveAt: record.lastActiveAt,
    idleExpiresAt: terms.idleExpiresAt,
    absoluteExpiresAt: terms.absoluteExpiresAt,
    expiresAt: terms.endsAt,
  };
}

/** The status that the wire shows. */
export function statusOf(
  { record, terms, now }: LiveSession,
  { policy, signInUrl }: { readonly policy: Policy; readonly signInUrl: string },
): ActiveStatus {
  const { times, idleExpiresAt, absoluteExpiresAt, endsAt, warningPeriod, heartbeatInterval } = terms;
  const extendable = record.key !== null || now < record.bindUntil;
  return {
    v: PROTOCOL_VERSION,
    accepts: ACCEPTED_VERSIONS,
    name: record.app,
    sid: record.sid,
    status: "active",
    now,
    startedAt: record.startedAt,
    ...times,
    idleExpiresAt,
    absoluteExpiresAt,
    expiresAt: endsAt,
    warningPeriod,
    heartbeatInterval,
    canExtend: extendable && activityCouldExtend(times),
    nonce: record.nonce,
    key: record.key?.thumbprint ?? null,
    signInUrl,
    policy: {
      name: policy.name,
      fingerprint: policy.fingerprint,
      dismissWarning: policy.dismissWarning,
      media: policy.mediaPeriod,
      automated: policy.automated,
      unsafeForTesting: policy.unsafeForTesting,
      ...(policy.reachPeriod > 0 ? { reach: policy.reachPeriod } : {}),
      ...(isObserving(policy, now) ? { enforceFromAt: policy.enforceFromAt } : {}),
      ...(policy.withoutScript === "navigation" ? { withoutScript: "navigation" } : {}),
      ...(policy.activity === "group" ? { activity: "group" } : {}),
    },
  };
}
