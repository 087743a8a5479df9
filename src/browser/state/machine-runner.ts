/** The machine in this tab, and what follows from each of its steps: the one timer, the cover, the app's listeners. */
import {
  isLive,
  type MachineEvent,
  type MachineState,
  publicStateOf,
  type SessionState,
  transition,
  wakeAt,
} from "../../session/machine.js";
import type { Clock } from "../platform/clock.js";
import type { Cover } from "../platform/cover.js";
import { type KeyLoss, keyLost } from "../platform/error.js";
import type { SessionClient } from "../platform/session-client.types.js";
import type { ServerClock } from "../verifier/server-clock.js";
import { callSafely, createClientEvents } from "./events.js";

/** What the machine writes, and what is said of it, of all that a tab knows. */
interface MachineTab {
  machine: MachineState;
  readonly session: { readonly key: { readonly loss: KeyLoss } } | null;
  readonly isUnheard: boolean;
}

interface MachineRunnerOptions {
  readonly tab: MachineTab;
  readonly clock: Pick<Clock, "after" | "monotonic">;
  readonly serverClock: Pick<ServerClock, "reckon">;
  readonly cover: Cover;
  /** Whether this page is where people sign in: nothing on it belongs to a session that they have signed out of. */
  readonly isSignIn: () => boolean;
  /** The machine cannot go on without an answer, or it is time to hear from the server itself, whatever other tabs told. */
  readonly onAsking: () => void;
  /** After each step. */
  readonly onStep: (state: MachineState, before: MachineState) => void;
}

export interface MachineRunner extends Pick<SessionClient, "subscribe" | "on"> {
  readonly state: SessionState;
  readonly emit: ReturnType<typeof createClientEvents>["emit"];
  dispatch(event: MachineEvent): void;
  /** Shows and tells how it stands, where anything of that has changed: the page may be at another address. */
  publish(): void;
  /** Looks at the clock: the timer fired, or the page came back. */
  look(): void;
  /** At the latest at `at`, server time, the server itself is asked. */
  confirmAt(at: number): void;
  /** Whether the timer should have fired before `timeStamp`: the machine slept, and nobody has looked at the clock yet. */
  isBehind(timeStamp: number): boolean;
  /** Covers the page for a reason that is not the machine's. */
  setCovered(covered: boolean): void;
  stop(): void;
}

/** How long after an answer the timer stays quiet: a clock that is a little ahead must not hammer the server. */
const REST_PERIOD = 50;
/** A hidden tab's timers may be a second late. */
const MAX_LATENESS = 1500;
/**
 * The longest that nobody looks at the clock. While a machine sleeps, timers and the monotonic clock may stand still
 * (https://crbug.com/1206450): only a look tells that the wall clock went on.
 */
const LOOK_INTERVAL = 10_000;

export function createMachineRunner(options: MachineRunnerOptions): MachineRunner {
  const { tab, clock, serverClock, cover, onAsking, onStep } = options;
  const { on, emit, beforeEnd } = createClientEvents(clock);
  const listeners = new Set<() => void>();
  let state = publicStateOf(tab.machine);
  let confirmAt = Number.POSITIVE_INFINITY;
  /** When the timer fires, on the monotonic clock; an instant in the past where it has fired. */
  let dueAt = Number.POSITIVE_INFINITY;
  let isArmed = false;
  let restUntil = 0;
  let isCovered = false;
  let isStopped = false;
  let cancelTimer = () => {};

  function dispatch(event: MachineEvent): void {
    const before = tab.machine;
    tab.machine = transition(before, event);
    if (isStopped) return;
    arm();
    if (tab.machine !== before) follow(tab.machine, before);
  }

  function follow(after: MachineState, before: MachineState): void {
    showCover();
    onStep(after, before);
    publish();
    tell(after, before);
    if (isLive(after) && after.asking && !(isLive(before) && before.asking)) onAsking();
  }

  function publish(): void {
    showCover();
    const shown = publicStateOf(shownState());
    const next = shown.status === "ended" && tab.isUnheard ? { ...shown, unheard: true as const } : shown;
    if (isStopped || JSON.stringify(next) === JSON.stringify(state)) return;
    state = next;
    for (const listener of [...listeners]) callSafely(listener);
  }

  function shownState(): MachineState {
    const { machine } = tab;
    const isLeft = machine.status === "ended" && machine.reason === "signed-out" && options.isSignIn();
    return isLeft ? { status: "absent" } : machine;
  }

  function tell(after: MachineState, before: MachineState): void {
    if (after.status === "warning") {
      if (before.status !== "warning") emit("warning", { state });
      if (after.soon && !(isLive(before) && before.soon)) void beforeEnd("soon");
    }
    if (isKeyLost(after) && !isKeyLost(before)) {
      const { loss: code = "key-mismatch" } = tab.session?.key ?? {};
      emit("error", { code, message: keyLost(code) });
    }
    if (after.status === "ended" && before.status !== "ended") {
      const { reason, endedAt } = after;
      void beforeEnd("ended").then(() => emit("ended", { reason, endedAt }));
    }
  }

  /** An earlier timer stays: re-arming on every event would let frequent news postpone it for ever. */
  function arm(): void {
    const { machine } = tab;
    const now = serverClock.reckon();
    const at = Math.min(
      wakeAt(machine) ?? Number.POSITIVE_INFINITY,
      machine.status === "active" ? confirmAt : Number.POSITIVE_INFINITY,
    );
    if (now === null || at === Number.POSITIVE_INFINITY) return;
    const monotonic = clock.monotonic();
    const next = Math.max(restUntil, monotonic + Math.min(LOOK_INTERVAL, Math.max(0, at - now)));
    if (isArmed && dueAt <= next) return;
    cancelTimer();
    dueAt = next;
    isArmed = true;
    cancelTimer = clock.after(next - monotonic, () => {
      isArmed = false;
      look();
    });
  }

  function look(): void {
    const now = serverClock.reckon();
    if (now === null || isStopped) return;
    const before = tab.machine;
    const isDue = before.status === "active" && now >= confirmAt;
    if (isDue) confirmAt = Number.POSITIVE_INFINITY;
    dispatch({ type: "time", now });
    if (isDue && tab.machine === before) onAsking();
  }

  function showCover(): void {
    const { status } = shownState();
    if (!isStopped) cover.set(isCovered || status === "unconfirmed" || status === "ended");
  }

  return {
    get state() {
      return state;
    },
    on,
    emit,
    subscribe(listener) {
      // A listener of its own for each call: the same function twice is told twice, and each end ends one.
      const own = () => listener();
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    dispatch,
    publish,
    look,
    confirmAt(at) {
      confirmAt = at;
      restUntil = clock.monotonic() + REST_PERIOD;
    },
    isBehind: (timeStamp) => timeStamp > dueAt + MAX_LATENESS,
    setCovered(covered) {
      isCovered = covered;
      showCover();
    },
    stop() {
      isStopped = true;
      cancelTimer();
    },
  };
}

function isKeyLost(state: MachineState): boolean {
  return isLive(state) && state.keyStore === "lost";
}
