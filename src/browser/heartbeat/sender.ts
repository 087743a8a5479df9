/** Tells the server of activity: from the tab in the person's hands, one tab at a time, never more often than agreed. */
import {
  HEARTBEAT_TYP,
  type HeartbeatIntent,
  type HeartbeatPayload,
  type InputCounts,
} from "../../protocol/heartbeat.js";
import type { ActiveStatus } from "../../protocol/session-status.js";
import type { PendingActivity } from "../input/pending.js";
import { type SigningKey, signMessage } from "../key/signing.js";
import type { KeyStore } from "../key/store.js";
import type { Clock } from "../platform/clock.js";
import type { TabLock } from "../tabs/lock.js";
import { isRefused } from "../verifier/facts.js";
import type { ServerClock } from "../verifier/server-clock.js";
import type { Answer, Transport } from "../verifier/transport.js";
import { delayAfter, isHopeless, isRefusedAsAhead, isStale } from "./retry.js";
import { BARRED, IDLE, type SenderState, type Sending } from "./sender-state.js";

interface HeartbeatSenderOptions {
  readonly sid: string;
  readonly origin: string;
  readonly automated: boolean;
  readonly clock: Pick<Clock, "after" | "random">;
  readonly serverClock: Pick<ServerClock, "now" | "drop">;
  readonly pending: PendingActivity;
  readonly lock: TabLock;
  readonly store: Pick<KeyStore, "session">;
  readonly transport: Pick<Transport, "sendHeartbeat">;
  /** The newest status that this tab has. */
  readonly status: () => ActiveStatus;
  readonly key: () => SigningKey | null;
  /** Keeps a status that came with a new nonce and passes it on; `own`: what was accepted of this tab. */
  readonly onStatus: (answer: { status: ActiveStatus }, own: AcceptedBeat | null) => Promise<void>;
  /** An answer that only the client as a whole can judge. */
  readonly onRefused: (answer: Answer) => void;
  /** There is something to send, and nobody knows the server's time any more. */
  readonly onTimeLost: () => void;
}

export interface HeartbeatSender {
  /** There is something to send: at once after a quiet spell, else when the interval has passed. */
  nudge(): void;
  /** Sends and retries nothing until `resume`. */
  pause(): void;
  resume(): void;
  /** The server answers again: what is held waits no longer. */
  retry(): void;
  /** When this browser last sent a heartbeat, answered or not, as far as this tab knows; server time. */
  readonly beatAt: number;
  /** The last heartbeat of this tab did not arrive, or was refused. */
  readonly isFailing: boolean;
  /** Another tab, or an earlier page, has sent a heartbeat at `beatAt`, server time. */
  noteBeat(beatAt: number): void;
  /** Sends what is held, whatever the interval, if activity and last heartbeat are more than `gain` later than the last. */
  flush(gain?: number): Promise<void>;
  /** The person's explicit answer. Resolves with the server's. */
  extend(activeAt: number): Promise<Answer>;
}

/** A heartbeat that the server has accepted. */
export interface AcceptedBeat {
  readonly intent: HeartbeatIntent;
  readonly counts: InputCounts;
}

interface Beat {
  readonly intent: HeartbeatIntent;
  readonly activeAt: number;
  readonly isLast: boolean;
}

/** No key in memory that the server knows. */
const UNSENT: Answer = { type: "unreachable", code: "unreachable", retryAfter: 0 };
/** Another heartbeat has told of the same activity. */
const KNOWN: Answer = { type: "done" };

export function createHeartbeatSender(options: HeartbeatSenderOptions): HeartbeatSender {
  const { sid, clock, serverClock, pending, lock, store, transport, onStatus, onRefused } = options;
  let state: SenderState = IDLE;
  let beatAt = 0;
  /** When the heartbeat was sent whose answer is not here yet; 0 where there is none. */
  let triedAt = 0;
  let failures = 0;

  function schedule(minDelay = 0): void {
    if (state !== IDLE || options.key() === null) return;
    const now = serverClock.now();
    if (now === null) options.onTimeLost();
    if (now === null || pending.at() === null) return;
    const delay = Math.max(minDelay, beatAt + options.status().heartbeatInterval - now);
    if (delay <= 0) void run(false);
    else wait(delay);
  }

  function wait(delay: number): void {
    state = { type: "waiting", cancel: clock.after(delay, () => void run(false)) };
  }

  function stopWaiting(): void {
    if (state.type !== "waiting") return;
    state.cancel();
    state = IDLE;
  }

  async function run(isForced: boolean): Promise<void> {
    stopWaiting();
    const own: Sending = { type: "sending" };
    state = own;
    const answer = await lock(() => report(isForced)).catch(() => UNSENT);
    // First the delay: who learns of a failure may nudge, and must not get ahead of it.
    const delay = learnFrom(answer);
    if (!finish(own)) return;
    if (answer === null || !isRefusedAsAhead(answer)) return schedule(delay);
    // Nobody knows the server's time now; where the next clock is no better, it may try once an interval.
    wait(Math.max(delay, options.status().heartbeatInterval));
    options.onTimeLost();
  }

  /** False where something else has come in between: the page went, or a forced heartbeat did not wait. */
  function finish(own: Sending): boolean {
    if (state.type === "paused" && state.unfinished === own) state = { type: "paused", unfinished: null };
    if (state !== own) return false;
    state = IDLE;
    return true;
  }

  /** The state of things once the lock is held; null while the pause lasts. */
  async function latestStatus(): Promise<ActiveStatus | null> {
    const stored = await store.session(sid);
    beatAt = Math.max(beatAt, stored?.beatAt ?? 0);
    const known = options.status();
    if (state.type === "paused") return null;
    return stored !== null && stored.status.now >= known.now ? stored.status : known;
  }

  /** Tells of what is held; null where there is nothing to tell, or another tab has just spoken. */
  async function report(isForced: boolean): Promise<Answer | null> {
    const status = await latestStatus();
    const activeAt = pending.at();
    if (status === null || activeAt === null) return null;
    if (activeAt <= status.lastActiveAt) {
      pending.settle(activeAt, null);
      return null;
    }
    if (!isForced && (serverClock.now() ?? 0) < beatAt + status.heartbeatInterval) return null;
    return post(status, { intent: "activity", activeAt, isLast: false });
  }

  async function post(status: ActiveStatus, beat: Beat): Promise<Answer> {
    const key = options.key();
    if (key === null || key.kid !== status.key) return UNSENT;
    const sent = pending.take();
    triedAt = serverClock.now() ?? 0;
    const { intent, activeAt } = beat;
    const heartbeat: Omit<HeartbeatPayload, "v"> = {
      aud: options.origin,
      sid,
      nonce: status.nonce,
      activeAt,
      intent,
      counts: sent.counts,
      automated: options.automated,
    };
    const answer = await transport.sendHeartbeat(await signMessage(key, HEARTBEAT_TYP, heartbeat));
    triedAt = 0;
    if (answer.type === "active") {
      settle(beat, sent);
      beatAt = answer.status.now;
      await onStatus(answer, { intent, counts: sent.counts });
      return answer;
    }
    // What this browser takes for the server's time is wrong, by minutes.
    if (isRefusedAsAhead(answer)) serverClock.drop();
    pending.restore(sent);
    const fresh = answer.type === "problem" ? answer.problem.session : undefined;
    if (fresh === undefined || fresh.sid !== sid) return answer;
    await onStatus({ status: fresh }, null);
    if (fresh.lastActiveAt >= activeAt) {
      settle(beat, sent);
      return KNOWN;
    }
    return beat.isLast || state.type === "paused" ? answer : post(fresh, { ...beat, isLast: true });
  }

  function settle(beat: Beat, sent: ReturnType<PendingActivity["take"]>): void {
    failures = 0;
    pending.settle(beat.activeAt, sent);
  }

  /** How long to wait before the next heartbeat, after this answer. */
  function learnFrom(answer: Answer | null): number {
    if (answer === null || answer.type === "active" || answer.type === "done") return 0;
    if (isHopeless(answer)) {
      pending.forget();
      // The next input must not bring the next refusal at once.
      beatAt = serverClock.now() ?? beatAt;
      if (isRefused(options.status(), options.automated)) state = BARRED;
    }
    const delay = delayAfter(answer, { failures, random: clock.random() });
    if (!isStale(answer)) failures++;
    if (answer !== UNSENT && !isStale(answer)) onRefused(answer);
    return delay;
  }

  return {
    nudge: () => schedule(),
    pause() {
      if (state === BARRED || state.type === "paused") return;
      stopWaiting();
      state = { type: "paused", unfinished: state.type === "sending" ? state : null };
    },
    resume() {
      if (state.type === "paused") state = state.unfinished ?? IDLE;
      schedule();
    },
    retry() {
      if (failures === 0) return;
      // The waits go on growing: that another call is answered says nothing of this one.
      stopWaiting();
      schedule();
    },
    get isFailing() {
      return failures > 0;
    },
    get beatAt() {
      return Math.max(beatAt, triedAt);
    },
    noteBeat(at) {
      beatAt = Math.max(beatAt, at);
    },
    async flush(gain = 0) {
      const at = pending.at();
      if (at === null || options.key() === null || state === BARRED || state.type === "paused") return;
      const knownAt = options.status().lastActiveAt;
      if (at > (gain > 0 ? Math.max(knownAt, beatAt, triedAt) : knownAt) + gain) await run(true);
    },
    extend: (activeAt) =>
      lock(async () => {
        const status = await latestStatus();
        return status === null ? UNSENT : post(status, { intent: "extend", activeAt, isLast: false });
      }),
  };
}
