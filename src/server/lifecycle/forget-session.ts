/** Takes the person out of what is kept of a session that has ended. */
import { isNobodys, type SessionRecord } from "../record/session.js";
import { changeTombstone } from "./change-tombstone.js";
import type { ServerContext } from "./context.js";
import { forgetBegun } from "./timed-out.js";

/** What else was kept of it goes first: a crash in between leaves a tombstone that another call finds. */
export async function forgetSession(context: ServerContext, record: SessionRecord): Promise<void> {
  const { sid, idp, group } = record;
  if (idp !== undefined) await forgetBegun(context, idp, sid);
  if (group !== undefined) await context.group?.forget(group);
  await changeTombstone(context.store, record, (kept) =>
    kept.ended === null || isNobodys(kept) ? null : { ...kept, forgotten: true },
  );
}
