/** Sends records of a signed log again, to a sink that has lost them. */
import { ConfigurationError } from "../../platform/errors.js";
import type { AuditRecord } from "../audit-record.js";
import { contentsOf } from "../log/directory.js";
import type { QueuedSink } from "./queue.js";

export interface ResendOptions {
  /** The signed log's directory. */
  readonly directory: string;
  readonly sink: QueuedSink;
  /** The first and the last record to send, as `firstSeq` and `lastSeq` of an `audit_gap` say. Default for `to`: the last one there is. */
  readonly from: number;
  readonly to?: number;
}

/**
 * Sends each record of the log from `from` up to and with `to`, in their order and no faster than the sink takes them: it waits
 * until all are there, however long that takes. The sink is closed at the end.
 * @returns how many were handed over
 * @throws ConfigurationError where the numbers are none, or a record was pruned
 */
export async function resendAudit({ directory, sink, from, to }: ResendOptions): Promise<number> {
  const last = to ?? Number.POSITIVE_INFINITY;
  if (!Number.isSafeInteger(from) || from < 0 || last < from)
    throw new ConfigurationError("resendAudit's from and to must be numbers of records, the lower one first");
  const decoder = new TextDecoder();
  let seq = 0;
  let sent = 0;
  for await (const entry of contentsOf(directory).entries) {
    if (seq > last) break;
    if (seq++ < from) continue;
    if ("hash" in entry)
      throw new ConfigurationError(`record ${seq - 1} was pruned, and cannot be sent again`);
    if (entry.isTorn) break;
    sink.write(JSON.parse(decoder.decode(entry.line)) as AuditRecord);
    if (++sent % sink.capacity === 0) await sink.flush();
  }
  await sink.flush();
  await sink.close();
  return sent;
}
