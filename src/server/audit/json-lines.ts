/** An audit sink: one JSON object a line, appended to a file. */
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fstatSync,
  openSync,
  readSync,
  renameSync,
  writeSync,
} from "node:fs";
import { format, parse } from "node:path";
import * as v from "valibot";
import { every, isoInstant, systemClock } from "../platform/clock.js";
import { ConfigurationError, messageOf } from "../platform/errors.js";
import { narrowingOf, openForOwner } from "../platform/files.js";
import { durationSchema, readConfiguration } from "../policy/configuration.js";
import { auditLine } from "./audit-line.js";
import type { AuditRecord, AuditSink } from "./audit-record.js";
import { createGap } from "./gap.js";
import { type WhenLost, whenLost } from "./when-lost.js";

export interface JsonLinesOptions extends WhenLost {
  /** A new file is begun once this one has so many bytes; the old one is renamed. Default: never. */
  readonly maxBytes?: number;
  /** A new file is begun with each day (UTC). Default: false. */
  readonly daily?: boolean;
  /**
   * When the records are on the disk for certain, and not with the operating system only: `"always"` before the call returns,
   * or so long after it, such as `"1s"`. Default: `"never"`, which means when the system likes.
   */
  readonly sync?: string;
}

const LEAST_BYTES = 1_024;
const schema = v.strictObject(
  {
    maxBytes: v.exactOptional(
      v.pipe(
        v.number("must be a number of bytes"),
        v.integer("must be a whole number of bytes"),
        v.minValue(LEAST_BYTES, `must be at least ${LEAST_BYTES}`),
      ),
    ),
    daily: v.optional(v.boolean("must be true or false"), false),
    whenLost,
    sync: v.optional(v.union([v.picklist(["never", "always"]), durationSchema]), "never"),
  } satisfies Record<keyof JsonLinesOptions, v.GenericSchema>,
  'must be an object, such as { daily: true, sync: "1s" }',
);

const NEWLINE = 0x0a;
const RETRY_INTERVAL = 1_000;

/**
 * Appends each record to the file at `path` as a line of JSON before the call returns, so that a killed process loses
 * none. A file that it makes is readable by its owner only; one that others can read is told of in the log. A piece of a line that
 * a killed process or a full disk has left stands on a line of its own, and what was lost is marked (`audit_gap`).
 * With `maxBytes` or `daily` one process writes a file: the old one is renamed, `audit.jsonl` to `audit-2026-01-31T08-00-00-000Z.jsonl`.
 * @throws ConfigurationError where the file cannot be opened, or an option cannot be used
 */
export function jsonLinesAudit(path: string, options: JsonLinesOptions = {}): AuditSink {
  const {
    maxBytes,
    daily,
    sync,
    whenLost: lossy,
  } = readConfiguration(schema, options, "jsonLinesAudit's options");
  let file = open(path);
  const gap = createGap();
  let tell: (trouble: unknown) => void = () => {};
  let isSynced = true;
  const syncNow = () => {
    fdatasyncSync(file.descriptor);
    isSynced = true;
  };
  const put = (record: AuditRecord) => {
    const bytes = Buffer.from(`${file.isTorn ? "\n" : ""}${auditLine(record)}\n`);
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(file.descriptor, bytes, written);
      file.isTorn = false;
    } catch (error) {
      if (written > 0) file.isTorn = true;
      throw error;
    } finally {
      file.length += written;
    }
    isSynced = false;
  };
  const putMark = () => {
    const mark = gap.mark();
    if (mark === null) return;
    try {
      put(mark);
    } catch (error) {
      gap.lose(mark);
      throw error;
    }
  };
  const turn = () => {
    const isFull = maxBytes !== undefined && file.length >= maxBytes;
    if (file.length === 0 || !(isFull || (daily && dayOf(systemClock.now()) !== file.day))) return;
    const aged = agedPath(path, systemClock.now());
    if (existsSync(aged)) return;
    renameSync(path, aged);
    try {
      const next = open(path);
      closeSync(file.descriptor);
      file = next;
    } catch (error) {
      // The old one is gone on with.
      renameSync(aged, path);
      throw error;
    }
  };
  /** What is tried again and again is told of once, until it goes well. */
  const trying = (work: () => void) => {
    let told = "";
    return () => {
      try {
        work();
        told = "";
      } catch (error) {
        const message = messageOf(error);
        if (message !== told) tell(error);
        told = message;
      }
    };
  };
  const tryTurn = trying(turn);
  const trySync = trying(syncNow);
  const tryMark = trying(putMark);
  const syncLate = async () => {
    if (!isSynced) trySync();
  };
  const stops = [
    ...(typeof sync === "number" ? [every(sync, syncLate)] : []),
    // Where calls are refused, no record comes that could show that there is room again.
    ...(lossy === "refuse" ? [every(RETRY_INTERVAL, async () => tryMark())] : []),
  ];
  return {
    onTrouble(listener) {
      tell = listener;
    },
    warning() {
      const cure = narrowingOf([path]);
      if (cure === null) return null;
      return new Error(
        `the audit file is open to other users of this machine, and says who did what; run: ${cure}`,
      );
    },
    isRefusing: () => lossy === "refuse" && gap.count > 0,
    write(record) {
      tryTurn();
      try {
        putMark();
        put(record);
      } catch (error) {
        gap.lose(record);
        throw error;
      }
      if (sync === "always") syncNow();
    },
    close() {
      for (const stop of stops) stop();
      try {
        if (sync !== "never" && !isSynced) syncNow();
      } finally {
        closeSync(file.descriptor);
      }
    },
  };
}

interface OpenFile {
  readonly descriptor: number;
  readonly day: string;
  length: number;
  /** Whether a line stands there that has no end. */
  isTorn: boolean;
}

function open(path: string): OpenFile {
  try {
    const descriptor = openForOwner(path);
    const found = fstatSync(descriptor);
    const { size, mtimeMs } = found;
    const day = dayOf(size === 0 ? systemClock.now() : mtimeMs);
    return {
      descriptor,
      day,
      length: size,
      isTorn: found.isFile() && size > 0 && lastByteOf(path, size) !== NEWLINE,
    };
  } catch (error) {
    throw new ConfigurationError(
      `jsonLinesAudit cannot append to ${JSON.stringify(path)}: ${messageOf(error)}`,
    );
  }
}

function lastByteOf(path: string, size: number): number | undefined {
  const descriptor = openSync(path, "r");
  try {
    const byte = Buffer.alloc(1);
    readSync(descriptor, byte, 0, 1, size - 1);
    return byte[0];
  } finally {
    closeSync(descriptor);
  }
}

function dayOf(instant: number): string {
  return isoInstant(instant).slice(0, 10);
}

/** Two turns of one millisecond would take one name: the second waits for the next record. */
function agedPath(path: string, now: number): string {
  const { dir, name, ext } = parse(path);
  return format({ dir, name: `${name}-${isoInstant(now).replace(/[:.]/g, "-")}`, ext });
}
