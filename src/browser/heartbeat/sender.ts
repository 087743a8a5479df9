/** Tells the server of activity: from the tab in the person's hands, one tab at a time, never more often than agreed. */
import {
  HEARTBEAT_TYP,
  type HeartbeatIntent,
  type HeartbeatPayload,
  type InputCounts,
} from "../../protocol/heartbeat.js";
import { SIGNATURE_ALG } from "../../protocol/key-binding.js";
import type { ActiveStatus } from "../../protocol/session-status.js";
import { PROTOCOL_VERSION } from "../../protocol/version.js";
import type { UnsentActivity } from "../input/pending.js";
import { type SigningKey, signCompactJws } from "../key/signing.js";
import type { KeyStore } from "../key/store.js";
import { backOff } from "../platform/back-off.js";
import type { Clock } from "../platform/clock.js";
import type { TabLock } from "../tabs/lock.js";
import { isRefused } from "../verifier/automated.js";
import type { ServerClock } from "../verifier/server-clock.js";
import { type Answer, codeOf, type Transport } from "../verifier/transport.js";

export interface HeartbeatSenderOptions {
  readonly sid: string;
  readonly origin: string;
  readonly automated: boolean;
  readonly clock: Pick<Clock, "after" | "random">;
  readonly serverClock: Pick<ServerClock, "now" | "drop">;
  readonly unsent: UnsentActivity;
  readonly lock: TabLock;
  readonly store: Pick<KeyStore, "session">;
  readonly transport: Pick<Transport, "sendHeartbeat">;
  /** The newest status that this tab has heard. */
  readonly status: () => ActiveStatus;
  readonly key: () => SigningKey | null;
  /** Keeps a status that came with a new nonce and tells of it; `own`: what was accepted of this tab. */
  readonly hear: (answer: { status: ActiveStatus }, own: AcceptedBeat | null) => Promise<void>;
  /** An answer that only the joiner can judge. */
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
  /** Some tab has sent a heartbeat at `beatAt`, server time. */
  heardBeat(beatAt: number): void;
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

const FIRST_RETRY_DELAY = 500;
/** Problems that the same heartbeat would only meet again. */
const HOPELESS = ["bad-heartbeat", "bad-request", "unsupported-version", "too-large"];
/** No key in memory that the server knows. */
const UNSENT: Answer = { type: "unreachable", code: "unreachable", retryAfter: 0 };
/** Another heartbeat has told of the same activity. */
const SAID: Answer = { type: "done" };

export function createHeartbeatSender(options: HeartbeatSenderOptions): HeartbeatSender {
  const { sid, clock, serverClock, unsent, lock, store, transport, hear, onRefused } = options;
  let beatAt = 0;
  /** When the heartbeat was sent whose answer is not here yet; 0 where there is none. */
  let triedAt = 0;
  let failures = 0;
  let sending = false;
  let paused = false;
  let barred = false;
  let cancelTimer: (() => void) | null = null;

  function schedule(minDelay = 0): void {
    if (paused || barred || sending || cancelTimer !== null || options.key() === null) return;
    const now = serverClock.now();
    if (now === null) options.onTimeLost();
    if (now === null || unsent.at() === null) return;
    const delay = Math.max(minDelay, beatAt + options.status().heartbeatInterval - now);
    if (delay <= 0) void run(false);
    else wait(delay);
  }

  function wait(delay: number): void {
    cancelTimer = clock.after(delay, () => {
      cancelTimer = null;
      void run(false);
    });
  }

  function stopTimer(): void {
    cancelTimer?.();
    cancelTimer = null;
  }

  async function run(isForced: boolean): Promise<void> {
    stopTimer();
    sending = true;
    const answer = await lock(() => report(isForced)).catch(() => UNSENT);
    // First the delay: who hears of a failure may nudge, and must not get ahead of it.
    const delay = answer === null ? 0 : delayAfter(answer);
    sending = false;
    if (answer === null || !isAhead(answer)) return schedule(delay);
    // Nobody knows the server's time now; where the next clock is no better, it may try once an interval.
    wait(Math.max(delay, options.status().heartbeatInterval));
    options.onTimeLost();
  }

  /** The state of things once the lock is held; null while the pause lasts. */
  async function look(): Promise<ActiveStatus | null> {
    const stored = await store.session(sid);
    beatAt = Math.max(beatAt, stored?.beatAt ?? 0);
    const heard = options.status();
    if (paused) return null;
    return stored !== null && stored.status.now >= heard.now ? stored.status : heard;
  }

  /** Tells of what is held; null where there is nothing to tell, or another tab has just spoken. */
  async function report(isForced: boolean): Promise<Answer | null> {
    const status = await look();
    const activeAt = unsent.at();
    if (status === null || activeAt === null) return null;
    if (activeAt <= status.lastActiveAt) {
      unsent.settle(activeAt, null);
      return null;
    }
    if (!isForced && (serverClock.now() ?? 0) < beatAt + status.heartbeatInterval) return null;
    return post(status, { intent: "activity", activeAt, isLast: false });
  }

  async function post(status: ActiveStatus, beat: Beat): Promise<Answer> {
    const key = options.key();
    if (key === null || key.kid !== status.key) return UNSENT;
    const sent = unsent.take();
    triedAt = serverClock.now() ?? 0;
    const header = { alg: SIGNATURE_ALG, typ: HEARTBEAT_TYP, kid: key.kid };
    const payload: HeartbeatPayload = {
      v: PROTOCOL_VERSION,
      aud: options.origin,
      sid,
      nonce: status.nonce,
      activeAt: beat.activeAt,
      intent: beat.intent,
      counts: sent.counts,
      automated: options.automated,
    };
    const answer = await transport.sendHeartbeat(await signCompactJws(key, { header, payload }));
    triedAt = 0;
    if (answer.type === "active") {
      settle(beat, sent);
      beatAt = answer.status.now;
      await hear(answer, { intent: beat.intent, counts: sent.counts });
      return answer;
    }
    // What this browser takes for the server's time is wrong, by minutes.
    if (isAhead(answer)) serverClock.drop();
    unsent.restore(sent);
    const fresh = answer.type === "problem" ? answer.problem.session : undefined;
    if (fresh === undefined || fresh.sid !== sid) return answer;
    await hear({ status: fresh }, null);
    if (fresh.lastActiveAt >= beat.activeAt) {
      settle(beat, sent);
      return SAID;
    }
    return beat.isLast || paused ? answer : post(fresh, { ...beat, isLast: true });
  }

  function settle(beat: Beat, sent: ReturnType<UnsentActivity["take"]>): void {
    failures = 0;
    unsent.settle(beat.activeAt, sent);
  }

  /** How long to wait before the next heartbeat, after this answer. */
  function delayAfter(answer: Answer): number {
    if (answer.type === "active" || answer.type === "done") return 0;
    const code = answer.type === "problem" ? codeOf(answer.problem) : "";
    if (code === "stale-nonce") return 200 + clock.random() * 800;
    if (HOPELESS.includes(code)) {
      unsent.forget();
      // The next input must not bring the next refusal at once.
      beatAt = serverClock.now() ?? beatAt;
      barred = isRefused(options.status(), options.automated);
    }
    if (answer !== UNSENT) onRefused(answer);
    const retryAfter = answer.type === "unreachable" ? answer.retryAfter : 0;
    return Math.max(retryAfter, backOff(FIRST_RETRY_DELAY, { failures: failures++, random: clock.random() }));
  }

  return {
    nudge: () => schedule(),
    resume() {
      paused = false;
      schedule();
    },
    retry() {
      if (failures === 0) return;
      failures = 0;
      stopTimer();
      schedule();
    },
    pause() {
      paused = true;
      stopTimer();
    },
    get beatAt() {
      return Math.max(beatAt, triedAt);
    },
    heardBeat(at) {
      beatAt = Math.max(beatAt, at);
    },
    async flush(gain = 0) {
      const at = unsent.at();
      if (at === null || options.key() === null || paused || barred) return;
      const heardAt = options.status().lastActiveAt;
      if (at > (gain > 0 ? Math.max(heardAt, beatAt, triedAt) : heardAt) + gain) await run(true);
    },
    extend: (activeAt) =>
      lock(async () => {
        const status = await look();
        return status === null ? UNSENT : post(status, { intent: "extend", activeAt, isLast: false });
      }),
  };
}

/** The server has refused a claim that lies far ahead of its own time. */
function isAhead(answer: Answer): boolean {
  return answer.type === "problem" && answer.problem.code === "ahead";
}
