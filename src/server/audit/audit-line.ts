/** A record as a line of text. */
import type { AuditRecord } from "./audit-record.js";

/** What JSON leaves as it is, and what a terminal or a reader of lines takes for a command or for the end of a line. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}]/gu;

/** JSON without anything that a terminal or a reader of lines could take for more than text. */
export function auditLine(record: AuditRecord): string {
  return JSON.stringify(record).replace(UNPRINTABLE, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
