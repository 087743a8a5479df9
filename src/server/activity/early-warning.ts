/**
 * A suspicion opens the session's ordinary warning early (policy `watch.warnEarly`): its button is pressed by a person, and by no
 * device that moves a mouse. The deadline stays, and nothing ends by it.
 */
import { activityCouldExtend } from "../../session/deadlines.js";
import { actingFor } from "../lifecycle/acting.js";
import type { ServerContext } from "../lifecycle/context.js";
import { replaceRecorded } from "../lifecycle/recorded-write.js";
import { currentSession, whileLive } from "../lifecycle/settle.js";
import { isObserving } from "../policy/observing.js";
import type { EarlyRule } from "../policy/watch.types.js";
import type { LiveSession } from "../record/outcome.js";

/** Where the warning is open early already, or where no answer could help, nothing changes. @throws StoreUnavailableError */
export async function warnEarly(context: ServerContext, sid: string, rule: EarlyRule): Promise<void> {
  // Nobody does it: no call and no person.
  const nobodys = actingFor(context, {});
  const session = await currentSession(nobodys, sid);
  if (session !== null) await whileLive(nobodys, session, (live) => suspect(nobodys, live, rule));
}

async function suspect(
  context: ServerContext,
  live: LiveSession,
  rule: EarlyRule,
): Promise<LiveSession | null> {
  const { record, terms, now } = live;
  if (record.early !== undefined || record.key === null || !activityCouldExtend(terms.times)) return live;
  // A page that only observes opens no warning: nobody could answer.
  if (isObserving(context.policy, now)) {
    context.audit.record("session_warned_early", now, record, { rule });
    return live;
  }
  const next = { ...record, early: { rule, at: now } };
  // Its pages hear of it as of other times that hold (`lifecycle/signals.ts`).
  return replaceRecorded(context, live, next, (confirmation) =>
    context.audit.record("session_warned_early", now, record, { rule, ...confirmation }),
  );
}
