/** Why this tab shows what it shows: the last steps of its session, each with the tab, the input and the answer behind it. */
import { INPUT_KINDS } from "../../protocol/heartbeat.js";
import type { ActiveStatus } from "../../protocol/session-status.js";
import { isLive, type MachineState } from "../../session/machine.js";
import type { AcceptedBeat } from "../heartbeat/sender.js";
import type { Clock } from "../platform/clock.js";
import type { SessionLogEntry } from "../platform/session-client.types.js";
import type { ServerClock } from "../verifier/server-clock.js";

/** An entry that another tab caused carries that tab's name; all others get this tab's. */
type LoggedStep = Omit<SessionLogEntry, "at" | "tab" | "isOwn"> & {
  readonly tab?: string | undefined;
};

export interface SessionLog {
  /** This tab's name, new for each page. */
  readonly tab: string;
  /** Oldest first. */
  readonly entries: readonly SessionLogEntry[];
  add(step: LoggedStep): void;
}

interface SessionLogOptions {
  readonly clock: Pick<Clock, "wall" | "random">;
  readonly serverClock: Pick<ServerClock, "reckon">;
  /** Called with each entry, where the app wants to see them as they come. */
  readonly print: ((entry: SessionLogEntry) => void) | null;
}

/** Older entries are dropped. */
const MAX_ENTRIES = 100;
/** What the server said last is why these steps were taken. */
const NEEDS_ANSWER = ["warned", "unconfirmed", "ended"];

export function createSessionLog({ clock, serverClock, print }: SessionLogOptions): SessionLog {
  const own = clock.random().toString(36).slice(2, 8);
  let answer: string | undefined;
  let entries: readonly SessionLogEntry[] = [];
  return {
    tab: own,
    get entries() {
      return entries;
    },
    add(step) {
      answer = step.answer ?? answer;
      const at = serverClock.reckon() ?? clock.wall();
      const behind = NEEDS_ANSWER.includes(step.type) && answer !== undefined ? { answer } : {};
      const entry = { ...step, ...behind, at, tab: step.tab ?? own, isOwn: step.tab === undefined };
      entries = [...entries, entry].slice(-MAX_ENTRIES);
      print?.(entry);
    },
  };
}

/** @param tab The tab that told of the end, if another one did. */
export function logStep(
  log: SessionLog,
  state: MachineState,
  { before, tab }: { readonly before: MachineState; readonly tab: string | undefined },
): void {
  if (isLive(state) && isLive(before) && state.keyStore !== before.keyStore)
    log.add({ type: "key", keyStore: state.keyStore });
  if (state.status === before.status) return;
  if (state.status === "ended") log.add({ type: "ended", tab, reason: state.reason });
  if (!isLive(state) || state.status === "active") return;
  const { expiresAt, cause } = state;
  log.add({ type: state.status === "warning" ? "warned" : "unconfirmed", expiresAt, cause });
}

/** What an accepted heartbeat of this tab has done. */
export function extended(
  { lastActiveAt, expiresAt }: ActiveStatus,
  { intent, counts }: AcceptedBeat,
): LoggedStep {
  const inputs = INPUT_KINDS.filter((kind) => counts[kind] > 0);
  return { type: "extended", intent, inputs, activeAt: lastActiveAt, expiresAt };
}
