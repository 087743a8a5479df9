/** What a person has pressed and what came of it: one thing at a time, and each outcome is said. */
import type { SessionClient } from "../../browser/platform/session-client.types.js";
import type { Action } from "../kinds/kinds.js";
import type { Language } from "../kinds/language.js";
import type { Attempt } from "../kinds/view.js";
import { isGesture } from "../platform/gesture.js";
import type { Speech } from "./speech.js";

export interface AttemptOptions {
  readonly session: SessionClient;
  readonly language: () => Language;
  readonly speech: Speech;
  readonly work: "saved" | "notSaved" | undefined;
  readonly save: (() => Promise<unknown>) | undefined;
  readonly signal: AbortSignal;
  readonly update: () => void;
  readonly closeNotice: () => void;
  readonly tell: (type: string, detail: unknown) => void;
}

interface Attempts {
  readonly current: Attempt;
  act(action: Action, event: Event): void;
  reset(): void;
}

type Effort = "extend" | "end" | "save";

const AT_REST: Attempt = {
  pending: null,
  failed: null,
  saved: false,
  unpressed: false,
  asksEnd: false,
  failedChecks: 0,
};

export function createAttempts(options: AttemptOptions): Attempts {
  const { session, language, speech, save, signal, update } = options;
  let current = AT_REST;

  function change(changes: Partial<Attempt>): void {
    if (signal.aborted) return;
    current = { ...current, ...changes };
    update();
  }

  function tryTo(what: Effort, event: Event, work: () => Promise<unknown>): void {
    if (current.pending !== null) return;
    if (!isGesture(event)) {
      change({ failed: what, unpressed: true });
      return;
    }
    const { words } = language();
    change({ pending: what, failed: null, saved: false, unpressed: false, asksEnd: false });
    const stopSaying = speech.sayLater(what === "save" ? words["absolute.saving"] : words.pending);
    work().then(
      () => {
        stopSaying();
        if (what === "extend") options.tell("curfew-extended", null);
        if (what === "save") speech.say(words["absolute.saved"]);
        change({ pending: null, saved: what === "save" });
      },
      () => {
        stopSaying();
        change({ pending: null, failed: what });
      },
    );
  }

  /** Where a sign-out loses work, the first press only says so. */
  function end(event: Event): void {
    if (options.work === "notSaved" && !current.asksEnd && current.pending === null) {
      change({ asksEnd: true });
      speech.say(language().words["idle.confirmEnd"]);
    } else tryTo("end", event, () => session.end());
  }

  function check(): void {
    const count = () => {
      if (session.state.status === "unconfirmed") change({ failedChecks: current.failedChecks + 1 });
    };
    session.refresh().then(count, count);
  }

  return {
    get current() {
      return current;
    },
    act(action, event) {
      if (action === "close") options.closeNotice();
      else if (action === "extend") tryTo("extend", event, () => session.extend(event));
      else if (action === "end") end(event);
      else if (action === "save" && save !== undefined) tryTo("save", event, async () => save());
      else if (action === "reload") location.reload();
      else check();
    },
    reset() {
      current = AT_REST;
    },
  };
}
