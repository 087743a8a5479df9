/** Ends what came of a session at the identity provider, or of a person there: the provider says that it is over. */
import type { RequestedEnd } from "../../session/end.js";
import type { ServerContext } from "../lifecycle/context.js";
import { currentSession, endSession } from "../lifecycle/settle.js";
import { rememberProviderEnd } from "../lifecycle/timed-out.js";
import { SessionError } from "../platform/errors.js";
import { isFilledText } from "../platform/members.js";
import { isNobodys, type ProviderSession } from "../record/session.js";
import { endSubject } from "./ends.js";
import { settledSessions } from "./sessions.js";
import { refuseIllFormed } from "./well-formed.js";

/** What is over at the provider: the session `sid`, or all of the person's. */
export type ProviderEnd =
  | { readonly iss: string; readonly sid: string; readonly sub?: string }
  | { readonly iss: string; readonly sid?: never; readonly sub: string };

/** How the provider's names are read. */
interface ProviderNames {
  /** The app's own id of a person; null where it knows nobody. */
  subjectOf(sub: string): string | null | Promise<string | null>;
  /** What a `sid` stands for. */
  readonly sidMeans: "session" | "subject";
}

/** Of a provider that the app has not described: its names are the app's. */
export const PLAIN_NAMES: ProviderNames = { subjectOf: (sub) => sub, sidMeans: "session" };

/** @throws SessionError `bad-idp` */
export function refuseBadEnd(end: ProviderEnd): void {
  const { iss, sid, sub }: { readonly iss?: unknown; readonly sid?: unknown; readonly sub?: unknown } =
    Object(end);
  const isGiven = (value: unknown) => value === undefined || isFilledText(value);
  if (!isFilledText(iss) || !isGiven(sid) || !isGiven(sub) || (sid === undefined && sub === undefined))
    throw new SessionError(
      "bad-idp",
      "endByIdp() needs the iss of the provider, and the sid of its session or the sub of the person, texts that are not empty",
    );
  refuseIllFormed("endByIdp() was given", end);
}

/**
 * Ends what the provider names. A sign-in that rests on the provider's session from before starts none any more. Where
 * nothing is known of that session, the person's sessions that tell of none end, if the provider names the person.
 * @returns how many sessions have ended
 */
export async function endByProvider(
  context: ServerContext,
  { iss, sid, sub }: ProviderEnd,
  { subjectOf, sidMeans }: ProviderNames,
  reason: RequestedEnd,
): Promise<number> {
  const subject = sub === undefined ? null : await subjectOf(sub);
  if (sid === undefined) return subject === null ? 0 : endSubject(context, subject, reason);
  const idp: ProviderSession = { iss, sid };
  const begun = await Promise.all(
    (await rememberProviderEnd(context, idp)).map((one) => currentSession(context, one)),
  );
  const known = begun.flatMap((session) =>
    session === null || isNobodys(session.record) ? [] : session.record.subject,
  );
  const subjects = new Set(subject === null ? known : [...known, subject]);
  let ended = 0;
  for (const one of subjects)
    if (sidMeans === "subject") ended += await endSubject(context, one, reason);
    else {
      const takesUntold = known.length === 0;
      for await (const session of settledSessions(context, one)) {
        const { record } = session;
        if (session.status === "ended" || !(record.idp === undefined ? takesUntold : isSame(record.idp, idp)))
          continue;
        await endSession(context, record.sid, reason);
        ended++;
      }
    }
  return ended;
}

function isSame(a: ProviderSession, b: ProviderSession): boolean {
  return a.iss === b.iss && a.sid === b.sid;
}
