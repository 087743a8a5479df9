/** The person and the page: which input counts, and what happens when the page goes and comes back. */
import type { InputKind } from "../../protocol/heartbeat.js";
import { isLive } from "../../session/machine.js";
import type { PendingActivity } from "../input/pending.js";
import type { PageEvent } from "../platform/lifecycle.js";
import type { ClientPorts } from "../ports.js";
import type { MachineRunner } from "../state/machine-runner.js";
import type { Tab } from "../state/tab.js";
import type { TabNews } from "../tabs/news.js";
import type { Poll } from "../verifier/poll.js";
import type { Reach } from "../verifier/reach.js";
import type { ServerClock } from "../verifier/server-clock.js";

interface PresenceOptions {
  readonly ports: ClientPorts;
  readonly tab: Tab;
  readonly runner: MachineRunner;
  readonly poll: Poll;
  readonly serverClock: ServerClock;
  readonly pending: PendingActivity;
  readonly news: TabNews;
  readonly reach: Reach;
}

export interface Presence {
  /** The server has answered, or nothing speaks against the clock: input counts. */
  letCount(): void;
  /** The page, or the machine, was away: look at the clock, ask, and let input count after the answer. */
  comeBack(): void;
  /** Lets the sender work while the page is here and its session is not in doubt. */
  drive(): void;
  /** Takes over what an earlier page could not report. */
  collectUnreported(): void;
  stop(): void;
}

/** A tab that is being hidden reports at once what moves the deadline by more. */
const HIDDEN_GAIN = 1000;

export function observePresence({
  ports,
  tab,
  runner,
  poll,
  serverClock,
  pending,
  news,
  reach,
}: PresenceOptions): Presence {
  const { clock, page, unreported } = ports;
  let counting = true;
  let isAway = false;
  let lastHumanAt = Number.NEGATIVE_INFINITY;

  function onInput(timeStamp: number, kind: InputKind): void {
    if (!counting || !isInputWanted()) return;
    if (runner.isBehind(timeStamp)) {
      comeBack();
    } else if (kind !== "media" || timeStamp - lastHumanAt < (tab.status?.policy.media ?? 0)) {
      if (kind !== "media") lastHumanAt = timeStamp;
      pending.input(timeStamp, kind);
      tab.session?.sender.nudge();
    }
  }

  function isInputWanted(): boolean {
    const { status } = tab.machine;
    return (
      status === "active" ||
      status === "connecting" ||
      (status === "warning" && tab.status?.policy.dismissWarning === "activity")
    );
  }

  function comeBack(): void {
    tab.visit++;
    counting = !isLive(tab.machine);
    void poll.ask(true);
    runner.look();
  }

  /** While a page is frozen its clock may stand still. */
  function loseTime(): void {
    pending.toServerTime();
    serverClock.drop();
    comeBack();
  }

  function writeUnreported(): void {
    const [activeAt, { session }] = [pending.at(), tab];
    if (activeAt !== null && session !== null && isLive(tab.machine))
      unreported.write(session.name, { sid: session.sid, activeAt, beatAt: session.sender.beatAt });
    else if (tab.machine.status === "connecting") leaveEarly();
  }

  function leave(): void {
    writeUnreported();
    isAway = true;
    drive();
    poll.stop();
    news.leave();
  }

  /** Before the first answer nobody knows the session or the server's time: the next page will. */
  function leaveEarly(): void {
    const { heldAt } = pending.take();
    const activeAt = Math.floor(clock.wall() - clock.monotonic() + (heldAt ?? 0));
    if (heldAt !== null) unreported.write(tab.name, { sid: null, activeAt, beatAt: 0 });
  }

  function drive(): void {
    const isIn = tab.machine.status === "active" || tab.machine.status === "warning";
    if (isIn && !isAway) tab.session?.sender.resume();
    else tab.session?.sender.pause();
    const isInSight = isIn && !isAway && !page.isHidden();
    reach.keep((isInSight && tab.status?.policy.reach) || 0, tab.session?.name ?? tab.name);
  }

  function collectUnreported(): void {
    const { session } = tab;
    const now = serverClock.reckon();
    if (session === null || now === null) return;
    const known = unreported.take(session.name, session.sid);
    const early = unreported.take(tab.name, null);
    if (known !== null) {
      pending.report(Math.min(known.activeAt, now));
      session.sender.noteBeat(Math.min(known.beatAt, now));
    }
    if (early !== null) pending.report(now - Math.max(0, clock.wall() - early.activeAt));
  }

  /** Pages and tabs may change quickly: the server takes four heartbeats an interval. */
  function hide(): void {
    const interval = tab.status?.heartbeatInterval ?? 0;
    void tab.session?.sender.flush(Math.max(HIDDEN_GAIN, interval / 3));
  }

  function onHide(persisted: boolean): void {
    leave();
    // On pageshow it would be a frame too late: the old content has been painted by then.
    tab.visit++;
    if (persisted && tab.machine.status !== "absent") runner.setCovered(true);
  }

  function onShow(): void {
    isAway = false;
    news.join(tab.session?.name ?? tab.name);
    collectUnreported();
    loseTime();
  }

  /** People sign in and out without a page load too: where nobody is signed in, and where one signs in, the server is asked. */
  function onAddress(): void {
    const isAtSignIn = page.isAt(tab.signInUrl);
    if (tab.machine.status === "ended" && runner.state.status === "absent" && !isAtSignIn) void leaveSignIn();
    else {
      runner.publish();
      if (!isLive(tab.machine) || isAtSignIn) news.check();
    }
  }

  /** Most often somebody has signed in: until that is known the page is covered, and nothing is said. */
  async function leaveSignIn(): Promise<void> {
    if (tab.isLeavingSignIn) return;
    tab.isLeavingSignIn = true;
    runner.setCovered(true);
    await poll.ask(true);
    tab.isLeavingSignIn = false;
    runner.publish();
  }

  function onPage(event: PageEvent): void {
    if (event.type === "hidden" && counting) hide();
    if (event.type === "visible") tab.machine.status === "absent" ? news.check() : comeBack();
    if (event.type === "address") onAddress();
    if (event.type === "answered" && !isLive(tab.machine)) news.check();
    // A frozen page may be discarded, and hears of nothing any more.
    if (event.type === "freeze") writeUnreported();
    if (event.type === "resume") loseTime();
    if (event.type === "online" && isLive(tab.machine)) void poll.ask();
    drive();
    if (event.type === "hide") onHide(event.persisted);
    if (event.type === "show" && event.persisted) onShow();
  }

  const stops = [page.observe(onPage), ports.observeInput(onInput)];
  return {
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
