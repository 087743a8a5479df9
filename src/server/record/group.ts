/** What the apps of a group keep of one sign-in, as functions of the record that they share. */
import { claimOf, type SessionRecord } from "./session.js";
import type { GroupMember, SubjectEnding, SubjectRecord, ToldBeat } from "./subject.js";

/** How many heartbeats of each app are kept: a session that is looked at once in its idle timeout misses none. */
const MOST_BEATS = 32;

/** A heartbeat of another app of the group, and which app that is. */
export interface SharedBeat extends ToldBeat {
  readonly app: string;
}

type Member = Omit<GroupMember, "beats">;

/** Whether another person of the same app has this sign-in already: it is no id of one sign-in then. */
export function isAnothers({ members = [] }: SubjectRecord, { app, subject }: Member): boolean {
  return members.some((known) => known.app === app && known.subject !== subject);
}

/** The record with the app among its members. */
export function withMember(record: SubjectRecord, { app, subject }: Member): SubjectRecord {
  const { members = [] } = record;
  if (members.some((known) => known.app === app)) return record;
  return { ...record, members: [...members, { app, subject, beats: [] }] };
}

/** The record without the app; null where it is not among its members. */
export function withoutMember(record: SubjectRecord, app: string): SubjectRecord | null {
  const { members = [] } = record;
  const others = members.filter((known) => known.app !== app);
  return others.length === members.length ? null : { ...record, members: others };
}

/** The record with one more heartbeat that the app has accepted. */
export function withBeat(record: SubjectRecord, member: Member, beat: ToldBeat): SubjectRecord {
  const joined = withMember(record, member);
  const members = (joined.members ?? []).map((known) =>
    known.app === member.app
      ? { ...known, beats: [...known.beats, beat].sort((a, b) => a.at - b.at).slice(-MOST_BEATS) }
      : known,
  );
  return { ...joined, members };
}

/** The heartbeats that these apps have accepted. */
export function beatsOf({ members = [] }: SubjectRecord, apps: readonly string[]): readonly SharedBeat[] {
  return members
    .filter(({ app }) => apps.includes(app))
    .flatMap(({ app, beats }) => beats.map((beat) => ({ ...beat, app })));
}

/**
 * What has ended a session together with the group's others; null where it goes on. Of a session that began while nobody
 * could ask how often the group had been ended, the authentication decides.
 */
export function groupEndingOf(record: SessionRecord, kept: SubjectRecord, now: number): SubjectEnding | null {
  const { endings = [] } = kept;
  const epoch = record.group?.epoch;
  const found = endings.find((ending) =>
    epoch === undefined ? claimOf(record) <= ending.endedAt : epoch < ending.epoch,
  );
  if (found === undefined) return null;
  return { ...found, endedAt: Math.min(now, Math.max(found.endedAt, record.startedAt)) };
}
