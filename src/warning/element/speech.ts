/** Writes what is read out: into live regions that have been there for a while, each text once. */

import { fill, type Words } from "../../words/english.js";
import { KINDS, type Kind, type Mode, type WarningKind } from "../kinds/kinds.js";
import { createLadder, type Ladder } from "../kinds/ladder.js";
import type { Language } from "../kinds/language.js";
import { shownTime } from "../kinds/shown-time.js";
import type { Ticker } from "../platform/ticker.js";
import { type Elements, write } from "./elements.js";
import { isTouchOnly } from "./styles.js";

export interface Speech {
  /** Something came up, with this much time left. A modal is read out from its name on; a notice is not. */
  begin(kind: WarningKind, remaining: number, mode: Mode): void;
  /** How much time is left now, in milliseconds. Speaks if a rung was reached. */
  tell(remaining: number): void;
  /** Something happened that the person asked for. */
  say(text: string): void;
  /** The same if it lasts: what is over in half a second is not spoken of. Returns its own end. */
  sayLater(text: string): () => void;
  /** The warning is over: says this outside the dialog. */
  afterwards(text: string): void;
  stop(): void;
}

/** A live region must have been there for a while before its text is read out. */
export const FIRST_SPEECH_DELAY = 1000;
const PENDING_DELAY = 500;
const AFTERWARDS_DELAY = 500;
const AFTERWARDS_PERIOD = 10_000;

export function createSpeech(options: {
  readonly elements: Pick<Elements, "status" | "alert" | "afterwards" | "left">;
  readonly language: () => Language;
  readonly ticker: Ticker;
  readonly escape: "none" | undefined;
  readonly announce: readonly number[] | undefined;
}): Speech {
  const { elements, language, ticker } = options;
  let row: Kind | null = null;
  let ladder: Ladder | null = null;
  let begunAt = 0;
  let stopWaiting = () => {};

  /** A key that does nothing, or that the device has not, is not spoken of. */
  function templateFor(kind: Kind | null): keyof Words {
    const isMute = kind?.escape === "extend" && (options.escape === "none" || isTouchOnly());
    return (isMute ? null : kind?.spoken) ?? "countdown";
  }

  function timeLeft(left: number): string {
    const { words, times } = language();
    return fill(words.countdown, { duration: times.duration(left) });
  }

  let stop = () => {};
  return {
    begin(kind, remaining, mode) {
      stop();
      stopWaiting();
      for (const region of [elements.status, elements.alert, elements.afterwards]) write(region, "");
      row = KINDS[kind];
      ladder = createLadder(row.rungs ?? [], options.announce);
      begunAt = ticker.now();
      if (mode === "modal") ladder.begin(remaining, begunAt);
      const isTimed = row.rungs !== undefined && Number.isFinite(remaining);
      write(elements.left, isTimed ? timeLeft(shownTime(remaining, true)) : "");
    },
    tell(remaining) {
      if (ticker.now() - begunAt < FIRST_SPEECH_DELAY) return;
      const utterance = ladder?.climb(remaining, ticker.now());
      if (!utterance) return;
      const { words, times } = language();
      write(elements.left, timeLeft(utterance.left));
      const template = templateFor(row);
      const duration = times.duration(utterance.left, template !== "countdown");
      const text = fill(words[template], { duration });
      write(utterance.urgent ? elements.alert : elements.status, text);
    },
    say(text) {
      stopWaiting();
      write(elements.status, text);
    },
    sayLater(text) {
      stopWaiting();
      const stopThis = ticker.after(PENDING_DELAY, () => write(elements.status, text));
      stopWaiting = stopThis;
      return stopThis;
    },
    afterwards(text) {
      stop = ticker.after(AFTERWARDS_DELAY, () => {
        write(elements.afterwards, text);
        stop = ticker.after(AFTERWARDS_PERIOD, () => write(elements.afterwards, ""));
      });
    },
    stop() {
      stop();
      stopWaiting();
      // Nobody would take it away any more.
      write(elements.afterwards, "");
    },
  };
}
