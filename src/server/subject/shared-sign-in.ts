/** The sign-in that a session shares with other apps: what they all know it by, and its end in all of them. */
import type { RequestedEnd } from "../../session/end.js";
import type { ServerContext } from "../lifecycle/context.js";
import { currentSession, endSession } from "../lifecycle/settle.js";
import { SessionError, StoreUnavailableError } from "../platform/errors.js";
import type { SharedSignIn } from "../record/session.js";
import { actorOf } from "../record/subject.js";
import type { StartOptions } from "./authentication.js";

/** Of a text by chance with 16 characters nobody guesses another: such as a session id. */
const LEAST_ID = 16;

/**
 * Takes the sign-in among those of its group: by the id that the app gives, or else by the provider's session. Without
 * either the session is the app's alone.
 * @throws SessionError `bad-group`, `revoked`
 */
export async function joinGroup(
  { group, warnOnce }: ServerContext,
  { group: id, idp, subject, authenticatedAt }: StartOptions,
): Promise<{ readonly group?: SharedSignIn }> {
  if (group === null) {
    if (id === undefined) return {};
    throw new SessionError(
      "bad-group",
      "start() was given a group, and the app is in none: give createSessionVerifier group: { name, trusts }",
    );
  }
  if (id !== undefined && (typeof id !== "string" || id.length < LEAST_ID))
    throw new SessionError(
      "bad-group",
      `start() was given a group that is no id of a sign-in: a text by chance of at least ${LEAST_ID} characters, never the person's id`,
    );
  if (id !== undefined) return { group: await group.join(["id", id], { subject, authenticatedAt }) };
  if (idp !== undefined)
    return { group: await group.join(["idp", idp.iss, idp.sid], { subject, authenticatedAt }) };
  warnOnce(
    "group id",
    () =>
      "start() was told neither group nor idp, so the session is in no group: pass the id of the sign-in that the other apps pass too",
  );
  return {};
}

/**
 * Ends a session, and what the other apps of its group have of the same sign-in. The group is ended first: a crash in
 * between forgets nothing.
 * @throws StoreUnavailableError where the group's store is away: then this session alone has ended
 */
export async function endWithGroup(context: ServerContext, sid: string, reason: RequestedEnd): Promise<void> {
  const session = await currentSession(context, sid);
  const shared = session?.record.group;
  const isTold =
    shared === undefined ||
    context.group === null ||
    (await context.group.end(shared, { reason, ...actorOf(context.by) }));
  await endSession(context, sid, reason);
  if (!isTold)
    throw new StoreUnavailableError(
      "this session has ended, and the group's store is away: the other apps have not been told; call end() again",
    );
}
