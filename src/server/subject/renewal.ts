/** A live session goes on under new facts: reauthentication moves both deadlines, and news of the person resolves the policy again. */
import { acceptActivity, deadlinesOf, isOver, stricterTimeouts } from "../../session/deadlines.js";
import { recordThinned } from "../audit/thinned.js";
import type { ServerContext } from "../lifecycle/context.js";
import { replaceRecorded } from "../lifecycle/recorded-write.js";
import { currentSession, endSession, whileLive } from "../lifecycle/settle.js";
import { isProviderOver, rememberBegun } from "../lifecycle/timed-out.js";
import { contextOf, timeoutsFor } from "../lifecycle/times.js";
import { SessionError } from "../platform/errors.js";
import { randomText, sha256 } from "../platform/secrets.js";
import type { SessionContext } from "../policy/resolve.js";
import type { LiveSession } from "../record/outcome.js";
import { keptToken } from "../record/provider-token.js";
import { answered, claimOf, nextChange, type SessionRecord } from "../record/session.js";
import {
  authenticationOf,
  refuseBadIdp,
  refuseBadTokens,
  type SignedIn,
  type StartOptions,
  type SubjectContext,
  tooOld,
} from "./authentication.js";
import { refuseSilent, stale } from "./silent-sign-in.js";
import { toldChange, toldTerms } from "./told-terms.js";

/**
 * The same session, proven anew: both deadlines, the cookie's secret and the nonce change, the sid and the key stay.
 * @throws SessionError `other-subject`, `bad-idp`, `bad-authenticated-at`, `stale-authentication`, `authentication-too-old`, `ended`
 */
export async function reauthenticateSession(
  context: ServerContext,
  live: LiveSession,
  options: StartOptions,
): Promise<SignedIn> {
  if (options.subject !== live.record.subject)
    throw new SessionError(
      "other-subject",
      "reauthenticate() was given another subject than the session's: call start() for another person",
    );
  refuseBadIdp(options);
  const renewed = await whileLive(context, live, (current) =>
    writeReauthentication(context, current, options),
  );
  // So it is with the provider's session that it comes of from now on.
  if (renewed?.status === "active" && (await isProviderOver(context, renewed.record)))
    await endSession(context, live.record.sid, "revoked");
  // What was ended together with the others while this went on is over, whatever was written.
  const current = await currentSession(context, live.record.sid);
  if (renewed !== null && "secret" in renewed && current?.status === "active") return renewed;
  throw new SessionError("ended", "reauthenticate() found that the session has ended: call start()");
}

/**
 * A provider that was not asked to authenticate anybody tells of the authentication that the session has already.
 * @throws SessionError `stale-authentication`
 */
async function refuseOld(
  context: ServerContext,
  live: LiveSession,
  { subject, authenticatedAt, idp }: StartOptions,
): Promise<void> {
  const { record, now } = live;
  if (authenticatedAt === undefined) return;
  const { pseudonym } = record;
  if (authenticatedAt <= claimOf(record)) {
    recordThinned(context, "idp_silent_sign_in", now, record, { authenticatedAt, code: "session" });
    throw stale("reauthenticate() was given an authentication that is not newer than the session's own");
  }
  await refuseSilent(
    context,
    "reauthenticate()",
    { subject, pseudonym, authenticatedAt, idp, previous: live },
    now,
  );
}

async function writeReauthentication(
  context: ServerContext,
  live: LiveSession,
  options: StartOptions,
): Promise<SignedIn | null> {
  const { record } = live;
  const now = await context.store.now();
  const { policy } = context;
  const authentication = authenticationOf(options.authenticatedAt, now);
  await refuseOld(context, { ...live, now }, options);
  const { claimedAt: _before, ...known } = answered(record);
  const { authenticatedAt: activeAt } = authentication;
  const { lastActiveAt: seen } = acceptActivity(record, { activeAt, now });
  const secret = randomText(32);
  const changed = contextAfter(record, options);
  const timeouts = timeoutsFor(policy, changed, changed.networks);
  const next: SessionRecord = {
    ...known,
    ...authentication,
    ...(options.idp === undefined ? {} : { idp: { iss: options.idp.iss, sid: options.idp.sid } }),
    ...keptToken(context, options.idpTokens),
    // An app that keeps its own session tells of a new id by `moved`.
    ...(record.ownId === undefined ? { secretHash: sha256(secret) } : {}),
    roles: [...changed.roles],
    attributes: { ...changed.attributes },
    lastActiveAt: seen,
    lastInputAt: seen,
    longestGap: 0,
    ...timeouts,
    policyName: policy.name,
    policyFingerprint: policy.fingerprint,
    bindUntil: now + policy.bindPeriod,
    nonce: randomText(32),
    changes: nextChange(record),
  };
  if (isOver(next, now)) throw tooOld("reauthenticate()");
  await rememberBegun(context, next);
  const written = await replaceRecorded(context, live, next, (confirmation) =>
    context.audit.record("session_reauthenticated", now, record, { ...toldTerms(next), ...confirmation }),
  );
  return written && { ...written, secret };
}

/**
 * The app says something new of the person: the session's policy is resolved again. Stricter takes hold at once, looser
 * at reauthentication.
 * @throws SessionError `ended`
 */
export async function updateSession(
  context: ServerContext,
  live: LiveSession,
  changes: SubjectContext & Pick<StartOptions, "idpTokens">,
): Promise<LiveSession> {
  refuseBadTokens(changes);
  const updated = await whileLive(context, live, async (current) => {
    const { record, now } = current;
    const changed = contextAfter(record, changes);
    const given = timeoutsFor(context.policy, changed, changed.networks);
    const timeouts = stricterTimeouts(record, given);
    const next: SessionRecord = {
      ...record,
      roles: [...changed.roles],
      attributes: { ...changed.attributes },
      ...timeouts,
      ...keptToken(context, changes.idpTokens),
      changes: nextChange(record),
    };
    const { expiresAt } = deadlinesOf(next);
    const told = { ...toldChange(next), ...timeouts, expiresAt };
    return replaceRecorded(context, current, next, (confirmation) =>
      context.audit.record("session_updated", now, record, { ...told, ...confirmation }),
    );
  });
  if (updated?.status === "active") return updated;
  throw new SessionError("ended", "update() found that the session has ended");
}

/** What the rules go by once the app has said something new; what it does not say stays. */
function contextAfter(record: SessionRecord, { roles, attributes }: SubjectContext): SessionContext {
  const known = contextOf(record);
  return { ...known, roles: roles ?? known.roles, attributes: attributes ?? known.attributes };
}
