/**
 * What a store keeps of a subject besides its sessions: when they were ended together, and who is about to sign in.
 * Ends are dated: each sign-in carries the time and the epoch at which it began, and a check compares.
 */
import type { DeadlineCause, GroupBeat } from "../../session/deadlines.js";
import type { RequestedEnd } from "../../session/end.js";
import type { WaitingAlert } from "./alerts.js";
import type { KeptNodes, KeptPolicy } from "./nodes.js";

/** The version of the record's shape; release N reads N − 1. */
export const SUBJECT_VERSION = 1;

/** A sign-in that has taken its place among the subject's sessions. */
export interface Place {
  readonly sid: string;
  readonly takenAt: number;
}

/** An end by time, remembered beyond its session: a later sign-in must rest on an authentication since. */
export interface TimedOut {
  readonly sid: string;
  readonly reason: DeadlineCause;
  readonly startedAt: number;
  readonly endedAt: number;
  /** The authentication that the session had, as it was claimed: the same one again is none since. */
  readonly authenticatedAt: number;
  /** Whether the sign-in told of a session at the provider. */
  readonly isProviders: boolean;
  /** The session that the same browser had before. */
  readonly previousSid?: string;
}

/** One moment at which the subject's sessions were ended together. */
export interface SubjectEnding {
  /** The subject's epoch from then on: what began in an earlier one is over. */
  readonly epoch: number;
  readonly endedAt: number;
  readonly reason: RequestedEnd;
  /** The one session that goes on. */
  readonly sparedSid?: string;
  /** Who ended them, and why: each session's record says it, whichever node writes that. */
  readonly actor?: string;
  readonly note?: string;
}

export function actorOf({
  actor,
  note,
}: Pick<SubjectEnding, "actor" | "note">): Pick<SubjectEnding, "actor" | "note"> {
  return { ...(actor === undefined ? {} : { actor }), ...(note === undefined ? {} : { note }) };
}

/** A heartbeat that an app of a group has accepted, as the others are told of it. */
export interface ToldBeat extends GroupBeat {
  /** SHA-256 of the heartbeat itself, which that app's audit trail has. */
  readonly heartbeat: string;
  /** The browser says that it is automated. */
  readonly automated?: true;
}

/** What one app of a group has told the others of one sign-in. */
export interface GroupMember {
  readonly app: string;
  /** A hash of the app's own id of the person: a sign-in is one person's. */
  readonly subject: string;
  /** The newest heartbeats, the oldest first. */
  readonly beats: readonly ToldBeat[];
}

export interface SubjectRecord {
  readonly v: number;
  readonly app: string;
  readonly subject: string;
  /** Counts the times that the sessions were ended together: a sign-in that began before such a moment ends with them. */
  readonly epoch: number;
  /** When sessions were last revoked together; an authentication from then or before starts no session. */
  readonly revokedAt: number | null;
  /** The last times that the sessions were ended together, the oldest first. */
  readonly endings?: readonly SubjectEnding[];
  /** The sessions of the subject, kept only where the policy limits their number. */
  readonly places: readonly Place[];
  /** The newest ends by time, the oldest first. */
  readonly timedOut?: readonly TimedOut[];
  /** The apps of one sign-in, where several share a clock. */
  readonly members?: readonly GroupMember[];
  /** In the record of an app's nodes alone. */
  readonly nodes?: KeptNodes;
  /** In the record of an app's last policy alone. */
  readonly lastPolicy?: KeptPolicy;
  /** In the record of an app's alerts alone. */
  readonly alerts?: readonly WaitingAlert[];
  /** What the person's pseudonym in the audit trail is made of, where each person has a key of their own. */
  readonly pseudonymKey?: string;
  /** Until when the record must be kept. */
  readonly purgeAt: number;
  /** Counts the changes; every write is a compare-and-set on it. */
  readonly revision: number;
}

/** What is known of a subject of whom nothing is kept yet. */
export function newSubject({ app, subject }: Pick<SubjectRecord, "app" | "subject">): SubjectRecord {
  const nothing = { epoch: 0, revokedAt: null, places: [], purgeAt: 0, revision: 0 };
  return { v: SUBJECT_VERSION, app, subject, ...nothing };
}

/** How many endings are kept. A session that an older one ended is ended by the first that is kept, too. */
const MOST_ENDINGS = 4;

/** The subject from this ending on. */
export function withEnding(
  record: SubjectRecord,
  { endedAt, reason, sparedSid, ...by }: Omit<SubjectEnding, "epoch">,
): SubjectRecord {
  const epoch = record.epoch + 1;
  const spared = sparedSid === undefined ? {} : { sparedSid };
  const ending = { epoch, endedAt, reason, ...spared, ...actorOf(by) };
  return {
    ...record,
    epoch,
    revokedAt: reason === "revoked" ? Math.max(endedAt, record.revokedAt ?? 0) : record.revokedAt,
    endings: [...(record.endings ?? []), ending].slice(-MOST_ENDINGS),
    places: record.places.filter(({ sid }) => sid === sparedSid),
  };
}

/**
 * What has ended a session that began at `startedAt` in that epoch of the subject; null where it goes on.
 * @param epoch absent in a session that the release before began: then the time alone decides
 */
export function endingOf(
  { sid, startedAt }: { readonly sid: string; readonly startedAt: number },
  epoch: number | undefined,
  subject: SubjectRecord | null,
): SubjectEnding | null {
  if (subject === null) return null;
  const { endings = [] } = subject;
  const isOver = (ending: SubjectEnding) =>
    startedAt < ending.endedAt || (epoch === undefined ? startedAt === ending.endedAt : epoch < ending.epoch);
  const found = endings.find((ending) => ending.sparedSid !== sid && isOver(ending));
  if (found !== undefined) return { ...found, endedAt: Math.max(found.endedAt, startedAt) };
  // The release before moves the epoch, and spares nobody.
  const movedAlone = endings.at(-1)?.epoch !== subject.epoch;
  if (!movedAlone || epoch === undefined || epoch >= subject.epoch) return null;
  return {
    epoch: subject.epoch,
    endedAt: Math.max(subject.revokedAt ?? 0, startedAt),
    reason: "revoked",
  };
}

/** When the sessions were last ended together, for whatever reason; a sign-in that knows of it begins no earlier. */
export function lastEndedAt(subject: SubjectRecord | null): number {
  return subject?.endings?.at(-1)?.endedAt ?? 0;
}

/** What is kept of everybody together stands under a name that no app can have. */
export function everybodyOf(app: string): { readonly app: string; readonly subject: string } {
  return { app: `${app}:everybody`, subject: "everybody" };
}
