/** Changes what is kept of a subject, again whenever another write came first. */
import { StoreUnavailableError } from "../platform/errors.js";
import { longestSession } from "../policy/periods.js";
import type { Policy } from "../policy/policy.types.js";
import { TOMBSTONE_PERIOD } from "../record/session.js";
import { newSubject, type SubjectRecord } from "../record/subject.js";
import type { SessionStore } from "../stores/store.js";

const ATTEMPTS = 200;

/**
 * Writes what `change` makes of the record. It is kept for as long as any session of the policy could be told of.
 * @param change null where nothing changes
 * @returns what is kept now
 */
export async function changeSubject(
  { store, policy }: { readonly store: SessionStore; readonly policy: Policy },
  { app, subject }: Pick<SubjectRecord, "app" | "subject">,
  change: (record: SubjectRecord, now: number) => SubjectRecord | null | Promise<SubjectRecord | null>,
): Promise<SubjectRecord> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const found = await store.findSubject(app, subject);
    const kept = found.record ?? newSubject({ app, subject });
    const next = await change(kept, found.now);
    if (next === null) return kept;
    const purgeAt = Math.max(next.purgeAt, found.now + longestSession(policy) + TOMBSTONE_PERIOD);
    const written = { ...next, purgeAt };
    if ((await store.replaceSubject(written, kept.revision)) === "done")
      return { ...written, revision: kept.revision + 1 };
  }
  throw new StoreUnavailableError("what is kept of a subject kept changing");
}
