/** An audit sink: one JSON object a line, appended to a file. */
import { closeSync, writeSync } from "node:fs";
import { ConfigurationError, messageOf } from "../platform/errors.js";
import { narrowingOf, openForOwner } from "../platform/files.js";
import { auditLine } from "./audit-line.js";
import type { AuditSink } from "./audit-record.js";

/**
 * Appends each record to the file at `path` as a line of JSON before the call returns, so that a killed process loses
 * none. A file that it makes is readable by its owner only; one that others can read is told of in the log.
 * @throws ConfigurationError where the file cannot be opened
 */
export function jsonLinesAudit(path: string): AuditSink {
  const file = open(path);
  return {
    warning() {
      const cure = narrowingOf([path]);
      if (cure === null) return null;
      return new Error(
        `the audit file is open to other users of this machine, and says who did what; run: ${cure}`,
      );
    },
    write: (record) => void writeSync(file, `${auditLine(record)}\n`),
    close: () => closeSync(file),
  };
}

function open(path: string): number {
  try {
    return openForOwner(path);
  } catch (error) {
    throw new ConfigurationError(
      `jsonLinesAudit cannot append to ${JSON.stringify(path)}: ${messageOf(error)}`,
    );
  }
}
