/** What an app may choose of the warning: looks and words. What concerns security is the server's policy. */
import type { LanguageOptions } from "../kinds/language.js";

/** Looks and words only: what concerns security is the server's policy. */
export interface WarningOptions extends LanguageOptions {
  /** `calm` ticks every 10 s, `none` leaves the time of day only. Default: every second in the last minute, calm where the person prefers reduced motion. */
  readonly countdown?: "calm" | "none";
  /** What the app does with unsaved work at the end, so that the warning can say it. Default: nothing is said. */
  readonly work?: "saved" | "notSaved";
  /** Saves what the person has written. With it the notice of the absolute limit offers "Save now". */
  readonly save?: () => Promise<unknown>;
  /** `none`: Escape does nothing. Default: it means "Stay signed in", as the button does. */
  readonly escape?: "none";
  /** `none`: the idle warning offers no "Sign out now". Default: it does; where `work` is `notSaved`, it asks once more. */
  readonly signOut?: "none";
  /** The name of the service that speaks. Default: `<meta name="application-name">`. A mark goes into the slot `mark`. */
  readonly service?: string;
  /** `dialog` where a reader speaks an `alertdialog` twice. Default `alertdialog`. docs/screen-readers.md says what is known. */
  readonly role?: "dialog";
  /**
   * `focus`: the notice stands beside the field that has the focus and goes with it, for people who see a part of the screen at a
   * time. Default: at the edge of the window.
   */
  readonly place?: "focus";
  /** When to speak, in milliseconds left: some of 600000, 300000, 120000, 60000 and 30000. Default all. */
  readonly announce?: readonly number[];
  /**
   * `redirect`: once the app has saved (`before-end`), the page goes to the sign-in URL, with `return` and `reason` in its
   * query. Default: the page is covered, and the person signs in beside it.
   */
  readonly expired?: "redirect";
}
