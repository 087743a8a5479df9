/** The record of a session that begins: made in one place, so that whatever begins one keeps the same members. */
import { randomText, seal, sha256 } from "../platform/secrets.js";
import type { Policy } from "../policy/policy.js";
import type { AttributeValue } from "../policy/policy.types.js";
import { resolveTimeouts } from "../policy/resolve.js";
import { type ProviderSession, RECORD_VERSION, type SessionRecord } from "./session.js";

/** Where the session begins. */
export interface RecordPlace {
  readonly app: string;
  readonly policy: Policy;
  /** Seals the app's own id of the session. */
  readonly secret: string;
}

/** Whose session it is. */
export interface RecordOwner {
  readonly subject: string;
  readonly roles?: readonly string[];
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  /** The app's own id of the session. */
  readonly id?: string;
  /** The provider's own session that the sign-in came of. */
  readonly idp?: ProviderSession;
}

export interface RecordFacts
  extends Pick<SessionRecord, "authenticatedAt" | "lastActiveAt" | "claimedAt" | "previousSid"> {
  readonly now: number;
  /** What the browser presents. */
  readonly secret: string;
  readonly networks: readonly string[];
}

/** A record with a new sid and a new nonce. */
export function newRecord(
  { app, policy, secret: sealingSecret }: RecordPlace,
  { subject, roles = [], attributes = {}, id, idp }: RecordOwner,
  facts: RecordFacts,
): SessionRecord {
  const { now, secret, networks, authenticatedAt, lastActiveAt, claimedAt, previousSid } = facts;
  const { idleTimeout, absoluteTimeout } = resolveTimeouts(policy, { roles, attributes, networks });
  return {
    v: RECORD_VERSION,
    app,
    sid: randomText(16),
    subject,
    roles: [...roles],
    attributes: { ...attributes },
    networks,
    secretHash: sha256(secret),
    ...(id === undefined ? {} : { ownId: seal(sealingSecret, id) }),
    ...(idp === undefined ? {} : { idp: { iss: idp.iss, sid: idp.sid } }),
    ...(previousSid === undefined ? {} : { previousSid }),
    ...(claimedAt === undefined ? {} : { claimedAt }),
    startedAt: now,
    authenticatedAt,
    lastActiveAt,
    idleTimeout,
    absoluteTimeout,
    policyName: policy.name,
    policyFingerprint: policy.fingerprint,
    key: null,
    bindUntil: now + policy.bindPeriod,
    nonce: randomText(32),
    lastHeartbeat: null,
    ended: null,
    revision: 0,
  };
}
