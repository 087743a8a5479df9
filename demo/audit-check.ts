/** Checks the whole log in the reader's browser. What the server says of it counts for nothing. */
import { type LogContents, type LogVerdict, readVerifierKey, verifyLog } from "curfew/evidence";
import type { ShownLog } from "./evidence.js";
import { part, write, writeVerdict } from "./part.js";

interface CheckedLog {
  readonly vkey: string;
  /** Whether the head that this browser had kept vouches for every record. */
  readonly isAnchored: boolean;
}

/** The head that this browser has seen last, for each log: the server cannot take it back. */
const nameOf = (vkey: string) => `curfew demo: head of ${vkey}`;

/** @throws Error also where nothing could be checked; the page says so */
export async function checkLog(): Promise<CheckedLog> {
  try {
    return await checked();
  } catch (error) {
    writeVerdict("log-verdict", "open", "This cannot be checked now; it is tried again.");
    throw error;
  }
}

async function checked(): Promise<CheckedLog> {
  const response = await fetch("/audit/log");
  if (!response.ok) throw new Error(`the log was not given: ${response.status}`);
  const log = (await response.json()) as ShownLog;
  const { vkey } = log;
  const kept = localStorage.getItem(nameOf(vkey));
  const trust = { keys: [readVerifierKey(vkey)], witnesses: [], heads: kept === null ? [] : [kept] };
  const verdict = await verifyLog(contentsOf(log), trust);
  const head = log.checkpoints.at(-1);
  if (verdict.fault === null && head !== undefined) localStorage.setItem(nameOf(vkey), head);
  show(verdict);
  return { vkey, isAnchored: verdict.anchoredSize === verdict.size };
}

function show({ fault, size, signedSize, anchoredSize }: LogVerdict): void {
  const isWhole = fault === null;
  writeVerdict(
    "log-verdict",
    isWhole ? "good" : "bad",
    isWhole
      ? "Whole: nothing was changed, removed, added or moved."
      : `Broken: ${fault.kind}, record ${fault.seq}: ${fault.message}.`,
  );
  const figures = {
    "log-size": String(size),
    "log-signed": String(signedSize),
    "log-anchored": String(anchoredSize),
    "log-newer": String(size - anchoredSize),
  };
  for (const [id, text] of Object.entries(figures)) write(part(id), isWhole ? text : "–");
}

function contentsOf({ entries, hashes, checkpoints }: ShownLog): LogContents {
  const encoder = new TextEncoder();
  return {
    entries: each(entries, (entry) =>
      "line" in entry ? { line: encoder.encode(entry.line) } : { hash: bytesOf(entry.hash) },
    ),
    hashes: each(hashes, bytesOf),
    checkpoints: each(checkpoints, (note) => note),
  };
}

async function* each<From, To>(items: readonly From[], read: (item: From) => To): AsyncIterable<To> {
  for (const item of items) yield read(item);
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** One check at a time: who asks meanwhile gets what comes of that one. */
export function onlyOnce<Result>(work: () => Promise<Result>) {
  let running: Promise<Result> | null = null;
  let last: Result | null = null;
  return {
    last: () => last,
    run(): Promise<Result> {
      running ??= work()
        .then((result) => {
          last = result;
          return result;
        })
        .finally(() => {
          running = null;
        });
      return running;
    },
  };
}
