/** Draws lines of the audit trail without a framework, newest first. */
import type { AuditRecord } from "curfew/server";
import { lineOf } from "./words.js";

/** @param records oldest first; the list is drawn again only when a new one has come */
export function drawTrail(list: HTMLElement, records: readonly AuditRecord[]): void {
  const newest = JSON.stringify([records.length, records.at(-1)]);
  if (list.dataset.newest === newest) return;
  list.dataset.newest = newest;
  list.replaceChildren(...[...records].reverse().map(lineElement));
}

function lineElement(record: AuditRecord): HTMLElement {
  const { at, time, type, words, session } = lineOf(record);
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
