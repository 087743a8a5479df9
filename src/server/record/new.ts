/** The record of a session that begins: made in one place, so that whatever begins one keeps the same members. */
import { randomText, seal, sha256 } from "../platform/secrets.js";
import { keptToken, type ProviderTokens } from "./provider-token.js";
import { type ProviderSession, RECORD_VERSION, type SessionRecord } from "./session.js";

const SID_BYTES = 16;

/** The app in which the session begins. */
interface RecordApp {
  readonly app: string;
  readonly policy: { readonly name: string; readonly fingerprint: string; readonly bindPeriod: number };
  /** Seals the app's own id of the session. */
  readonly secret: string;
  readonly keepsToken: "refreshToken" | "idToken" | null;
}

/** Whose session it is. */
interface RecordOwner {
  readonly subject: string;
  readonly roles?: readonly string[];
  readonly attributes?: NonNullable<SessionRecord["attributes"]>;
  /** The app's own id of the session. */
  readonly id?: string;
  /** The provider's own session that the sign-in came of. */
  readonly idp?: ProviderSession;
  readonly idpTokens?: ProviderTokens;
}

interface RecordFacts
  extends Pick<
    SessionRecord,
    | "authenticatedAt"
    | "lastActiveAt"
    | "claimedAt"
    | "previousSid"
    | "group"
    | "idleTimeout"
    | "absoluteTimeout"
  > {
  /** Default: one by chance. */
  readonly sid?: string;
  /** When the sign-in began, and in which epochs. */
  readonly beginning: Required<Pick<SessionRecord, "epoch" | "everybodyEpoch">> &
    Pick<SessionRecord, "pseudonym"> & { readonly now: number };
  /** What the browser presents. */
  readonly secret: string;
  readonly networks: readonly string[];
}

/** A record with a new nonce. */
export function newRecord(
  { app, policy, secret: sealingSecret, keepsToken }: RecordApp,
  { subject, roles = [], attributes = {}, id, idp, idpTokens }: RecordOwner,
  facts: RecordFacts,
): SessionRecord {
  const { sid = randomText(SID_BYTES), secret, networks, authenticatedAt, lastActiveAt } = facts;
  const { claimedAt, previousSid, group, idleTimeout, absoluteTimeout } = facts;
  const { now, epoch, everybodyEpoch, pseudonym } = facts.beginning;
  return {
    v: RECORD_VERSION,
    app,
    sid,
    subject,
    roles: [...roles],
    attributes: { ...attributes },
    networks,
    secretHash: sha256(secret),
    ...(id === undefined ? {} : { ownId: seal(sealingSecret, id) }),
    ...(idp === undefined ? {} : { idp: { iss: idp.iss, sid: idp.sid } }),
    ...keptToken({ secret: sealingSecret, keepsToken }, idpTokens),
    ...(group === undefined ? {} : { group }),
    ...(previousSid === undefined ? {} : { previousSid }),
    ...(claimedAt === undefined ? {} : { claimedAt }),
    ...(pseudonym === undefined ? {} : { pseudonym }),
    startedAt: now,
    epoch,
    everybodyEpoch,
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
    changes: 1,
    revision: 0,
  };
}
