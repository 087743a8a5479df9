/** What each member of a record may be (`read.ts`). */
import * as v from "valibot";
import { END_REASONS, REQUESTED_ENDS } from "../../session/end.js";
import type { SessionRecord } from "./session.js";
import type { SubjectRecord } from "./subject.js";

/** One schema for each member: a member that is added to the interface and not here does not compile. */
type EntriesOf<Kept> = { readonly [Member in keyof Kept]-?: v.GenericSchema<unknown, Kept[Member]> };

const text = v.string();
/** Milliseconds, and counts. Anything else would make each comparison with a deadline false. */
const whole = v.pipe(v.number(), v.safeInteger());
export const attribute = v.union([text, v.number(), v.boolean()]);
const key = v.looseObject({
  thumbprint: text,
  jwk: v.looseObject({ crv: v.literal("P-256"), kty: v.literal("EC"), x: text, y: text }),
});

export const sessionSchema = v.looseObject({
  v: whole,
  app: text,
  sid: text,
  subject: text,
  roles: v.array(text),
  secretHash: text,
  startedAt: whole,
  epoch: v.exactOptional(whole),
  everybodyEpoch: v.exactOptional(whole),
  authenticatedAt: whole,
  lastActiveAt: whole,
  idleTimeout: whole,
  absoluteTimeout: whole,
  policyName: text,
  policyFingerprint: text,
  key: v.nullable(key),
  bindUntil: whole,
  nonce: text,
  lastHeartbeat: v.nullable(text),
  ended: v.nullable(v.looseObject({ reason: v.picklist(END_REASONS), endedAt: whole })),
  unrecorded: v.exactOptional(
    v.nullable(
      v.looseObject({
        nextAt: whole,
        at: whole,
        idleTimeout: whole,
        absoluteTimeout: whole,
        actor: v.exactOptional(text),
        note: v.exactOptional(text),
        from: v.exactOptional(text),
      }),
    ),
  ),
  notice: v.exactOptional(v.nullable(v.looseObject({ attempts: whole, nextAt: whole }))),
  outbox: v.exactOptional(
    v.array(
      v.looseObject({
        id: text,
        to: v.picklist(["webhook", "provider"]),
        since: whole,
        attempts: whole,
        nextAt: whole,
        failure: v.exactOptional(text),
        deadAt: v.exactOptional(whole),
        sealed: v.exactOptional(text),
      }),
    ),
  ),
  attributes: v.exactOptional(v.record(text, attribute)),
  networks: v.exactOptional(v.array(text)),
  longestGap: v.exactOptional(whole),
  lastInputAt: v.exactOptional(whole),
  beats: v.exactOptional(v.looseObject({ startedAt: whole, count: whole })),
  rhythm: v.exactOptional(v.looseObject({ interval: whole, count: whole })),
  observed: v.exactOptional(v.looseObject({ expiresAt: whole, until: whole })),
  challenges: v.exactOptional(v.array(v.looseObject({ value: text, expiresAt: whole }))),
  ownId: v.exactOptional(text),
  idp: v.exactOptional(v.looseObject({ iss: text, sid: text })),
  group: v.exactOptional(v.looseObject({ key: text, epoch: v.exactOptional(whole) })),
  idpToken: v.exactOptional(text),
  previousSid: v.exactOptional(text),
  claimedAt: v.exactOptional(whole),
  pseudonym: v.exactOptional(text),
  forgotten: v.exactOptional(v.literal(true)),
  early: v.exactOptional(v.looseObject({ rule: text, at: whole })),
  changes: v.exactOptional(whole),
  revision: whole,
} satisfies EntriesOf<SessionRecord>);

const timedOut = v.looseObject({
  sid: text,
  reason: v.picklist(["idle", "absolute"]),
  startedAt: whole,
  endedAt: whole,
  authenticatedAt: whole,
  isProviders: v.boolean(),
  previousSid: v.exactOptional(text),
});

const member = v.looseObject({
  app: text,
  subject: text,
  beats: v.array(
    v.looseObject({
      at: whole,
      activeAt: whole,
      heartbeat: text,
      automated: v.exactOptional(v.literal(true)),
    }),
  ),
});

const node = v.looseObject({
  node: text,
  release: text,
  fingerprint: text,
  deployment: text,
  since: whole,
  seenAt: whole,
});

const head = v.looseObject({ origin: text, size: whole, news: whole, checkpoint: text, keptAt: whole });
const heads = v.exactOptional(v.array(head));

const alert = v.looseObject({
  id: text,
  rule: text,
  of: v.exactOptional(v.looseObject({ sid: text, pseudonym: text })),
  body: text,
  since: whole,
  attempts: whole,
  nextAt: whole,
});

export const subjectSchema = v.looseObject({
  v: whole,
  app: text,
  subject: text,
  epoch: whole,
  revokedAt: v.nullable(whole),
  endings: v.exactOptional(
    v.array(
      v.looseObject({
        epoch: whole,
        endedAt: whole,
        reason: v.picklist(REQUESTED_ENDS),
        sparedSid: v.exactOptional(text),
        actor: v.exactOptional(text),
        note: v.exactOptional(text),
      }),
    ),
  ),
  places: v.array(v.looseObject({ sid: text, takenAt: whole })),
  timedOut: v.exactOptional(v.array(timedOut)),
  members: v.exactOptional(v.array(member)),
  nodes: v.exactOptional(v.looseObject({ seen: v.array(node), drifted: v.array(text), heads })),
  lastPolicy: v.exactOptional(v.looseObject({ fingerprint: text, document: text })),
  alerts: v.exactOptional(v.array(alert)),
  pseudonymKey: v.exactOptional(text),
  purgeAt: whole,
  revision: whole,
} satisfies EntriesOf<SubjectRecord>);
