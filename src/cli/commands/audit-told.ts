/** What `curfew audit verify` says of a verdict. */
import type { LogVerdict } from "../../evidence/log-verdict.js";
import type { LogAnchor } from "../../evidence/noted-anchors.js";
import type { SessionReplay } from "../../evidence/verify-session.js";
import { isoInstant } from "../../server/platform/clock.js";

export function toldStamps(
  { fault, stampedWithin }: LogVerdict,
  strangers: readonly string[],
  unread: number,
): readonly string[] {
  if (fault !== null) return [];
  return [
    ...(stampedWithin === null
      ? []
      : [
          `each of those was time-stamped within ${Math.ceil(stampedWithin / 1_000)} s of the time that it names`,
        ]),
    ...strangers.map(
      (file) =>
        `not counted: the time-stamp ${JSON.stringify(file)} leads to none of the certificates of --timestamp-ca`,
    ),
    ...(unread === 0 ? [] : [`${unread} time-stamps were not looked at: give --timestamp-ca`]),
  ];
}

/** @param anchored what `toldAnchor` says */
export function told(verdict: LogVerdict, anchored: string): readonly string[] {
  const { fault, size, signedSize, notedSize, isTorn, pruned } = verdict;
  if (fault !== null) {
    const where = fault.upTo === undefined ? `record ${fault.seq}` : `records ${fault.seq} to ${fault.upTo}`;
    return [`BROKEN: ${fault.kind}, ${where}: ${fault.message}.`];
  }
  return [
    `whole: ${size} records${pruned > 0 ? `, ${pruned} of them as hashes only` : ""}`,
    `signed: ${signedSize}${size > signedSize ? `; ${size - signedSize} came after the last checkpoint` : ""}`,
    anchored,
    ...(notedSize > 0 ? [`noted by the other logs: ${notedSize}`] : []),
    ...(isTorn ? ["the last line has no end: the process was killed while it wrote"] : []),
  ];
}

/** One of the logs that are read together. */
export interface ReadLog {
  readonly directory: string;
  readonly origin: string;
  readonly verdict: LogVerdict;
  /** Lines of its own. */
  readonly more: readonly string[];
}

/** @param logs all that are read together */
export function toldAnchor(
  verdict: LogVerdict,
  { size, through }: LogAnchor,
  logs: readonly ReadLog[],
): string {
  if (size === 0)
    return "anchored: none. Nobody but the log's own key vouches for it: give --head with a checkpoint that was kept elsewhere, --witness or --timestamp-ca";
  const { anchoredSize, witnessedAt, stampedAt } = verdict;
  const own = `${witnessedAt === null ? "" : `, witnessed at ${isoInstant(witnessedAt)}`}${stampedAt === null ? "" : `, time-stamped at ${isoInstant(stampedAt)}`}`;
  const newer = verdict.size > size ? `; ${verdict.size - size} are newer` : "";
  if (through === null) return `anchored: ${size}${own}${newer}`;
  const before = anchoredSize > 0 ? ` (without it: ${anchoredSize}${own})` : "";
  return `anchored: ${size}, ${toldThrough(through, logs)}${before}${newer}`;
}

function toldThrough({ head, anchor }: NonNullable<LogAnchor["through"]>, logs: readonly ReadLog[]): string {
  const by = `by the log ${head.by}, whose record ${head.seq} has this head, and which is itself anchored up to ${anchor.size}`;
  if (anchor.through !== null) return `${by}, ${toldThrough(anchor.through, logs)}`;
  const verdict = logs.find(({ origin }) => origin === head.by)?.verdict;
  const at = (instant: number | null | undefined, how: string) =>
    instant === null || instant === undefined ? [] : [`${how} at ${isoInstant(instant)}`];
  const ways = [...at(verdict?.witnessedAt, "witnessed"), ...at(verdict?.stampedAt, "time-stamped")];
  return `${by}, ${ways.length > 0 ? ways.join(", ") : "by a head that was kept elsewhere"}`;
}

export function toldPlaces(places: readonly number[], origins: readonly string[]): string {
  const names = [...new Set(origins)];
  if (names.length === 1) return `the log, as numbers ${places.join(", ")}`;
  const each = names.map(
    (name) => `${name} as numbers ${places.filter((_, at) => origins[at] === name).join(", ")}`,
  );
  return `${names.length} logs: ${each.join("; ")}`;
}

export function toldReplay({ verdict, end, fault, steps, lost }: SessionReplay): string {
  const signed = steps.filter(({ isSigned }) => isSigned).length;
  const losses = lost.map(
    ({ change, count, seq }) =>
      `; ${count === 1 ? "a change was" : `${count} changes were`} lost in a crash (from number ${change} on, before record ${seq ?? "?"})`,
  );
  return `${replayed()}${losses.join("")}`;

  function replayed(): string {
    if (end !== null)
      return `replayed: it ended at ${isoInstant(end.endedAt)} (${end.reason}), as its policy says; the browser signed ${signed} of its ${steps.length} changes`;
    return fault === null
      ? `replayed: its end is not among the records`
      : `${verdict === "broken" ? "BROKEN" : "not replayed"}: ${fault.message}`;
  }
}
