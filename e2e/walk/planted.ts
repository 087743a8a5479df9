/** Faults to be planted in the browsers of a walk, and by which sentence the judge finds each of them. */
import type { BrowserContext } from "@playwright/test";

interface Planted {
  readonly prepare: (context: BrowserContext) => Promise<void>;
  readonly found: RegExp;
}

/** A fault that a script of the page makes. */
const script = (found: RegExp, code: string): Planted => ({
  prepare: async (context) => {
    await context.addInitScript(code);
  },
  found,
});

export const PLANTED: Readonly<Record<string, Planted>> = {
  "a client that does not cover its page": script(
    /showed the protected word/,
    `setInterval(() => document.querySelector("#word")?.setAttribute("style", "visibility:visible!important;opacity:1!important"), 50);`,
  ),
  "a page that stays covered": script(
    /stayed covered while the server said active/,
    `addEventListener("DOMContentLoaded", () => document.querySelector("#word")?.setAttribute("style", "display:none"));`,
  ),
  "a client that is deaf": script(
    /although there was input/,
    `for (const type of ["pointermove", "pointerdown", "pointerup", "keydown", "click"])
      addEventListener(type, (event) => event.stopImmediatePropagation(), true);`,
  ),
  "a page that takes its session to live longer": script(
    /lasts until \d+, and the server says \d+/,
    `setInterval(() => {
      const { session } = globalThis.Curfew ?? {};
      if (!session || "planted" in session) return;
      const stateOf = (state) => ("expiresAt" in state ? { ...state, expiresAt: state.expiresAt + 4_000 } : state);
      globalThis.Curfew = { session: { planted: true, end: () => session.end(), get state() { return stateOf(session.state); } } };
    }, 20);`,
  ),
  "a page that asks all the time": script(
    /calls in ten seconds/,
    `setInterval(() => void fetch("/curfew/session").catch(() => {}), 50);`,
  ),
  "a rejection that nobody catches": script(
    /a page threw: .*planted/,
    `setTimeout(() => void Promise.reject(new Error("planted")), 500);`,
  ),
  "an end that nobody asked for": script(
    /ended by session_revoked, and nobody had asked for that/,
    `setTimeout(() => void fetch("/revoke?of=ann").catch(() => {}), 4_000);`,
  ),
  "an extension without a person": {
    async prepare(context) {
      let at = 0;
      const timer = setInterval(() => {
        for (const page of context.pages()) void page.mouse.move(50 + (at++ % 90), 300).catch(() => {});
      }, 700);
      context.once("close", () => clearInterval(timer));
    },
    found: /extended by activity at \d+, when nobody gave any input/,
  },
};
