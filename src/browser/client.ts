/** Joins the parts of one tab: what the server, the person, the page and the other tabs say comes in here and moves the machine. */
import type { Problem } from "../protocol/problem.js";
import type { ActiveStatus } from "../protocol/session-status.js";
import { isLive, type MachineState } from "../session/machine.js";
import { type Desk, openDesk } from "./heartbeat/live-session.js";
import { forgetInputInWarning } from "./input/early-input.js";
import { createUnsentActivity } from "./input/pending.js";
import { createClientFace } from "./methods.js";
import { coverWhatIsOver, forgetWhatIsOver } from "./page/kept-page.js";
import { observePresence } from "./page/presence.js";
import { patiently } from "./platform/patience.js";
import type { SessionClient } from "./platform/session-client.types.js";
import type { ClientOptions, ClientPorts } from "./ports.js";
import { createSessionLog } from "./state/log.js";
import { createMirror } from "./state/machine-runner.js";
import { extended, logStep } from "./state/step-log.js";
import type { TabMessage } from "./tabs/group.js";
import { createTabNews, type ToldEnd } from "./tabs/news.js";
import { earlyBy, isEnd, isReached, isSurprise, nameOf } from "./verifier/answers.js";
import { factsFor } from "./verifier/automated.js";
import { statusAfter } from "./verifier/news-status.js";
import { createQuestions } from "./verifier/poll.js";
import { createServerClock } from "./verifier/server-clock.js";
import { type Answer, codeOf } from "./verifier/transport.js";

/** Starts observing at once. */
export function createClient(ports: ClientPorts, { name, print, onClose }: ClientOptions): SessionClient {
  const { clock, transport, page } = ports;
  let status: ActiveStatus | null = null;
  let signInUrl: string | null = null;
  let desk: Desk | null = null;
  /** The end that another tab has told of. */
  let told: ToldEnd | undefined;
  /** Only an answer to a question of this visit says that the page may be seen and that its input counts. */
  let asked = { visit: 0, at: 0 };

  const serverClock = createServerClock(clock, () => unsent.forgetInput());
  const unsent = createUnsentActivity(serverClock);
  const reckon = () => serverClock.reckon() ?? 0;
  const log = createSessionLog({ clock, serverClock, print });
  const live = () => (isLive(mirror.machine) ? mirror.machine : null);

  const mirror = createMirror({
    clock,
    serverClock,
    cover: ports.cover,
    onAsking: () => void askBeforeStep(),
    onStep,
  });
  const questions = createQuestions({
    clock,
    async ask() {
      asked = { visit: presence.visit, at: clock.wall() };
      const answer = await transport.session(status?.sid ?? null);
      if (answer.type === "active") serverClock.add(answer.sample);
      return answer;
    },
    isSurprise: (answer) =>
      isSurprise(answer, {
        machine: mirror.machine,
        now: reckon(),
        isExpected: told !== undefined,
      }),
    isEarlyBy: (answer) => earlyBy(answer, mirror.machine),
    take,
    onReturn: () => desk?.sender.retry(),
    persists: () => mirror.machine.status === "connecting" || live() !== null,
  });
  const news = createTabNews({
    clock,
    tab: log.tab,
    open: ports.openTabs,
    sid: () => status?.sid ?? null,
    status: () => (live() === null ? null : status),
    async ask() {
      const before = mirror.state;
      await questions.ask(true);
      return mirror.state !== before;
    },
    onActive: onActiveNews,
    onEnded: (end) => {
      told = end;
    },
  });

  async function askBeforeStep(): Promise<void> {
    const heard = status;
    if (mirror.machine.status === "active" && desk !== null) {
      presence.collectUnreported();
      await patiently(desk.sender.flush(), clock);
    }
    if (live()?.asking || status === heard) await patiently(questions.ask(), clock);
    const state = live();
    if (state?.asking) mirror.dispatch({ type: "unreachable", now: reckon(), reachable: state.reachable });
  }

  function take(answer: Answer): void {
    const isVerdict = judge(answer);
    if (asked.visit !== presence.visit) return;
    if (isVerdict) mirror.setCovered(false);
    if (isVerdict || serverClock.now() !== null) presence.letCount();
  }

  /** Whether the answer says how it stands with the session that this page shows. */
  function judge(answer: Answer): boolean {
    log.add({ type: "answered", answer: nameOf(answer) });
    if (answer.type === "active") return accept(answer.status, false);
    const problem = answer.type === "problem" ? answer.problem : null;
    if (answer.type === "none" || (problem !== null && isEnd(problem))) return acceptEnd(problem);
    mirror.dispatch({ type: "unreachable", now: reckon(), reachable: isReached(answer) });
    if (problem !== null) refuse(answer);
    return false;
  }

  function acceptEnd(problem: Problem | null): boolean {
    if (status === null) forgetWhatIsOver(ports, { name, since: asked.at });
    signInUrl = problem?.signInUrl ?? signInUrl;
    const { reason, sid, endedAt = reckon() } = problem ?? {};
    // A page that opens after a sign-out on the server may be the first to hear of it.
    if (mirror.machine.status === "connecting" && sid === undefined) news.tellAbsent();
    else if (reason !== undefined && sid !== undefined && status === null) news.tellEnded(sid, reason);
    if (reason !== undefined) mirror.dispatch({ type: "ended", end: { reason, endedAt } });
    mirror.dispatch({ type: "none", now: reckon(), ...(told === undefined ? {} : { hint: told.reason }) });
    return true;
  }

  /** `isWritten`: the answer to a heartbeat or a binding, whose nonce is newer than any other of the same millisecond. */
  function accept(next: ActiveStatus, isWritten: boolean): boolean {
    const isNew = status?.sid !== next.sid;
    if (isNew && status !== null) {
      if (next.sameSubject !== true) {
        mirror.setCovered(true);
        page.reload();
        return false;
      }
      desk?.clear();
      unsent.forget();
    }
    if (isNew || status === null || next.now > status.now || (isWritten && next.now === status.now)) {
      status = next;
      mirror.confirmAt(next.expiresAt - next.warningPeriod);
    }
    signInUrl = next.signInUrl;
    told = undefined;
    if (isNew) sitDown(next);
    mirror.dispatch({ type: "status", facts: factsFor(next, page.automated) });
    if (!isWritten) void desk?.keep(next, { isWritten: false });
    void desk?.key.ensure(status);
    presence.drive();
    return true;
  }

  function sitDown(next: ActiveStatus): void {
    const seat = openDesk(next, {
      ports,
      serverClock,
      unsent,
      status: () => status ?? next,
      onStatus(heard, own) {
        if (seat !== desk) return;
        accept(heard, true);
        if (own === null) return;
        log.add(extended(heard, own));
        news.tellActive(heard);
      },
      onKeyStore: (keyStore) => {
        if (seat === desk) mirror.dispatch({ type: "key", keyStore });
      },
      onRefused: refuse,
      onTimeLost: () => presence.comeBack(),
    });
    desk = seat;
    presence.collectUnreported();
    forgetInputInWarning(unsent, next);
    news.join(next.name);
  }

  /** An answer to a heartbeat or a binding that only a question can settle. */
  function refuse(answer: Answer): void {
    log.add({ type: "refused", answer: nameOf(answer) });
    if (answer.type === "unreachable") {
      mirror.dispatch({ type: "unreachable", now: reckon(), reachable: isReached(answer) });
      questions.later(answer);
    } else if (answer.type === "problem") {
      const { problem } = answer;
      const code = codeOf(problem);
      if (isEnd(problem) || code === "other-session" || code === "key-mismatch") void questions.ask(true);
      else mirror.emit("error", { code, message: problem.detail ?? problem.title });
    }
  }

  function onStep(state: MachineState, before: MachineState): void {
    logStep(log, state, { before, tab: told?.tab });
    if (state.status !== before.status) presence.drive();
    if (state.status !== "ended" || before.status === "ended") return;
    desk?.clear();
    unsent.forget();
    if (state.reason !== "idle" && state.reason !== "absolute" && told === undefined)
      news.tellEnded(state.sid, state.reason);
    told = undefined;
  }

  function onActiveNews({ now, activeAt, tab }: TabMessage & { type: "active" }): void {
    const state = live();
    const latest = reckon();
    if (state === null || status === null || now <= state.facts.now || activeAt > now || now > latest + 1000)
      return;
    desk?.sender.heardBeat(Math.min(now, latest));
    const facts = factsFor(statusAfter(status, { now: Math.min(now, latest), activeAt }), page.automated);
    if (state.status !== "active" || questions.isAsking) news.check();
    else if (facts.idleExpiresAt > state.idleExpiresAt) {
      mirror.dispatch({ type: "status", facts });
      log.add({ type: "extended", tab: tab ?? "another", activeAt, expiresAt: facts.expiresAt });
    }
  }

  const presence = observePresence({
    ports,
    mirror,
    questions,
    serverClock,
    unsent,
    news,
    desk: () => desk,
    status: () => status,
    name,
  });
  news.join(name);
  void coverWhatIsOver(ports, mirror, name);
  void questions.ask();

  return createClientFace({
    ports,
    mirror,
    questions,
    serverClock,
    desk: () => desk,
    status: () => status,
    signInUrl: () => signInUrl,
    log,
    refuse,
    close() {
      presence.stop();
      mirror.stop();
      onClose();
    },
  });
}
