/**
 * A change of a session together with its record in the trail. Where the store does not answer, the change may have taken
 * effect all the same: the trail then has it as unconfirmed, so that whoever replays the session misses nothing.
 */
import type { LiveSession } from "../record/outcome.js";
import type { SessionRecord } from "../record/session.js";
import type { ServerContext } from "./context.js";
import { replaceLive } from "./settle.js";
import { type Confirmation, UNCONFIRMED, unlessUnknown } from "./unconfirmed.js";

/** As `replaceLive`, and tells the trail. @throws StoreUnavailableError */
export async function replaceRecorded(
  context: ServerContext,
  live: LiveSession,
  next: SessionRecord,
  tell: (confirmation: Confirmation) => void,
): Promise<LiveSession | null> {
  const written = await unlessUnknown(
    () => replaceLive(context, live, next),
    () => tell(UNCONFIRMED),
  );
  if (written !== null) tell({});
  return written;
}
