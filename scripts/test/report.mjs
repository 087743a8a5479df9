// The report of a suite: one line of JSON for each event, written as it happens, so that it is there whatever happens next.
//   { type: "plan", files | tests }      what is to run: the names of the files, or a number of tests
//   { type: "begin", item }              an item (a file, or one test) runs
//   { type: "begin", item, name, pid }   a test of it has begun, in the process `pid`
//   { type: "result", item, name, outcome, error?, ms }   outcome: passed, failed, skipped, or unsteady (passed when tried again)
//   { type: "step", item }               the item has come further
//   { type: "pause", item }              the item does not run now, and begins again later
//   { type: "end", item, error? }        the item has run; `error` where it failed as a whole
//   { type: "error", error }             something failed outside of every item
//   { type: "done" }                     the suite has ended by itself
import { appendFileSync, closeSync, existsSync, openSync, readSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";

/** Where the reporters write; set by the runner for the programs that it starts. */
export const REPORT_FILE = "TEST_REPORT";

/** Appends one event to a report. */
export function write(file, event) {
  appendFileSync(file, `${JSON.stringify(event)}\n`);
}

const LONGEST = 600;

/** The first line of an error, with what it announces, or with what was expected and received where further lines say so. */
export function firstLine(message = "") {
  const lines = stripVTControlCharacters(message)
    .split("\n")
    .map((line) => line.trim());
  const first = lines.findIndex((line) => line !== "");
  if (first < 0) return "no message";
  if (lines[first].endsWith(":") && lines.length > first + 1)
    return lines
      .slice(first)
      .filter((line) => line !== "")
      .join(" ")
      .slice(0, LONGEST);
  const values = lines.slice(first + 1).filter((line) => /^(?:Expected|Received)\b.*:/.test(line));
  return [lines[first], ...values.slice(0, 2)].join("; ");
}

/**
 * Follows a report while it is written.
 * @param file may be missing yet
 * @returns `read(now)` takes in what is new; the other members say what has been read so far
 */
export function followReport(file) {
  let offset = 0;
  const progress = {
    /** The first event of its kind: what is to run in all. */
    plan: undefined,
    isDone: false,
    /** When anything was heard last; undefined before the first event. */
    heardAt: undefined,
    /** What runs now, by item: the test that began last, its process, and when anything was heard of the item last. */
    running: new Map(),
    /** What has begun, by item: `results` so far, `hasEnded`, and the `error` of the item as a whole. */
    items: new Map(),
    errors: [],
    /** Holds this reason against an item, which then has ended; without one, against the suite as a whole. */
    fail(item, error) {
      if (item === undefined) progress.errors.push(error);
      else take(progress, { type: "end", item, error }, progress.heardAt);
    },
    read(now) {
      for (let text = linesFrom(file, offset); text.length > 0; text = linesFrom(file, offset)) {
        offset += text.length;
        for (const line of text.toString().trimEnd().split("\n")) take(progress, JSON.parse(line), now);
      }
    },
  };
  return progress;
}

/** Whole lines only: one that is being written is read when it is complete. */
function linesFrom(file, offset) {
  if (!existsSync(file)) return Buffer.alloc(0);
  const descriptor = openSync(file, "r");
  try {
    const buffer = Buffer.alloc(1 << 20);
    const length = readSync(descriptor, buffer, 0, buffer.length, offset);
    return buffer.subarray(0, buffer.subarray(0, length).lastIndexOf("\n") + 1);
  } finally {
    closeSync(descriptor);
  }
}

function take(progress, event, now) {
  const { items, running } = progress;
  const { type, item, name, pid, error } = event;
  progress.heardAt = now;
  if (type === "plan") progress.plan ??= event;
  if (type === "error") progress.errors.push(error);
  progress.isDone = type === "done";
  if (item === undefined) return;
  // Without a name it is the item that begins: one that was cut short and runs again starts from nothing.
  if (!items.has(item) || (type === "begin" && name === undefined))
    items.set(item, { results: [], hasEnded: false, error: undefined });
  if (type === "begin") running.set(item, { name, pid, heardAt: now });
  if (type === "result") items.get(item).results.push(event);
  if ((type === "result" || type === "step") && running.has(item)) running.get(item).heardAt = now;
  if (type === "pause" || type === "end") running.delete(item);
  if (type === "end") Object.assign(items.get(item), { hasEnded: true, error });
}
