/** What keeps a call from the verifier, said once a call and page: what came instead of an answer, and what to look at. */
import { likelyCause } from "../../protocol/likely-cause.js";
import type { Answer, Transport, UnreachableCause } from "./transport.js";

type Call = "session" | "key" | "heartbeat";

/** A network may hiccup; what fails so often in a row will go on failing. */
const MOST_FAILURES: Readonly<Record<Call, number>> = { session: 5, key: 3, heartbeat: 3 };

/** The same transport. `onObstacle` gets a sentence for the developer. */
export function watchCalls(
  transport: Transport,
  { base, onObstacle }: { readonly base: string; readonly onObstacle: (message: string) => void },
): Transport {
  const failures = { session: 0, key: 0, heartbeat: 0 };

  async function watch(call: Call, answering: Promise<Answer>): Promise<Answer> {
    const answer = await answering;
    const cause = answer.type === "unreachable" ? answer.cause : undefined;
    if (answer.type !== "unreachable") failures[call] = 0;
    else if (cause !== undefined && cause !== "offline" && ++failures[call] === MOST_FAILURES[call])
      onObstacle(sentenceOf(call, base, cause));
    return answer;
  }
  return {
    session: (was) => watch("session", transport.session(was)),
    bindKey: (binding) => watch("key", transport.bindKey(binding)),
    sendHeartbeat: (heartbeat) => watch("heartbeat", transport.sendHeartbeat(heartbeat)),
    end: transport.end,
  };
}

function sentenceOf(call: Call, base: string, cause: UnreachableCause): string {
  const method = call === "session" ? "GET" : "POST";
  const loss = call === "session" ? "nobody is warned" : "nothing extends this session";
  return `${method} ${base}/${call} ${reasonOf(cause)} Until it reaches Curfew, ${loss}.`;
}

function reasonOf(cause: UnreachableCause): string {
  if (typeof cause === "number") return `is answered ${cause}, not by Curfew: ${likelyCause(cause)}`;
  if (cause === "late") return `was not answered in time. ${likelyCause("late")}`;
  if (cause === "stale") return `is answered from a cache: ${likelyCause("stale")}`;
  return `fails although the browser is online: ${likelyCause("network")}`;
}
