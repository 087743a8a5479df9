/** The tab's title: how much time is left while nobody looks, and that it is over, without a word of the page; then the page's own again, byte for byte. */

import { unshadowed } from "../../dom/unshadowed.js";
import { fill } from "../../words/english.js";
import { KINDS, type Kind, type WarningKind } from "../kinds/kinds.js";
import { rungOf } from "../kinds/ladder.js";
import type { Language } from "../kinds/language.js";

interface TabTitle {
  /** Shows what fits this kind, or the page's own title for null. `remaining` in milliseconds. */
  show(kind: WarningKind | null, remaining: number): void;
}

const MINUTE = 60_000;
const STEP = 10_000;

/** @param site Names the service where the page's own title would tell what it was about. */
export function createTabTitle(language: () => Language, site: () => string): TabTitle {
  let own = "";
  let shown: string | null = null;
  let rung: number | null | undefined;

  function set(template: string | null): void {
    const element = unshadowed(document).querySelector("head > title");
    if (element === null) return;
    // A page that has given itself another title meanwhile has said what its own is now.
    if (shown === null || element.textContent !== shown) own = element.textContent;
    shown = template === null ? null : fill(template, { title: own.trim(), site: site() });
    const next = shown ?? own;
    if (element.textContent !== next) element.textContent = next;
  }

  /** Rounded up, for the words say "less than": what stands until the next rung stays true. */
  function left(remaining: number): string {
    const step = remaining > MINUTE ? MINUTE : STEP;
    const { words, times } = language();
    const duration = times.duration(Math.ceil(remaining / step) * step);
    return fill(words["tabTitle.left"], { duration });
  }
  return {
    show(kind, remaining) {
      const { tabTitle, rungs }: Pick<Kind, "tabTitle" | "rungs"> = kind === null ? {} : KINDS[kind];
      if (tabTitle !== undefined) return set(language().words[tabTitle]);
      if (!unshadowed(document).hidden || rungs === undefined) {
        rung = undefined;
        if (shown !== null) set(null);
        return;
      }
      const reached = rungOf(rungs, remaining);
      if (reached !== rung) set(left(remaining));
      rung = reached;
    },
  };
}
