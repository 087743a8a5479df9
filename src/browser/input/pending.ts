/** The activity that the server has not confirmed yet: one instant and coarse counts, nothing else. */
import { INPUT_KINDS, type InputCounts, type InputKind, MAX_COUNT } from "../../protocol/heartbeat.js";
import type { ActiveStatus } from "../../protocol/session-status.js";
import { warnAtOf } from "../../session/machine.js";
import type { ServerClock } from "../verifier/server-clock.js";

export interface PendingActivity {
  /** Input at `timeStamp`, on the monotonic clock. */
  input(timeStamp: number, kind: InputKind): void;
  /** Activity at `activeAt`, server time, that an earlier page could not report. */
  report(activeAt: number): void;
  /** The latest of it in server time; null where there is none. */
  at(): number | null;
  /** Hands the counts to a heartbeat. */
  take(): SentActivity;
  /** The heartbeat did not arrive: its counts go out with the next one. */
  restore(sent: SentActivity): void;
  /** The server has heard of activity at `activeAt`. */
  settle(activeAt: number, sent: SentActivity | null): void;
  /** Keeps what is held as server time, for the local clock is about to lose its meaning. */
  toServerTime(): void;
  /** Forgets a time stamp that has lost its meaning. */
  forgetInput(): void;
  forget(): void;
}

interface SentActivity {
  readonly heldAt: number | null;
  readonly counts: InputCounts;
}

export function createPendingActivity(serverClock: Pick<ServerClock, "at">): PendingActivity {
  let heldAt: number | null = null;
  let reportedAt: number | null = null;
  let counts = noCounts();

  function at(): number | null {
    const held = heldAt === null ? null : serverClock.at(heldAt);
    return held === null ? reportedAt : Math.max(held, reportedAt ?? 0);
  }
  return {
    at,
    input(timeStamp, kind) {
      if (heldAt === null || timeStamp > heldAt) heldAt = timeStamp;
      if (counts[kind] < MAX_COUNT) counts[kind]++;
    },
    report(activeAt) {
      reportedAt = Math.max(reportedAt ?? 0, activeAt);
    },
    take() {
      const sent = { heldAt, counts };
      counts = noCounts();
      return sent;
    },
    restore(sent) {
      for (const kind of INPUT_KINDS) counts[kind] = Math.min(MAX_COUNT, counts[kind] + sent.counts[kind]);
    },
    settle(activeAt, sent) {
      if (sent === null || heldAt === sent.heldAt) heldAt = null;
      if (reportedAt !== null && reportedAt <= activeAt) reportedAt = null;
    },
    toServerTime() {
      reportedAt = at();
      heldAt = null;
    },
    forgetInput() {
      heldAt = null;
    },
    forget() {
      heldAt = reportedAt = null;
      counts = noCounts();
    },
  };
}

/** Input from before a tab's first answer, made while a warning was open that only an explicit answer may close. */
export function forgetInputInWarning(
  pending: Pick<PendingActivity, "at" | "forget">,
  status: ActiveStatus,
): void {
  const at = pending.at();
  if (at !== null && at >= warnAtOf(status) && status.policy.dismissWarning !== "activity") pending.forget();
}

function noCounts(): Record<InputKind, number> {
  return { pointer: 0, key: 0, touch: 0, wheel: 0, media: 0, other: 0 };
}
