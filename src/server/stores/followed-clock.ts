/** The time of a database server as one node follows it: it never runs back, and no clock of the node's own decides. */
import { STEP_TOLERANCE, type StepListener } from "../platform/clock.js";

/** A reading that was on its way for longer says what the time was, and not whether a clock has stepped. */
const PROMPT = 500;
/** A clock that stays behind is told of again no sooner. */
const TELL_INTERVAL = 60_000;

interface FollowedClock {
  /** What the time must be by now: sent along with each command, so that a server's clock set back gains nobody time. */
  floor(): number;
  /**
   * Takes in an answer.
   * @param reading what the server's clock said
   * @param decided the time that the command went by: the latest of the reading, the floor and the record's own time
   * @param sentAt `monotonic()` when the command was sent
   */
  observe(reading: number, decided: number, sentAt: number): void;
}

/** @param monotonic milliseconds of a clock that never steps */
export function followedClock(monotonic: () => number, onStep: StepListener): FollowedClock {
  let highest = 0;
  let seenAt = 0;
  let isBehind = false;
  let told = { step: 0, at: Number.NEGATIVE_INFINITY };
  const expected = () => (highest === 0 ? 0 : highest + (monotonic() - seenAt));
  const raise = (now: number) => {
    if (now <= highest) return;
    highest = now;
    seenAt = monotonic();
  };
  const tell = (step: number) => {
    const at = monotonic();
    const isNews = Math.abs(step - told.step) > STEP_TOLERANCE || at - told.at >= TELL_INTERVAL;
    if (isNews) onStep(Math.round(step), Math.max(highest, Math.floor(expected())));
    told = isNews ? { step, at } : told;
  };
  return {
    floor: () => Math.max(highest, Math.floor(expected() - (isBehind ? 0 : STEP_TOLERANCE)), 0),
    observe(reading, decided, sentAt) {
      const isFirst = highest === 0;
      const step = reading - expected();
      if (isFirst) raise(reading);
      else if (monotonic() - sentAt <= PROMPT) {
        const stepped = Math.abs(step) > STEP_TOLERANCE;
        const wasBehind = isBehind;
        isBehind = step < -STEP_TOLERANCE;
        if (!isBehind) raise(reading);
        if (stepped && !(isBehind && wasBehind)) tell(step);
      }
      // While the server is behind, the time goes on by the node's own clock: an older decision must not slow it.
      if (decided <= expected()) return;
      raise(decided);
      if (isBehind || decided - reading <= STEP_TOLERANCE) return;
      // A record was written at a later time than the server tells: its clock was set back before this node began.
      isBehind = true;
      tell(reading - decided);
    },
  };
}
