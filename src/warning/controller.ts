/** Joins a client to its card: what happens before there is anything to show, and when there is. */
import { unshadowed } from "../dom/unshadowed.js";
import { type CardOptions, createCard } from "./card.js";
import { kindOf } from "./kinds/kinds.js";
import { createTypingGuard } from "./page/typing.js";
import { captureInput } from "./platform/capture-input.js";

type Given = "elements" | "typing" | "takeInput" | "signal";

interface ControllerOptions extends Omit<CardOptions, Given> {
  /** Makes what the card is drawn with. */
  readonly build: () => CardOptions["elements"];
  readonly isTyping: () => boolean;
}

export interface Controller {
  /** Draws what is shown again: its words have come. */
  update(): void;
  /** Puts a modal back after the element was moved. */
  restore(): void;
  stop(): void;
}

/** The card is made when the session first comes to a state that has a kind: most pages are left before that. */
export function createController(options: ControllerOptions): Controller {
  const { host, session, ticker, build } = options;
  const ending = new AbortController();
  const { signal } = ending;
  const typing = createTypingGuard(ticker, options.isTyping);
  const takeInput = captureInput(signal);
  let card: ReturnType<typeof createCard> | null = null;
  // Markup that was saved while a warning was shown says so still.
  host.removeAttribute("kind");

  function update(): void {
    if (signal.aborted) return;
    if (card === null && kindOf(session.state) !== null)
      card = createCard({ ...options, elements: build(), typing, takeInput, signal });
    card?.update();
  }

  unshadowed(document).addEventListener("visibilitychange", update, { signal });
  for (const type of ["online", "offline"]) addEventListener(type, update, { signal });
  const stop = session.subscribe(update);
  update();
  return {
    update,
    restore: () => card?.restore(),
    stop() {
      stop();
      card?.stop();
      host.removeAttribute("kind");
      ending.abort();
    },
  };
}
