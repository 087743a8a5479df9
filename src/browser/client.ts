/** Joins the parts of one tab: what the server, the person, the page and the other tabs say comes in here and moves the machine. */
import type { MachineState } from "../session/machine.js";
import { createPendingActivity } from "./input/pending.js";
import { createMethods } from "./methods.js";
import { coverWhatIsOver } from "./page/kept-page.js";
import { observePresence } from "./page/presence.js";
import { withTimeout } from "./platform/clock.js";
import type { SessionClient } from "./platform/session-client.types.js";
import type { ClientOptions, ClientPorts } from "./ports.js";
import { createSessionLog, logStep } from "./state/log.js";
import { createMachineRunner } from "./state/machine-runner.js";
import { createTab, liveStateOf } from "./state/tab.js";
import type { TabMessage } from "./tabs/group.js";
import { createTabNews } from "./tabs/news.js";
import { createVerdict } from "./verdict.js";
import { earlyBy, isSurprise } from "./verifier/answers.js";
import { AHEAD_PERIOD, factsFor, statusAfter } from "./verifier/facts.js";
import { watchCalls } from "./verifier/obstacles.js";
import { createPoll } from "./verifier/poll.js";
import { createReach } from "./verifier/reach.js";
import { createServerClock } from "./verifier/server-clock.js";
import type { Answer } from "./verifier/transport.js";

/** How long a warning waits for a heartbeat, and then for an answer. */
const STEP_TIMEOUT = 1000;
const STALE: Answer = { type: "unreachable", code: "unreachable", retryAfter: 0, cause: "stale" };

/** Starts observing at once. */
export function createClient(given: ClientPorts, options: ClientOptions): SessionClient {
  const { name, base = "", print, warn } = options;
  const transport = watchCalls(given.transport, { base, onObstacle });
  const ports = { ...given, transport };
  const { clock, page } = ports;
  const tab = createTab(name);

  // Time, and the input that the server has not confirmed.
  const serverClock = createServerClock(clock, () => pending.forgetInput());
  const pending = createPendingActivity(serverClock);
  const reckon = () => serverClock.reckon() ?? 0;
  const log = createSessionLog({ clock, serverClock, print });

  const runner = createMachineRunner({
    tab,
    clock,
    serverClock,
    cover: ports.cover,
    isSignIn: () => tab.isLeavingSignIn || (!tab.isLiveAtSignIn && page.isAt(tab.signInUrl)),
    onAsking: () => void askBeforeStep(),
    onStep,
  });

  const poll = createPoll({
    clock,
    async ask() {
      tab.asked = { visit: tab.visit, at: clock.wall() };
      const answer = await transport.session(tab.status?.sid ?? null);
      if (answer.type !== "active") return answer;
      if (isOld(answer)) return STALE;
      serverClock.add(answer.sample);
      return answer;
    },
    isSurprise: (answer) =>
      isSurprise(answer, {
        machine: tab.machine,
        now: reckon(),
        isExpected: tab.reportedEnd !== undefined,
      }),
    isEarlyBy: (answer) => earlyBy(answer, tab.machine),
    take: (answer) => verdict.take(answer),
    onReturn: () => tab.session?.sender.retry(),
    persists: () => tab.machine.status === "connecting" || liveStateOf(tab) !== null,
  });

  const news = createTabNews({
    clock,
    tab,
    ownName: log.tab,
    open: ports.openTabs,
    async ask() {
      const before = runner.state;
      await poll.ask(true);
      return runner.state !== before;
    },
    onActive: onActiveNews,
    onEnded(end) {
      tab.reportedEnd = end;
    },
  });

  /** Which deadline the server was asked about ahead of its warning, and when. */
  let ahead = { expiresAt: 0, askedAt: 0 };

  const reach = createReach({ clock, hear: ports.hear, ask: () => void poll.ask(true) });
  const parts = { ports, tab, serverClock, pending, log, runner, poll, news, reach };
  const presence = observePresence(parts);
  const verdict = createVerdict({ ...parts, presence });

  /**
   * The next step is the server's to say. What this tab holds goes first: it may put the step off. A question ahead of the
   * warning has had its time once that is due: the person is warned then, while the server is asked once more.
   */
  async function askBeforeStep(): Promise<void> {
    const { status, session } = tab;
    const [now, { expiresAt = 0 } = {}] = [reckon(), liveStateOf(tab) ?? {}];
    const wasAsked = ahead.expiresAt === expiresAt && now - ahead.askedAt < AHEAD_PERIOD + STEP_TIMEOUT;
    ahead = { expiresAt, askedAt: now };
    if (tab.machine.status === "active" && session !== null) {
      presence.collectUnreported();
      await withTimeout(session.sender.flush(), STEP_TIMEOUT, clock);
    }
    if (liveStateOf(tab)?.asking || tab.status === status)
      await withTimeout(poll.ask(), wasAsked ? 0 : STEP_TIMEOUT, clock);
    const state = liveStateOf(tab);
    if (state?.asking) runner.dispatch({ type: "unreachable", now: reckon(), reachable: state.reachable });
  }

  /** Where the verifier does not say to which question its answer belongs, its time has to tell. */
  function isOld({ isFresh, sample }: Answer & { type: "active" }): boolean {
    return isFresh !== true && (sample.now < tab.seenAt || serverClock.isOld(sample));
  }

  function onObstacle(message: string): void {
    warn?.(message);
    runner.emit("error", { code: "unanswered", message });
  }

  function onStep(state: MachineState, before: MachineState): void {
    logStep(log, state, { before, tab: tab.reportedEnd?.tab });
    if (state.status !== before.status) presence.drive();
    if (state.status !== "ended" || before.status === "ended") return;
    tab.isUnheard = state.reason === "idle" && isUnheard();
    tab.session?.clear();
    pending.forget();
    if (state.reason !== "idle" && state.reason !== "absolute" && tab.reportedEnd === undefined)
      news.postEnded(state.sid, state.reason);
    tab.reportedEnd = undefined;
  }

  function isUnheard(): boolean {
    const { session, status } = tab;
    const heldAt = pending.at() ?? 0;
    return session?.key.current == null || session.sender.isFailing || heldAt > (status?.lastActiveAt ?? 0);
  }

  function onActiveNews({ now, activeAt, tab: from = "another" }: TabMessage & { type: "active" }): void {
    const [state, { status }] = [liveStateOf(tab), tab];
    const latest = reckon();
    if (state === null || status === null || now <= state.facts.now || activeAt > now || now > latest + 1000)
      return;
    tab.session?.sender.noteBeat(Math.min(now, latest));
    const facts = factsFor(statusAfter(status, { now: Math.min(now, latest), activeAt }), page.automated);
    if (state.status !== "active" || poll.isAsking) news.check();
    else if (facts.idleExpiresAt > state.idleExpiresAt) {
      runner.dispatch({ type: "status", facts });
      log.add({ type: "extended", tab: from, activeAt, expiresAt: facts.expiresAt });
    }
  }

  news.join(name);
  void coverWhatIsOver(ports, runner, tab);
  void poll.ask();

  return createMethods({
    ...parts,
    refuse: verdict.refuse,
    close() {
      presence.stop();
      poll.close();
      tab.session?.key.stop();
      runner.stop();
      ports.close();
    },
  });
}
