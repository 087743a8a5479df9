/** The results as Markdown: bytes and counts as they are, times as ratios, which hold on another machine. */
import type { AuditResult } from "./audit.js";
import type { IdleHourResult } from "./idle-hour.js";
import type { MoveResult } from "./moves.js";
import { type PageResults, pageSections } from "./page-report.js";
import { type ServerResults, serverSections } from "./server-report.js";
import type { SizeResult } from "./sizes.js";
import type { StreamsResult } from "./streams.js";
import { table } from "./tables.js";

export interface Results {
  readonly sizes: readonly SizeResult[];
  readonly moves: readonly MoveResult[];
  readonly hours: readonly IdleHourResult[];
  readonly streams: StreamsResult;
  readonly audit: AuditResult;
  readonly server: ServerResults;
  readonly page: PageResults;
}

const bytes = (count: number) => `${count.toLocaleString("en-GB")} B`;
const ratio = (value: number) => `${value.toFixed(2)} ×`;

function hour({ tabs, requests }: IdleHourResult): string {
  const times = requests.map(({ minute, what }) => `${what} in minute ${Math.round(minute)}`);
  const list = times.length === 0 ? "none" : times.join(", ");
  return `- ${tabs === 1 ? "one tab" : `${tabs} tabs`}: ${requests.length} (${list})`;
}

function streamLines({ bytesEach, idleShare, toldRatio }: StreamsResult): readonly string[] {
  return [
    `- memory: ${(bytesEach / 1_024).toFixed(0)} KiB each, the connection included`,
    `- keep-alives: ${(idleShare * 100).toFixed(1)} % of one core`,
    `- ending every session and telling every page: ${ratio(toldRatio)} the time of as many questions for the session`,
  ];
}

function auditLines(result: AuditResult): readonly string[] {
  const { plainRate, logRate, verifyRate, replayRate, beatAlone, beatLogged } = result;
  const of = (rate: number) => `${ratio(plainRate / rate)} the time of a plain append`;
  const times = (result.largeMemory / result.smallMemory).toFixed(2);
  return [
    `- a record in the signed log: ${of(logRate)}; half of the appends take ${ratio(result.appendMedian * plainRate * 0.001)}, 99 of 100 less than ${ratio(result.append99 * plainRate * 0.001)}`,
    `- a heartbeat, verified and answered, with the signed log: ${ratio(beatLogged / beatAlone)} the time of one without audit`,
    `- a record checked in the log: ${of(verifyRate)}; one replayed with the browser's signature: ${of(replayRate)}`,
    `- memory of the check with ten times as many records: ${times} times as much`,
  ];
}

/** What stands between the marks in bench/README.md. The server's half alone is `serverSections`. */
export function reportOf({ sizes, moves, hours, streams, audit, server, page }: Results): string {
  const moved = moves.map(({ name, ratio: median, minRatio, timers }) => [
    name,
    ratio(median),
    ratio(minRatio),
    String(timers),
  ]);
  return [
    "## What a page loads",
    table(
      ["", "minified", "gzip"],
      sizes.map(({ name, min, gzip }) => [name, bytes(min), bytes(gzip)]),
    ),
    "## One movement of the pointer, and the timers that 1,000 of them set",
    table(["", "median", "best round", "timers"], moved),
    "## Requests in an idle hour",
    hours.map(hour).join("\n"),
    `## ${streams.streams.toLocaleString("en-GB")} open streams of news`,
    streamLines(streams).join("\n"),
    `## The audit trail, ${audit.smallLog.toLocaleString("en-GB")} records`,
    auditLines(audit).join("\n"),
    ...pageSections(page),
    ...serverSections(server),
  ].join("\n\n");
}

const [BEGIN, END] = ["<!-- results -->", "<!-- end of results -->"];

/** The text with a report between its marks. @throws Error when the marks are missing */
export function withResults(text: string, report: string): string {
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`The text has no place between "${BEGIN}" and "${END}".`);
  return `${before}${BEGIN}\n\n${report}\n\n${END}${after}`;
}
