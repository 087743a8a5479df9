/** The client's public methods, over the parts that `client.ts` has joined. */
import type { SessionState } from "../session/machine.js";
import type { LiveSession } from "./heartbeat/live-session.js";
import { proveOperation } from "./key/proof.js";
import type { SigningKey } from "./key/signing.js";
import { CurfewError, keyLost } from "./platform/error.js";
import type { SessionClient } from "./platform/session-client.types.js";
import type { ClientPorts } from "./ports.js";
import type { SessionLog } from "./state/log.js";
import type { MachineRunner } from "./state/machine-runner.js";
import { liveStateOf, type Tab } from "./state/tab.js";
import type { Poll } from "./verifier/poll.js";
import type { ServerClock } from "./verifier/server-clock.js";
import { signOut } from "./verifier/sign-out.js";
import { type Answer, codeOf, readProblem } from "./verifier/transport.js";

interface MethodsOptions {
  readonly ports: ClientPorts;
  readonly tab: Tab;
  readonly runner: MachineRunner;
  readonly poll: Poll;
  readonly serverClock: ServerClock;
  readonly log: SessionLog;
  readonly refuse: (answer: Answer) => void;
  readonly close: () => void;
}

export function createMethods(options: MethodsOptions): SessionClient {
  const { ports, tab, runner, poll, serverClock, log, refuse, close } = options;
  const { clock, page, transport } = ports;

  async function refresh(): Promise<SessionState> {
    await poll.ask(true);
    return runner.state;
  }

  async function extend(event?: Event): Promise<SessionState> {
    const timeStamp = page.gestureAt(event);
    if (timeStamp === null)
      throw new CurfewError(
        "no-gesture",
        "extend() must follow from a person's own input: call it in the handler of a click or a key, and pass the event.",
      );
    const { sender } = await readyToSign();
    if (serverClock.at(timeStamp) === null) await poll.ask(true);
    const activeAt = serverClock.at(timeStamp);
    if (activeAt === null) throw errorOf("unreachable");
    const answer = await sender.extend(activeAt);
    if (answer.type === "active" || answer.type === "done") return runner.state;
    return fail(answer);
  }

  async function readyToSign(): Promise<{ sender: LiveSession["sender"]; key: SigningKey; sid: string }> {
    const { session, status } = tab;
    if (liveStateOf(tab) === null || session === null || status === null)
      throw errorOf(tab.machine.status === "ended" ? "session-ended" : "no-session");
    const { key, sender, sid } = session;
    await key.ensure(status, true);
    if (key.current !== null) return { sender, key: key.current, sid };
    throw errorOf(liveStateOf(tab)?.keyStore === "lost" ? key.loss : "unreachable");
  }

  async function end(scope?: "session" | "subject"): Promise<SessionState> {
    const live = liveStateOf(tab);
    if (live === null) return runner.state;
    const answer = await signOut({ transport, clock }, live.sid, scope);
    if (answer.type !== "done") return fail(answer, "end-unreachable");
    runner.dispatch({ type: "none", now: serverClock.reckon() ?? 0, hint: "signed-out" });
    return runner.state;
  }

  /** Lets the client draw its own conclusions before the caller learns of the refusal. */
  async function fail(answer: Answer, unreachable = "unreachable"): Promise<never> {
    refuse(answer);
    if (answer.type === "unreachable") throw errorOf(answer.code, unreachable);
    await poll.ask();
    throw errorOf(answer.type === "problem" ? codeOf(answer.problem) : "unreachable");
  }

  return {
    get state() {
      return runner.state;
    },
    get signInUrl() {
      return tab.signInUrl;
    },
    get endUrl() {
      return tab.endUrl;
    },
    get limits() {
      const { status } = tab;
      return status && { idleTimeout: status.idleTimeout, absoluteTimeout: status.absoluteTimeout };
    },
    get log() {
      return log.entries;
    },
    subscribe: runner.subscribe,
    on: runner.on,
    remaining() {
      const [live, now] = [liveStateOf(tab), serverClock.reckon()];
      return live !== null && now !== null ? Math.max(0, live.expiresAt - now) : null;
    },
    extend,
    refresh,
    end,
    async prove(challenge, request) {
      const { key, sid } = await readyToSign();
      return proveOperation(key, { sid, origin: page.origin, challenge }, request);
    },
    async isSameSubject(sid) {
      const live = liveStateOf(tab);
      if (live === null) return null;
      if (live.sid === sid) return true;
      const answer = await transport.session(sid);
      return answer.type === "active" && answer.status.sid === live.sid
        ? answer.status.sameSubject === true
        : null;
    },
    close,
    async read(response) {
      const problem = await readProblem(response);
      const isStepUp = problem?.type === "urn:curfew:step-up";
      if (isStepUp && problem.challenge === undefined) runner.emit("step-up", { problem });
      else if (problem !== null && !isStepUp) void poll.ask(true);
      return problem;
    },
  };
}

function errorOf(code: string, unreachable = "unreachable"): CurfewError {
  const message = MESSAGES[code === "unreachable" ? unreachable : code];
  return new CurfewError(code, message ?? `The server refused this: ${code}.`);
}

const MESSAGES: Readonly<Record<string, string>> = {
  unreachable: "The server did not answer. The session stays as it is; try again.",
  "end-unreachable": "The server did not say whether the session has ended; try again.",
  "session-ended": "The session has ended. Sign in again.",
  "no-session": "Nobody is signed in here.",
  "key-mismatch": keyLost(),
  "bind-closed": keyLost("bind-closed"),
};
