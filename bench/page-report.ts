/** How exact an end is, and what a page pays, as Markdown for bench/README.md. */
import type { MainThreadResult } from "./browser/main-thread.js";
import type { Kept, MemoryResult } from "./browser/memory.js";
import type { ScreenResult } from "./browser/screen.js";
import type { WireResult } from "./browser/wire.js";
import type { PrecisionResult } from "./precision.js";
import { count, millis, table } from "./tables.js";

export interface PageResults {
  readonly precision: readonly PrecisionResult[];
  readonly screen: readonly ScreenResult[];
  readonly mainThread: MainThreadResult;
  readonly memory: readonly MemoryResult[];
  readonly wire: WireResult;
}

const kilobytes = (bytes: number) => `${(bytes / 1_024).toFixed(1)} KiB`;

function precisionTables(
  precision: PageResults["precision"],
  screen: PageResults["screen"],
): readonly string[] {
  return [
    "## From the promised deadline to the end",
    "On the server: a session is accepted for the last time before its deadline and refused for the first time at it, or after; 0 ms is exact.",
    table(
      [
        "",
        "sessions",
        "accepted late",
        "refused early",
        "recorded end beside the deadline",
        "first refusal asked for after (p50)",
      ],
      precision.map((one) => [
        one.name,
        count(one.sessions),
        millis(Math.max(0, one.late)),
        millis(Math.max(0, one.early)),
        millis(one.recorded),
        millis(one.askedMedian),
      ]),
    ),
    "On the screen of Chromium, with a wall clock that is an hour or a day wrong and a network of 200 ms: to the frame in which the page is covered, and to that which tells of the end, after the server's answer.",
    table(
      ["", "sessions", "covered (p50)", "p99", "earliest", "told of the end (p50)", "p99"],
      screen.map(({ name, sessions, covered, told }) => [
        name,
        count(sessions),
        ...[covered.median, covered.p99, covered.least, told.median, told.p99].map(millis),
      ]),
    ),
  ];
}

function grown(before: Kept, after: Kept, member: keyof Kept): string {
  const value = member === "heap" ? kilobytes : count;
  return `${value(before[member])} → ${value(after[member])}`;
}

/** The results of all that a real browser measures of a page, and of the deadline on the server. */
export function pageSections({
  precision,
  screen,
  mainThread,
  memory,
  wire,
}: PageResults): readonly string[] {
  const { evaluation, slowEvaluations, slowParsing, slowLimit, sessions, longTasks, longest, loads } =
    mainThread;
  return [
    ...precisionTables(precision, screen),
    "## A page's main thread",
    [
      `- compiling and running the script include where it has never been seen: ${millis(evaluation.median)} of processor time (${loads} loads, at most ${millis(evaluation.most)})`,
      `- with the processor four times as slow: ${slowEvaluations.map(({ median }) => millis(median)).join(", ")} for the first, second and third load in one tab; the same bytes of which nothing runs take ${millis(slowParsing.median)}`,
      `- the limit, as slow: what the script asks of the browser, in a straight line and with nothing around it: ${millis(slowLimit.median)}; the first load takes ${((slowEvaluations[0]?.median ?? Number.NaN) / slowLimit.median).toFixed(1)} × that`,
      `- tasks of over 50 ms in ${sessions} sessions, from the page's start over the warning to the end: ${longTasks}; the longest task took ${millis(longest)} of processor time`,
    ].join("\n"),
    "## What a page keeps",
    "After a collection, before and after: JavaScript's heap, DOM nodes, event listeners.",
    table(
      ["", "heap", "nodes", "listeners"],
      memory.map(({ name, before, after }) => [
        name,
        ...(["heap", "nodes", "listeners"] as const).map((member) => grown(before, after, member)),
      ]),
    ),
    `## A session of ${wire.hours} hours on the wire`,
    [
      `- by the activity model, pauses of at most 12 minutes: ${wire.heartbeats} heartbeats`,
      `- there and back, headers included: ${kilobytes(wire.loading)} to load the page with its script and to bind its key, ${kilobytes(wire.session)} in all the hours, and ${kilobytes(wire.stream)} for the stream of news`,
    ].join("\n"),
  ];
}
