/** How much an answer is worth: which ones end something, which are asked for twice, and which come a moment too early. */
import type { Problem } from "../../protocol/problem.js";
import { isLive, type MachineState } from "../../session/machine.js";
import { type Answer, codeOf } from "./transport.js";

/** How near its end a session may be for its deadline to be waited for, not shown again. */
const EARLY_PERIOD = 500;

/** The answer in a word or two: `active`, `none`, a code, or what came instead: `unreachable 403`. */
export function nameOf(answer: Answer): string {
  if (answer.type === "problem") return codeOf(answer.problem);
  if (answer.type !== "unreachable") return answer.type;
  const { code, cause } = answer;
  return cause === undefined ? code : `${code} ${cause}`;
}

/** Whether the server has spoken, though not to the point: it is there, and wants to be asked again later. */
export function isReached(answer: Answer): boolean {
  return answer.type !== "unreachable" || answer.code === "too-many";
}

/** Whether the answer says how it stands with a session. */
export function isVerdict(answer: Answer): boolean {
  return answer.type === "problem"
    ? isEnd(answer.problem)
    : answer.type === "active" || answer.type === "none";
}

export function isEnd(problem: Problem): boolean {
  const code = codeOf(problem);
  return code === "session-ended" || code === "no-session";
}

/** An unexpected end is not believed at once: a late answer, or a sign-in that is just replacing the session. */
export function isSurprise(
  answer: Answer,
  { machine, now, isExpected }: { machine: MachineState; now: number; isExpected: boolean },
): boolean {
  if (answer.type !== "problem" || !isLive(machine) || !isEnd(answer.problem)) return false;
  return answer.problem.reason === "replaced" || (now < machine.expiresAt && !isExpected);
}

/**
 * For how long to wait and ask again, because this browser is at the deadline and the server a few milliseconds before
 * it: the page would only flash up. 0 for every other answer.
 */
export function earlyBy(answer: Answer, machine: MachineState): number {
  if (answer.type !== "active" || machine.status !== "unconfirmed") return 0;
  const { sid, expiresAt, now } = answer.status;
  return sid === machine.sid && expiresAt - now < EARLY_PERIOD ? Math.max(100, expiresAt - now + 20) : 0;
}
