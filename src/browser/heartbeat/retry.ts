/** What follows from the answer to a heartbeat, for the next one: whether it would meet the same, and how long it waits. */
import { backOff } from "../platform/clock.js";
import { type Answer, codeOf } from "../verifier/transport.js";

const FIRST_RETRY_DELAY = 500;
/** Problems that the same heartbeat would only meet again. */
const HOPELESS = ["bad-heartbeat", "bad-request", "unsupported-version", "too-large"];

export function isHopeless(answer: Answer): boolean {
  return answer.type === "problem" && HOPELESS.includes(codeOf(answer.problem));
}

/** The server has refused a claim that lies far ahead of its own time. */
export function isRefusedAsAhead(answer: Answer): boolean {
  return answer.type === "problem" && answer.problem.code === "ahead";
}

/** Another heartbeat of this session was first: the next one goes soon, at a moment of its own. */
export function isStale(answer: Answer): boolean {
  return answer.type === "problem" && codeOf(answer.problem) === "stale-nonce";
}

export function delayAfter(answer: Answer, chance: { failures: number; random: number }): number {
  if (isStale(answer)) return 200 + chance.random * 800;
  const retryAfter = answer.type === "unreachable" ? answer.retryAfter : 0;
  return Math.max(retryAfter, backOff(FIRST_RETRY_DELAY, chance));
}
