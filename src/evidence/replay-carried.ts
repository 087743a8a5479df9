/** A heartbeat of another app of the group, where it is replayed what that made of this app's session. */
import { acceptActivity, deadlinesOf, endsAtOf } from "../session/deadlines.js";
import type { Replayed, Turn } from "./replay.types.js";
import { instantAt, need, needDeadline, toldText, withStricter } from "./replay-reading.js";

/**
 * The session lived when the other app accepted the heartbeat, and counts from the input that it told of. The heartbeat
 * itself is in that app's own trail, under the hash that is told here.
 */
export function carried(state: Replayed, { record, at, policy }: Turn): Replayed {
  need(policy.activity === "group", "policy", "the policy takes no activity of other apps");
  need(toldText(record, "carriedBy") !== state.app, "shape", "the app names itself");
  toldText(record, "heartbeatHash");
  const activeAt = instantAt(record, "lastActiveAt");
  const acceptedAt = instantAt(record, "acceptedAt");
  need(acceptedAt <= at && activeAt <= acceptedAt, "times", "the activity lies ahead");
  need(
    state.doubt.activity || activeAt > state.lastActiveAt,
    "times",
    "the activity is no newer than the session's",
  );
  const times = withStricter(state, record);
  need(
    state.doubt.activity ||
      state.doubt.terms ||
      acceptedAt < endsAtOf(deadlinesOf(times), policy.enforceFromAt),
    "after-end",
    "the deadline had passed when the other app heard of the activity",
  );
  const after = acceptActivity(times, { activeAt, now: acceptedAt });
  needDeadline(record, after);
  return after;
}
