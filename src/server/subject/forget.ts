/**
 * Forgets a person: their sessions end, the key of their pseudonym goes, and nothing in the store says any more which
 * session was theirs. Not a byte of the audit trail changes.
 */
import type { ServerContext } from "../lifecycle/context.js";
import { forgetSession } from "../lifecycle/forget-session.js";
import { pseudonymOf, withoutKey } from "../lifecycle/pseudonym.js";
import { currentSession } from "../lifecycle/settle.js";
import { forgetTimedOut } from "../lifecycle/timed-out.js";
import { SessionError } from "../platform/errors.js";
import { keyedHash } from "../platform/secrets.js";
import { refuseNoText } from "./call-values.js";
import { endTogether } from "./ends.js";
import { settledSessions } from "./sessions.js";
import { refuseIllFormed } from "./well-formed.js";

/**
 * Walks over every session of the app. Where it is cut short it throws, and calling again finishes.
 * @returns how many sessions have ended
 * @throws SessionError `shared-pseudonyms`, StoreUnavailableError
 */
export async function forgetSubject(context: ServerContext, subject: string): Promise<number> {
  const { app, store } = context;
  refuseNoText("forget() was given", "subject", subject);
  refuseIllFormed("forget() was given", { subject });
  if (context.pseudonyms === "shared")
    throw new SessionError(
      "shared-pseudonyms",
      'forget() cannot unlink one person from the trail where one secret names everybody: write pseudonyms: "own" in the options; it concerns sessions that begin from then on',
    );
  const { ended, ending } = await endTogether(
    context,
    { app, subject },
    { reason: "revoked" },
    settledSessions(context, subject),
    ({ endings = [], ...record }) => withoutKey({ ...record, endings: endings.slice(-1) }),
  );
  for await (const record of store.all(app)) {
    if (record.subject !== subject || (record.epoch ?? 0) >= ending.epoch) continue;
    const session = await currentSession(context, record.sid);
    if (session?.status === "ended") await forgetSession(context, session.record);
  }
  await forgetTimedOut(context, subject, ending.endedAt);
  context.audit.record("subject_forgotten", await store.now(), null, { count: ended });
  return ended;
}

/** What the trail calls a person, the newest first: by a key of their own, where they have one, and by the secret alone. */
export async function pseudonymsOf(context: ServerContext, subject: string): Promise<readonly string[]> {
  refuseNoText("pseudonyms() was given", "subject", subject);
  refuseIllFormed("pseudonyms() was given", { subject });
  const { record } = await context.store.findSubject(context.app, subject);
  const own = record === null ? null : pseudonymOf(context, record);
  return [...(own === null ? [] : [own]), keyedHash(context.secret, subject)];
}
