/** Writes what is read out: into live regions that have been there for a while, each text once. */

import { fill, type Words } from "../words/english.js";
import type { TimeWords } from "../words/intl.js";
import { type Elements, write } from "./elements.js";
import { KINDS, type WarningKind } from "./kinds.js";
import { createLadder, type Ladder } from "./ladder.js";
import type { Ticker } from "./ticker.js";

export interface Speech {
  /** Something came up. `told` is how much time its own name and description have told of, if they were read out. */
  begin(kind: WarningKind, told: number | null): void;
  /** How much time is left now, in milliseconds. Speaks if a rung was reached. */
  tell(remaining: number): void;
  /** Something happened that the person asked for. */
  say(text: string): void;
  /** The warning is over: says this outside the dialog. */
  afterwards(text: string): void;
  stop(): void;
}

/** A live region must have been there for a while before its text is read out. */
export const FIRST_SPEECH_DELAY = 1000;
const AFTERWARDS_DELAY = 500;
const AFTERWARDS_PERIOD = 10_000;

export function createSpeech(options: {
  readonly elements: Pick<Elements, "status" | "alert" | "afterwards">;
  readonly words: Words;
  readonly times: TimeWords;
  readonly ticker: Ticker;
  readonly escape: "none" | undefined;
  readonly announce: readonly number[] | undefined;
}): Speech {
  const { elements, words, times, ticker } = options;
  let template = "";
  let ladder: Ladder | null = null;
  let begunAt = 0;
  let stop = () => {};
  return {
    begin(kind, told) {
      stop();
      for (const region of [elements.status, elements.alert, elements.afterwards]) write(region, "");
      const row = KINDS[kind];
      template = row.spoken === undefined ? "" : words[row.spoken];
      if (row.escape === "extend" && options.escape === "none") template = words.countdown;
      ladder = createLadder(row.rungs ?? [], options.announce);
      begunAt = ticker.now();
      if (told !== null) ladder.begin(told, begunAt);
    },
    tell(remaining) {
      if (ticker.now() - begunAt < FIRST_SPEECH_DELAY) return;
      const utterance = ladder?.climb(remaining, ticker.now());
      if (!utterance) return;
      const text = fill(template, { duration: times.duration(utterance.left) });
      write(utterance.urgent ? elements.alert : elements.status, text);
    },
    say(text) {
      write(elements.status, text);
    },
    afterwards(text) {
      stop = ticker.after(AFTERWARDS_DELAY, () => {
        write(elements.afterwards, text);
        stop = ticker.after(AFTERWARDS_PERIOD, () => write(elements.afterwards, ""));
      });
    },
    stop: () => stop(),
  };
}
