/** The person and the page: which input counts, and what happens when the page goes and comes back. */
import type { InputKind } from "../../protocol/heartbeat.js";
import type { ActiveStatus } from "../../protocol/session-status.js";
import { isLive } from "../../session/machine.js";
import type { Desk } from "../heartbeat/live-session.js";
import type { UnsentActivity } from "../input/pending.js";
import type { PageEvent } from "../platform/lifecycle.js";
import type { ClientPorts } from "../ports.js";
import type { Mirror } from "../state/machine-runner.js";
import type { TabNews } from "../tabs/news.js";
import type { Questions } from "../verifier/poll.js";
import type { ServerClock } from "../verifier/server-clock.js";

export interface PresenceOptions {
  readonly ports: ClientPorts;
  readonly mirror: Mirror;
  readonly questions: Questions;
  readonly serverClock: ServerClock;
  readonly unsent: UnsentActivity;
  readonly news: TabNews;
  readonly desk: () => Desk | null;
  readonly status: () => ActiveStatus | null;
  /** The tabs to join where no session has said it yet. */
  readonly name: string;
}

export interface Presence {
  /** How often the page has gone or come back. */
  readonly visit: number;
  /** The server has answered, or nothing speaks against the clock: input counts. */
  letCount(): void;
  /** The page, or the machine, was away: look at the clock, ask, and only then let input count. */
  comeBack(): void;
  /** Lets the sender work while the page is here and its session is not in doubt. */
  drive(): void;
  /** Takes over what an earlier page could not report. */
  collectUnreported(): void;
  stop(): void;
}

/** A tab that is being hidden reports at once what moves the deadline by more. */
const HIDDEN_GAIN = 1000;

export function observePresence(options: PresenceOptions): Presence {
  const { ports, mirror, questions, serverClock, unsent, news, desk, status } = options;
  const { clock, page, unreported } = ports;
  let visit = 0;
  let counting = true;
  let isAway = false;
  let lastHumanAt = Number.NEGATIVE_INFINITY;

  function onInput(timeStamp: number, kind: InputKind): void {
    if (!counting || !isInputWanted()) return;
    if (mirror.isBehind(timeStamp)) {
      comeBack();
    } else if (kind !== "media" || timeStamp - lastHumanAt < (status()?.policy.media ?? 0)) {
      if (kind !== "media") lastHumanAt = timeStamp;
      unsent.input(timeStamp, kind);
      desk()?.sender.nudge();
    }
  }

  function isInputWanted(): boolean {
    const { status: is } = mirror.machine;
    return (
      is === "active" ||
      is === "connecting" ||
      (is === "warning" && status()?.policy.dismissWarning === "activity")
    );
  }

  function comeBack(): void {
    visit++;
    counting = !isLive(mirror.machine);
    void questions.ask(true);
    mirror.look();
  }

  /** While a page is frozen its clock may stand still. */
  function loseTime(): void {
    unsent.bank();
    serverClock.drop();
    comeBack();
  }

  function writeUnreported(): void {
    const [activeAt, seat] = [unsent.at(), desk()];
    if (activeAt !== null && seat !== null && isLive(mirror.machine))
      unreported.write(seat.name, { sid: seat.sid, activeAt, beatAt: seat.sender.beatAt });
    else if (mirror.machine.status === "connecting") leaveEarly();
  }

  function leave(): void {
    writeUnreported();
    isAway = true;
    drive();
    questions.stop();
    news.leave();
  }

  /** Before the first answer nobody knows the session or the server's time: the next page will. */
  function leaveEarly(): void {
    const { heldAt } = unsent.take();
    const activeAt = Math.floor(clock.wall() - clock.monotonic() + (heldAt ?? 0));
    if (heldAt !== null) unreported.write(options.name, { sid: null, activeAt, beatAt: 0 });
  }

  function drive(): void {
    const isIn = mirror.machine.status === "active" || mirror.machine.status === "warning";
    if (isIn && !isAway) desk()?.sender.resume();
    else desk()?.sender.pause();
  }

  function collectUnreported(): void {
    const seat = desk();
    const now = serverClock.reckon();
    if (seat === null || now === null) return;
    const known = unreported.take(seat.name, seat.sid);
    const early = unreported.take(options.name, null);
    if (known !== null) {
      unsent.report(Math.min(known.activeAt, now));
      seat.sender.heardBeat(Math.min(known.beatAt, now));
    }
    if (early !== null) unsent.report(now - Math.max(0, clock.wall() - early.activeAt));
  }

  /** Pages and tabs may change quickly: the server takes four heartbeats an interval. */
  function hide(): void {
    const interval = status()?.heartbeatInterval ?? 0;
    void desk()?.sender.flush(Math.max(HIDDEN_GAIN, interval / 3));
  }

  function onHide(persisted: boolean): void {
    leave();
    // On pageshow it would be a frame too late: the old content has been painted by then.
    visit++;
    if (persisted && mirror.machine.status !== "absent") mirror.setCovered(true);
  }

  function onShow(): void {
    isAway = false;
    news.join(desk()?.name ?? options.name);
    collectUnreported();
    loseTime();
  }

  function onPage(event: PageEvent): void {
    if (event.type === "hidden" && counting) hide();
    if (event.type === "visible" && mirror.machine.status !== "absent") comeBack();
    // A frozen page may be discarded, and hears of nothing any more.
    if (event.type === "freeze") writeUnreported();
    if (event.type === "resume") loseTime();
    if (event.type === "online" && isLive(mirror.machine)) void questions.ask();
    if (event.type === "hide") onHide(event.persisted);
    if (event.type === "show" && event.persisted) onShow();
  }

  const stops = [page.observe(onPage), ports.observeInput(onInput)];
  return {
    get visit() {
      return visit;
    },
    letCount() {
      counting = true;
    },
    comeBack,
    drive,
    collectUnreported,
    stop() {
      for (const stop of stops) stop();
      leave();
    },
  };
}
