/** What an end gives others to be told. */
import { sha256 } from "../platform/secrets.js";
import { headsOf, type OutboxMessage, type Recipient } from "../record/outbox.js";
import type { SessionRecord } from "../record/session.js";

/** The part of a tombstone that says who is to be told, after what they are to be told already; nothing where nobody is. */
export function firstMessages(
  { app, sid, outbox = [] }: SessionRecord,
  { recipients, token = null }: { readonly recipients: readonly Recipient[]; readonly token?: string | null },
  times: (to: Recipient) => Pick<OutboxMessage, "since" | "nextAt">,
): Pick<SessionRecord, "outbox"> {
  const told = recipients.filter((to) => to !== "provider" || token !== null);
  if (told.length === 0) return {};
  const heads = headsOf(outbox);
  const added = told.map((to) => {
    const { since, nextAt } = times(to);
    const waits = heads.some((head) => head.to === to);
    const sealed = to === "provider" && token !== null ? { sealed: token } : {};
    return { id: idOf(app, sid, to), to, attempts: 0, since, nextAt: waits ? since : nextAt, ...sealed };
  });
  return { outbox: [...outbox, ...added] };
}

/** The same whoever writes it, and in every release. */
function idOf(app: string, sid: string, to: Recipient): string {
  return sha256(app, " ", sid, to === "webhook" ? " ended" : ` ended ${to}`).slice(0, 22);
}
