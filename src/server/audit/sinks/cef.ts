/** Records in ArcSight's Common Event Format (CEF, version 0). */
import { auditLine } from "../audit-line.js";
import type { AuditRecord } from "../audit-record.js";
import { type Level, meaningOf } from "./meaning.js";

/** Of 10. */
const SEVERITY: Readonly<Record<Level, number>> = { info: 2, notice: 4, warning: 6, error: 8 };

/** What the format itself has a key for; everything else is in `msg`, as JSON. */
const OUTCOME = {
  start: "success",
  end: "success",
  change: "success",
  refused: "failure",
  told: null,
} as const;

/**
 * One line: the subject's pseudonym is `suid`, the session `externalId`, the policy's fingerprint `cs1`, the number in the
 * signed log `cn1`. The whole record is in `msg` as JSON.
 */
export function toCef(record: AuditRecord): string {
  const { level, what } = meaningOf(record);
  const { type, at, app, sid, subject, reason, code, seq, count, actor, policy } = record;
  const header = [
    "CEF:0",
    "Curfew",
    "curfew",
    String(record.v),
    type,
    type.replaceAll("_", " "),
    SEVERITY[level],
  ];
  const extension: readonly (readonly [string, string | number | null | undefined])[] = [
    ["rt", Date.parse(at)],
    ["cat", what],
    ["destinationServiceName", app],
    ["externalId", sid],
    ["suid", subject],
    ["suser", actor],
    ["outcome", OUTCOME[what]],
    ["reason", reason ?? code],
    ["cnt", count],
    ["cs1Label", "policy"],
    ["cs1", policy],
    ...(seq === undefined
      ? []
      : ([
          ["cn1Label", "seq"],
          ["cn1", seq],
        ] as const)),
    ["msg", auditLine(record)],
  ];
  const pairs = extension.flatMap(([key, value]) =>
    value === undefined || value === null ? [] : [`${key}=${escaped(String(value), /[\\=]/g)}`],
  );
  return `${header.map((field, at) => (at === 0 ? field : escaped(String(field), /[\\|]/g))).join("|")}|${pairs.join(" ")}`;
}

function escaped(value: string, special: RegExp): string {
  return value.replace(special, (character) => `\\${character}`).replace(/\r\n?|\n/g, "\\n");
}
