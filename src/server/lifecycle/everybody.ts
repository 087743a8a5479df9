/**
 * When everybody's sessions were last ended together, as this node knows it. A check compares with what is at most a
 * second old, so that no request pays for it: `endEverything` also ends each session, and this holds where that is cut short.
 */
import { everybodyOf, type SubjectRecord } from "../record/subject.js";
import type { SessionStore } from "../stores/store.js";
import type { Everybody } from "./context.js";

const ASK_INTERVAL = 1_000;

/** @param monotonic milliseconds of a clock that never steps */
export function createEverybody(store: SessionStore, app: string, monotonic: () => number): Everybody {
  let last: { readonly askedAt: number; readonly answer: Promise<SubjectRecord | null> } | null = null;
  const ask = (): Promise<SubjectRecord | null> => {
    const all = everybodyOf(app);
    const answer = store.findSubject(all.app, all.subject).then(({ record }) => record);
    const asked = { askedAt: monotonic(), answer };
    last = asked;
    answer.catch(() => {
      if (last === asked) last = null;
    });
    return answer;
  };
  return {
    ask,
    known: () => (last !== null && monotonic() < last.askedAt + ASK_INTERVAL ? last.answer : ask()),
  };
}
