/** What an answer of the server does to this tab: the one place that takes a status, an end or a refusal for true. */
import type { Problem } from "../protocol/problem.js";
import type { ActiveStatus } from "../protocol/session-status.js";
import { openLiveSession } from "./heartbeat/live-session.js";
import { forgetInputInWarning, type PendingActivity } from "./input/pending.js";
import { forgetWhatIsOver } from "./page/kept-page.js";
import type { Presence } from "./page/presence.js";
import type { ClientPorts } from "./ports.js";
import { extended, type SessionLog } from "./state/log.js";
import type { MachineRunner } from "./state/machine-runner.js";
import type { Tab } from "./state/tab.js";
import type { TabNews } from "./tabs/news.js";
import { isEnd, isReached, nameOf } from "./verifier/answers.js";
import { factsFor, nextQuestionAt } from "./verifier/facts.js";
import type { Poll } from "./verifier/poll.js";
import type { ServerClock } from "./verifier/server-clock.js";
import { type Answer, codeOf } from "./verifier/transport.js";

interface VerdictOptions {
  readonly ports: ClientPorts;
  readonly tab: Tab;
  readonly serverClock: ServerClock;
  readonly pending: PendingActivity;
  readonly log: SessionLog;
  readonly runner: MachineRunner;
  readonly poll: Poll;
  readonly news: TabNews;
  readonly presence: Presence;
}

interface Verdict {
  /** The answer to a question. */
  take(answer: Answer): void;
  /** An answer to another call, which only a question can settle. */
  refuse(answer: Answer, call?: "key" | "heartbeat"): void;
}

export function createVerdict(parts: VerdictOptions): Verdict {
  const { ports, tab, serverClock, pending, log, runner, poll, news, presence } = parts;
  const { page } = ports;
  const reckon = () => serverClock.reckon() ?? 0;

  function take(answer: Answer): void {
    const isVerdict = judge(answer);
    if (tab.asked.visit !== tab.visit) return;
    if (isVerdict) runner.setCovered(false);
    if (isVerdict || serverClock.now() !== null) presence.letCount();
  }

  /** Whether the answer says how it stands with the session that this page shows. */
  function judge(answer: Answer): boolean {
    log.add({ type: "answered", answer: nameOf(answer) });
    if (answer.type === "active") return accept(answer.status, false);
    const problem = answer.type === "problem" ? answer.problem : null;
    if (answer.type === "none" || (problem !== null && isEnd(problem))) return acceptEnd(problem);
    runner.dispatch({ type: "unreachable", now: reckon(), reachable: isReached(answer) });
    if (problem !== null) refuse(answer);
    return false;
  }

  function acceptEnd(problem: Problem | null): boolean {
    const { machine, status, reportedEnd } = tab;
    if (status === null) forgetWhatIsOver(ports, { name: tab.name, since: tab.asked.at });
    tab.signInUrl = problem?.signInUrl ?? tab.signInUrl;
    tab.endUrl = problem?.endUrl ?? null;
    const { reason, sid, endedAt = reckon() } = problem ?? {};
    // A page that opens after a sign-out on the server may be the first to hear of it.
    if (machine.status === "connecting" && sid === undefined) news.postAbsent();
    else if (reason !== undefined && sid !== undefined && status === null) news.postEnded(sid, reason);
    if (reason !== undefined) runner.dispatch({ type: "ended", end: { reason, endedAt } });
    const hint = reportedEnd === undefined ? {} : { hint: reportedEnd.reason };
    runner.dispatch({ type: "none", now: reckon(), ...hint });
    return true;
  }

  /** `isWritten`: the answer to a heartbeat or a binding, whose nonce is newer than any other of the same millisecond. */
  function accept(next: ActiveStatus, isWritten: boolean): boolean {
    const { status } = tab;
    const isNew = status?.sid !== next.sid;
    if (isNew && status !== null) {
      if (next.sameSubject !== true) {
        runner.setCovered(true);
        page.reload();
        return false;
      }
      tab.session?.clear();
      pending.forget();
    }
    if (isNew || status === null || next.now > status.now || (isWritten && next.now === status.now)) {
      tab.status = next;
      runner.confirmAt(nextQuestionAt(next));
    }
    tab.signInUrl = next.signInUrl;
    tab.endUrl = null;
    tab.isLiveAtSignIn = page.isAt(next.signInUrl);
    tab.reportedEnd = undefined;
    if (isNew) begin(next);
    runner.dispatch({ type: "status", facts: factsFor(next, page.automated) });
    if (!isWritten) void tab.session?.keep(next, { isWritten: false });
    void tab.session?.key.ensure(tab.status ?? next);
    presence.drive();
    return true;
  }

  function begin(first: ActiveStatus): void {
    const session = openLiveSession(first, {
      ports,
      tab,
      serverClock,
      pending,
      onStatus(status, own) {
        if (session !== tab.session) return;
        accept(status, true);
        if (own === null) return;
        log.add(extended(status, own));
        news.postActive(status);
      },
      onKeyStore(keyStore) {
        if (session === tab.session) runner.dispatch({ type: "key", keyStore });
      },
      onRefused: refuse,
      onTimeLost: presence.comeBack,
    });
    tab.session = session;
    presence.collectUnreported();
    forgetInputInWarning(pending, first);
    news.join(first.name);
  }

  /** What one call has met says nothing of the others: whether the server is there, a question tells. */
  function refuse(answer: Answer, call?: "key" | "heartbeat"): void {
    log.add({ type: "refused", answer: nameOf(answer) });
    if (answer.type === "unreachable") {
      if (call !== "key") poll.later(answer);
    } else if (answer.type === "problem") {
      const { problem } = answer;
      const code = codeOf(problem);
      if (isEnd(problem) || code === "other-session" || code === "key-mismatch") void poll.ask(true);
      else runner.emit("error", { code, message: problem.detail ?? problem.title });
    }
  }

  return { take, refuse };
}
