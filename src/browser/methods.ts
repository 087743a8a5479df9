/** What the app holds in its hands: the client's public methods over the parts that `client.ts` has joined. */
import type { ActiveStatus } from "../protocol/session-status.js";
import { isLive, type SessionState } from "../session/machine.js";
import type { Desk } from "./heartbeat/live-session.js";
import { proveOperation } from "./key/proof.js";
import type { SigningKey } from "./key/signing.js";
import { CurfewError, keyLost } from "./platform/error.js";
import type { SessionClient } from "./platform/session-client.types.js";
import type { ClientPorts } from "./ports.js";
import type { SessionLog } from "./state/log.js";
import type { Mirror } from "./state/machine-runner.js";
import type { Questions } from "./verifier/poll.js";
import type { ServerClock } from "./verifier/server-clock.js";
import { signOut } from "./verifier/sign-out.js";
import { type Answer, codeOf, readProblem } from "./verifier/transport.js";

export interface ClientFaceOptions {
  readonly ports: ClientPorts;
  readonly mirror: Mirror;
  readonly questions: Questions;
  readonly serverClock: ServerClock;
  readonly desk: () => Desk | null;
  readonly status: () => ActiveStatus | null;
  readonly signInUrl: () => string | null;
  readonly log: SessionLog;
  readonly refuse: (answer: Answer) => void;
  readonly close: () => void;
}

export function createClientFace(options: ClientFaceOptions): SessionClient {
  const { ports, mirror, questions, serverClock, desk, status, refuse } = options;
  const { clock, page, transport } = ports;

  async function refresh(): Promise<SessionState> {
    await questions.ask(true);
    return mirror.state;
  }

  async function extend(event?: Event): Promise<SessionState> {
    const timeStamp = page.gestureAt(event);
    if (timeStamp === null)
      throw new CurfewError(
        "no-gesture",
        "extend() must follow from a person's own input: call it in the handler of a click or a key, and pass the event.",
      );
    const { sender } = await readyToSign();
    if (serverClock.at(timeStamp) === null) await questions.ask(true);
    const activeAt = serverClock.at(timeStamp);
    if (activeAt === null) throw errorOf("unreachable");
    const answer = await sender.extend(activeAt);
    if (answer.type === "active" || answer.type === "done") return mirror.state;
    return fail(answer);
  }

  async function readyToSign(): Promise<{ sender: Desk["sender"]; key: SigningKey; sid: string }> {
    const [seat, known] = [desk(), status()];
    if (!isLive(mirror.machine) || seat === null || known === null)
      throw errorOf(mirror.machine.status === "ended" ? "session-ended" : "no-session");
    await seat.key.ensure(known);
    if (seat.key.current !== null) return { sender: seat.sender, key: seat.key.current, sid: known.sid };
    throw errorOf(
      isLive(mirror.machine) && mirror.machine.keyStore === "lost" ? "key-mismatch" : "unreachable",
    );
  }

  async function end(scope?: "session" | "subject"): Promise<SessionState> {
    const { machine } = mirror;
    if (!isLive(machine)) return mirror.state;
    const answer = await signOut({ transport, clock }, machine.sid, scope);
    if (answer.type !== "done") return fail(answer, "end-unreachable");
    mirror.dispatch({ type: "none", now: serverClock.reckon() ?? 0, hint: "signed-out" });
    return mirror.state;
  }

  /** Lets the client draw its own conclusions before the caller learns of the refusal. */
  async function fail(answer: Answer, unreachable = "unreachable"): Promise<never> {
    refuse(answer);
    if (answer.type === "unreachable") throw errorOf(answer.code, unreachable);
    await questions.ask();
    throw errorOf(answer.type === "problem" ? codeOf(answer.problem) : "unreachable");
  }

  return {
    get state() {
      return mirror.state;
    },
    get signInUrl() {
      return options.signInUrl();
    },
    get limits() {
      const known = status();
      return known && { idleTimeout: known.idleTimeout, absoluteTimeout: known.absoluteTimeout };
    },
    get log() {
      return options.log.entries;
    },
    subscribe: mirror.subscribe,
    on: mirror.on,
    remaining() {
      const now = serverClock.reckon();
      return isLive(mirror.machine) && now !== null ? Math.max(0, mirror.machine.expiresAt - now) : null;
    },
    extend,
    refresh,
    end,
    async prove(challenge, request) {
      const { key, sid } = await readyToSign();
      return proveOperation(key, { sid, origin: page.origin, challenge }, request);
    },
    async isSameSubject(sid) {
      const { machine } = mirror;
      if (!isLive(machine)) return null;
      if (machine.sid === sid) return true;
      const answer = await transport.session(sid);
      return answer.type === "active" && answer.status.sid === machine.sid
        ? answer.status.sameSubject === true
        : null;
    },
    close: options.close,
    async read(response) {
      const problem = await readProblem(response);
      const isStepUp = problem?.type === "urn:curfew:step-up";
      if (isStepUp && problem.challenge === undefined) mirror.emit("step-up", { problem });
      else if (problem !== null && !isStepUp) void questions.ask(true);
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
};
