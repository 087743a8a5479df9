/**
 * What the apps of a group keep of one sign-in together: the heartbeats that each has accepted, and when it was ended for
 * all of them. Each app decides by its own rules what of that counts for it (carried.ts, settle.ts).
 */
import { passMilliseconds } from "../platform/clock.js";
import { SessionError, StoreUnavailableError, UnreadableRecordError } from "../platform/errors.js";
import type { Logger, WarnOnce } from "../platform/logger.js";
import { sha256 } from "../platform/secrets.js";
import type { Policy } from "../policy/policy.types.js";
import { beatsOf, groupEndingOf, isAnothers, withBeat, withMember, withoutMember } from "../record/group.js";
import { lastEndedAt, type SubjectRecord, type ToldBeat, withEnding } from "../record/subject.js";
import type { SessionStore } from "../stores/store.js";
import { changeSubject } from "./change-subject.js";
import type { SharedState, SignInGroup } from "./context.js";

interface SignInGroupOptions {
  readonly app: string;
  /** What the group is called in each of its apps. */
  readonly name: string;
  /** The apps whose heartbeats count here. */
  readonly trusts: readonly string[];
  readonly policy: Policy;
  /** The app's own. */
  readonly store: SessionStore;
  /** Where the group is kept where that is elsewhere; null: in the app's own store. */
  readonly groupStore: SessionStore | null;
  readonly logger: Logger;
  readonly warnOnce: WarnOnce;
  readonly monotonic: () => number;
}

/** How soon a group's store that was away is asked again: until then no request waits for it. */
const RETRY_INTERVAL = 1_000;
/** How far the clocks of two stores may differ, with the way to both of them. */
const CLOCK_SKEW = 1_000;

const NOTHING_SHARED: SharedState = { ending: null, beats: [] };

export function createSignInGroup(options: SignInGroupOptions): SignInGroup {
  const { app, name, trusts, policy, groupStore, warnOnce } = options;
  const store = groupStore ?? options.store;
  const unlessAway = groupStore === null ? always : awayOnce(options);
  const placeOf = (key: string) => ({ app: `:group:${name}`, subject: key });
  const memberOf = (key: string, subject: string) => ({
    app,
    subject: sha256(JSON.stringify([key, app, subject])),
  });
  const change = (
    key: string,
    next: (record: SubjectRecord, now: number) => SubjectRecord | null,
  ): Promise<SubjectRecord | null> => unlessAway(() => changeSubject({ store, policy }, placeOf(key), next));
  const clocksAgree = (groupNow: number, now: number): boolean => {
    const difference = groupNow - now;
    if (groupStore === null || Math.abs(difference) <= CLOCK_SKEW) return true;
    warnOnce(
      "group clock",
      () =>
        `the clock of the store of the group ${name} differs by ${difference} ms from that of this app's, so no activity is shared; keep both by NTP`,
    );
    return false;
  };

  return {
    async of(record, now) {
      const { group } = record;
      if (group === undefined) return NOTHING_SHARED;
      const place = placeOf(group.key);
      const found = await unlessAway(() => store.findSubject(place.app, place.subject));
      if (found === null || found.record === null) return NOTHING_SHARED;
      const ending = groupEndingOf(record, found.record, now);
      if (policy.activity === "own" || !clocksAgree(found.now, now)) return { ending, beats: [] };
      const beats = beatsOf(found.record, trusts);
      const taken = (beat: ToldBeat) => policy.automated === "flag" || beat.automated === undefined;
      return { ending, beats: beats.filter(taken) };
    },
    async join(id, { subject, authenticatedAt }) {
      const key = sha256(JSON.stringify([name, ...id]));
      const member = memberOf(key, subject);
      const kept = await change(key, (record) => {
        if (isAnothers(record, member))
          throw new SessionError(
            "bad-group",
            "start() was given a group that another person of this app has: it must name one sign-in of one person, such as the provider's session",
          );
        if (authenticatedAt !== undefined && authenticatedAt <= (record.revokedAt ?? 0))
          throw new SessionError(
            "revoked",
            "the sessions of this sign-in were ended in all apps of the group after its authentication: ask the person to sign in again",
          );
        return withMember(record, member);
      });
      return kept === null ? { key } : { key, epoch: kept.epoch };
    },
    async tell({ group, subject }, beat) {
      if (group === undefined) return;
      const { key } = group;
      const next = (record: SubjectRecord, now: number) =>
        clocksAgree(now, beat.at) ? withBeat(record, memberOf(key, subject), beat) : null;
      // It was accepted here, whatever the others hear of it. They hear of the next.
      await change(key, next).catch(unlessUnavailable);
    },
    async end({ key, epoch }, ending) {
      const kept = await change(key, (record, now) =>
        epoch !== undefined && epoch < record.epoch ? null : withEnding(record, { ...ending, endedAt: now }),
      );
      if (kept === null) return false;
      // An authentication of the very millisecond counts as one from before: whoever signs in after this call is later.
      if ((await store.now()) <= lastEndedAt(kept)) passMilliseconds(2);
      return true;
    },
    async forget({ key }) {
      const kept = await change(key, (record) => withoutMember(record, app));
      if (kept === null) throw new StoreUnavailableError(`the store of the group ${name} is away`);
    },
    async purge() {
      if (groupStore !== null) await unlessAway(() => groupStore.purge());
    },
  };
}

type Unless = <T>(work: () => Promise<T>) => Promise<T | null>;

/** The app's own store is there, or the whole call fails. */
const always: Unless = (work) => work();

/** Null where the group's store is away; the log says so once, until it is back. */
function awayOnce({ name, logger, monotonic }: SignInGroupOptions): Unless {
  let awayUntil = 0;
  let isAway = false;
  return async (work) => {
    if (monotonic() < awayUntil) return null;
    try {
      const result = await work();
      if (isAway) logger.info(`curfew: the store of the group ${name} is back`);
      isAway = false;
      return result;
    } catch (error) {
      if (error instanceof UnreadableRecordError) return null;
      if (!(error instanceof StoreUnavailableError)) throw error;
      awayUntil = monotonic() + RETRY_INTERVAL;
      if (!isAway)
        logger.error(
          `curfew: the store of the group ${name} is away; until it is back sessions live by their own app's activity alone, and an end of the whole group is not heard of: ${error.message}`,
        );
      isAway = true;
      return null;
    }
  };
}

function unlessUnavailable(error: unknown): null {
  if (error instanceof StoreUnavailableError) return null;
  throw error;
}
