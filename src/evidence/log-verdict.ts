/** What the check of a log finds. */

/**
 * `altered`: a record's bytes, or a signature; `removed`, `inserted`, `reordered`: records; `truncated`: the log ends
 * before what was signed; `forked`: two heads that cannot both be true; `torn`: a line without an end among what was
 * signed; `re-keyed`: signed by a key that is not the log's.
 */
export type LogFaultKind =
  | "altered"
  | "removed"
  | "inserted"
  | "reordered"
  | "truncated"
  | "forked"
  | "torn"
  | "re-keyed";

export interface LogFault {
  readonly kind: LogFaultKind;
  /** The first record that is concerned. */
  readonly seq: number;
  /** Absent where it is that record alone; else the fault lies from `seq` up to and with this one. */
  readonly upTo?: number;
  readonly message: string;
}

export interface LogVerdict {
  readonly fault: LogFault | null;
  /** How many records were read. */
  readonly size: number;
  /** How many of them a checkpoint of the log's own covers. */
  readonly signedSize: number;
  /** How many of them somebody else vouches for: a witness, a time-stamp, or a head that was kept elsewhere. */
  readonly anchoredSize: number;
  /** When a witness last signed, in milliseconds since the epoch. */
  readonly witnessedAt: number | null;
  /** When a head was last time-stamped, in milliseconds since the epoch. */
  readonly stampedAt: number | null;
  /** The longest time from when a record says that it was written to the time-stamp that vouches for it. */
  readonly stampedWithin: number | null;
  /** How many of the records the logs of other nodes vouch for. */
  readonly notedSize: number;
  /** Whether the last line has no end: a process was killed while it wrote. */
  readonly isTorn: boolean;
  /** How many of the records are hashes only. */
  readonly pruned: number;
}
