/**
 * Tells open connections that their session has ended, wherever it was ended: here at once, at the deadline by the
 * store's clock, and on another node when the next look at the store finds it.
 */
import type { SessionEnd } from "../../session/end.js";
import { later } from "../platform/clock.js";
import { SessionEndedError } from "../platform/errors.js";
import type { LiveSession, SettledSession } from "../record/outcome.js";

export interface SessionSignals {
  /** Aborts when the session ends. All connections of a session share one signal. */
  signalOf(live: LiveSession): AbortSignal;
  /** This process has ended the session. */
  ended(sid: string, end: SessionEnd): void;
  close(): void;
}

export interface SessionSignalsOptions {
  /** What has become of a session by now. */
  readonly look: (sid: string) => Promise<SettledSession | null>;
  readonly endsAt: (live: LiveSession) => number;
}

/** How late, at most, an end on another node is noticed, with up to `BATCH` sessions that have open connections. */
const LOOK_INTERVAL = 1_000;
const BATCH = 1_000;

export function createSessionSignals({ look, endsAt }: SessionSignalsOptions): SessionSignals {
  const watched = new Map<string, AbortController>();
  const deadlines = new Map<string, () => void>();
  let stopLooking: (() => void) | null = null;

  const forget = (sid: string) => {
    deadlines.get(sid)?.();
    deadlines.delete(sid);
    watched.delete(sid);
  };
  const ended = (sid: string, end: SessionEnd | null) => {
    const controller = watched.get(sid);
    if (controller === undefined) return;
    forget(sid);
    controller.abort(new SessionEndedError(end));
  };
  const settle = async (sid: string): Promise<void> => {
    const session = await look(sid);
    if (session === null || session.status === "ended") return ended(sid, session?.end ?? null);
    if (!watched.has(sid)) return;
    deadlines.get(sid)?.();
    deadlines.set(
      sid,
      later(endsAt(session) - session.now, () => attempt(sid)),
    );
  };
  /** A store that does not answer is asked again at the next look. */
  const attempt = (sid: string) => settle(sid).catch(() => {});
  const lookAround = async (): Promise<void> => {
    const sids = [...watched.keys()].slice(0, BATCH);
    for (const sid of sids) {
      await attempt(sid);
      const controller = watched.get(sid);
      if (controller === undefined) continue;
      // To the end of the line, so that every session has its turn.
      watched.delete(sid);
      watched.set(sid, controller);
    }
    arm();
  };
  const arm = () => {
    stopLooking = watched.size === 0 ? null : later(LOOK_INTERVAL, lookAround);
  };

  return {
    signalOf(live) {
      const { sid } = live.record;
      const known = watched.get(sid);
      if (known !== undefined) return known.signal;
      const controller = new AbortController();
      watched.set(sid, controller);
      deadlines.set(
        sid,
        later(endsAt(live) - live.now, () => attempt(sid)),
      );
      if (stopLooking === null) arm();
      // It may have ended between the check and the first look at the signal.
      void attempt(sid);
      return controller.signal;
    },
    ended,
    close() {
      stopLooking?.();
      for (const sid of [...watched.keys()]) forget(sid);
    },
  };
}
