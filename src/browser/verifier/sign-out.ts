/** Ends the session at the server. A late answer is no refusal: the server is asked what has become of the session. */
import type { Clock } from "../platform/clock.js";
import { isEnd } from "./answers.js";
import type { Answer, Transport } from "./transport.js";

/** After how long without an answer the session itself is asked about: a browser that empties its cache answers late. */
const LATE_PERIOD = 2000;

/**
 * Resolves with `done` once the session is over, whichever answer says so first. With the scope `subject` the server's
 * own answer alone counts: this session's end says nothing of the person's others.
 */
export async function signOut(
  { transport, clock }: { readonly transport: Transport; readonly clock: Pick<Clock, "after"> },
  sid: string,
  scope?: "session" | "subject",
): Promise<Answer> {
  const ending = transport.end(sid, scope);
  if (scope === "subject") return ending;
  const early = await orLate(ending, clock);
  if (early === null && (await isOver(transport, sid))) return { type: "done" };
  const answer = early ?? (await ending);
  // Another tab may have signed out first, and taken the cookie.
  const isDone = isEndOf(answer) || (answer.type === "unreachable" && (await isOver(transport, sid)));
  return isDone ? { type: "done" } : answer;
}

async function orLate(ending: Promise<Answer>, clock: Pick<Clock, "after">): Promise<Answer | null> {
  let stop = () => {};
  const late = new Promise<null>((resolve) => {
    stop = clock.after(LATE_PERIOD, () => resolve(null));
  });
  const first = await Promise.race([ending, late]);
  stop();
  return first;
}

/** Whether the browser is signed out. Where another session lives in the place of this one, it is not. */
async function isOver(transport: Transport, sid: string): Promise<boolean> {
  const answer = await transport.session(sid);
  return answer.type === "none" || isEndOf(answer);
}

function isEndOf(answer: Answer): boolean {
  return answer.type === "problem" && isEnd(answer.problem);
}
