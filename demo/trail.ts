/** Draws lines of the audit trail without a framework, newest first. */
import type { AuditRecord } from "curfew/server";
import { lineOf, type TrailLine } from "./words.js";

/** @param records oldest first; the list is drawn again only when a new one has come */
export function drawTrail(
  list: HTMLElement,
  records: readonly AuditRecord[],
  line: (record: AuditRecord) => TrailLine = lineOf,
): void {
  const newest = JSON.stringify([records.length, records.at(-1)]);
  if (list.dataset.newest === newest) return;
  list.dataset.newest = newest;
  list.replaceChildren(...[...records].reverse().map((record) => lineElement(line(record))));
}

function lineElement({ at, time, type, words, session }: TrailLine): HTMLElement {
  const when = element("time", time);
  when.setAttribute("datetime", at);
  const line = element("li", "");
  line.append(when, element("code", type), element("span", words), element("small", session));
  return line;
}

function element(name: string, text: string): HTMLElement {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}
