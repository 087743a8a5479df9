/**
 * Tells open connections that their session has ended, wherever it was ended: here at once, at the deadline by the
 * store's clock, and on another node as soon as the store tells of it, or else when the next look finds it.
 */
import type { SessionEnd } from "../../session/end.js";
import { later, systemClock } from "../platform/clock.js";
import { SessionEndedError } from "../platform/errors.js";
import type { LiveSession, SettledSession } from "../record/outcome.js";
import type { EndedSince } from "../stores/store.js";
import type { SessionSignals } from "./context.js";
import { createHolders, type Holders } from "./holders.js";

interface SessionSignalsOptions {
  /** What has become of a session by now. */
  readonly find: (sid: string) => Promise<SettledSession | null>;
  /** What the store tells of ends; absent: nothing. */
  readonly endedSince?: ((since: string | null) => Promise<EndedSince>) | undefined;
  /** Whether sessions end elsewhere of which the store tells nothing: with the group that they are in. */
  readonly endsUntold?: boolean;
  /** Called when a session that is watched has other times than before, was authenticated anew, or has news for its pages. */
  readonly onChanged?: (sid: string) => void;
}

interface Watched {
  readonly holders: Holders;
  /** By the process's monotonic clock. */
  lookedAt: number;
  stopWaiting: () => void;
  /** Changes where there is something to tell. */
  given: string;
}

/** How often a store that tells of ends is asked: so late, at most, an end on another node is noticed. */
const ASK_INTERVAL = 500;
/**
 * How often a session is looked at whatever the store tells, as long as there are no more than can be looked at in that
 * time: 1,000, or 200 where the store tells, and what it misses is rare (a node of a release before, a crash).
 */
const LOOK_INTERVAL = 1_000;
const LOOKS = 1_000;
const LOOKS_BESIDE = 200;
/** Into so many rounds the looks of an interval are divided: a store in this process answers all of a round at once. */
const ROUNDS = 10;
/** How many looks at the store are under way at once. */
const PARALLEL = 50;

export function createSessionSignals(options: SessionSignalsOptions): SessionSignals {
  const { find, endedSince, endsUntold = false, onChanged } = options;
  const watched = new Map<string, Watched>();
  let stop: (() => void) | null = null;
  let isClosed = false;

  const forget = (sid: string) => {
    watched.get(sid)?.stopWaiting();
    watched.delete(sid);
  };
  const ended = (sid: string, end: SessionEnd | null) => {
    const session = watched.get(sid);
    forget(sid);
    session?.holders.abort(new SessionEndedError(end));
  };
  const waitFor = (sid: string, session: Watched, live: LiveSession) => {
    session.stopWaiting();
    const stop = later(live.terms.endsAt - live.now, () => attempt(sid, stop));
    session.stopWaiting = stop;
  };
  const seen = (sid: string, session: Watched, live: LiveSession) => {
    waitFor(sid, session, live);
    const given = givenTo(live);
    if (given !== session.given) onChanged?.(sid);
    session.given = given;
  };
  /**
   * A store that does not answer is asked again at the next look, except at the deadline: nobody can say then that the
   * session lives, and what is open gives no access on a guess.
   * @param due what has waited for the deadline, where that has come
   */
  const attempt = async (sid: string, due?: () => void): Promise<void> => {
    const settled = await find(sid).catch(() => undefined);
    const session = watched.get(sid);
    if (session === undefined) return;
    if (settled === undefined) {
      if (due !== undefined && session.stopWaiting === due) ended(sid, null);
      return;
    }
    if (settled?.status === "active") seen(sid, session, settled);
    else ended(sid, settled?.end ?? null);
  };
  const lookAt = async (sids: readonly string[]): Promise<void> => {
    const left = sids.filter((sid) => watched.has(sid)).values();
    const lookOn = async () => {
      for (const sid of left) await attempt(sid);
    };
    await Promise.all([...Array(PARALLEL)].map(lookOn));
  };

  /** The sessions that were looked at the longest ago. */
  const lookAround = async (): Promise<void> => {
    const now = systemClock.monotonic();
    const most = (endedSince === undefined || endsUntold ? LOOKS : LOOKS_BESIDE) / ROUNDS;
    const due: string[] = [];
    for (const [sid, session] of watched) {
      if (due.length === most || now - session.lookedAt < LOOK_INTERVAL) break;
      due.push(sid);
      session.lookedAt = now;
      watched.delete(sid);
      // To the end of the line, so that every session has its turn.
      if (session.holders.letGo()) watched.set(sid, session);
      else session.stopWaiting();
    }
    await lookAt(due);
  };

  const untilNextLook = (): number => {
    const [first] = watched.values();
    const waited = first === undefined ? 0 : systemClock.monotonic() - first.lookedAt;
    return Math.max(LOOK_INTERVAL - waited, LOOK_INTERVAL / ROUNDS);
  };

  /** What the store has told since the last time; the first time only from where it goes on. */
  const listen = (ask: NonNullable<typeof endedSince>) => {
    let since: string | null = null;
    return async (): Promise<void> => {
      for (;;) {
        const isFirst = since === null;
        const { sids, next } = await ask(since);
        since = next;
        // Whatever ended before was not told.
        await lookAt(isFirst ? [...watched.keys()] : sids);
        if (sids.length === 0) return;
      }
    };
  };

  /** Again and again for as long as there is something to watch. */
  const start = () => {
    const stops = new Map<() => Promise<void>, () => void>();
    const repeat = (wait: () => number, task: () => Promise<void>) => {
      const again = async () => {
        await task().catch(() => {});
        if (watched.size === 0) end();
        else if (!isOver) stops.set(task, later(wait(), again));
      };
      stops.set(task, later(wait(), again));
    };
    let isOver = false;
    const end = () => {
      isOver = true;
      for (const stopOne of stops.values()) stopOne();
      if (stop === end) stop = null;
    };
    stop = end;
    repeat(untilNextLook, lookAround);
    if (endedSince !== undefined) repeat(() => ASK_INTERVAL, listen(endedSince));
  };

  return {
    signalOf(live, connection) {
      const { sid } = live.record;
      const known = watched.get(sid);
      const session = known ?? createWatched(live, () => forget(sid));
      const signal = session.holders.add(connection);
      if (known !== undefined || isClosed) return signal;
      watched.set(sid, session);
      waitFor(sid, session, live);
      if (stop === null) start();
      // It may have ended between the check and the first look at the signal.
      void attempt(sid);
      return signal;
    },
    ended,
    written(live) {
      const session = watched.get(live.record.sid);
      if (session !== undefined) seen(live.record.sid, session, live);
    },
    changed(sid) {
      if (watched.has(sid)) onChanged?.(sid);
    },
    close() {
      isClosed = true;
      stop?.();
      for (const sid of [...watched.keys()]) forget(sid);
    },
  };
}

/** What neither activity nor a request changes. */
function givenTo({ terms: { times, warningPeriod } }: LiveSession): string {
  return `${times.authenticatedAt} ${times.idleTimeout} ${times.absoluteTimeout} ${warningPeriod}`;
}

function createWatched(live: LiveSession, onEmpty: () => void): Watched {
  return {
    holders: createHolders(onEmpty),
    lookedAt: systemClock.monotonic(),
    stopWaiting: () => {},
    given: givenTo(live),
  };
}
