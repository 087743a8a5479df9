/** The files that a log's lines are appended to. */
import { closeSync, ftruncateSync, openSync, statSync, writeSync } from "node:fs";
import { isoInstant, systemClock } from "../../platform/clock.js";
import { recordsPath } from "./paths.js";

/** A new pair of files begins behind so many bytes, and with each day. */
const SEGMENT_BYTES = 64 * 1024 * 1024;
const OWNER_ONLY = 0o600;

interface SegmentFiles {
  /** Appends a line, or nothing of it. @throws where the disk does not take it */
  write(line: Uint8Array): void;
  current(): { readonly first: number; readonly descriptor: number };
  isFull(): boolean;
  /** Begins new files. @param next the record that comes next */
  turn(next: number): void;
  close(): void;
}

/** Of UTC: what is kept so many days is pruned by whole files. */
function dayOf(instant: number): string {
  return isoInstant(instant).slice(0, 10);
}

const NEWLINE = Uint8Array.of(0x0a);

export function segmentFiles(directory: string, begun: number): SegmentFiles {
  let first = begun;
  let descriptor = openSync(recordsPath(directory, first), "a", OWNER_ONLY);
  const found = statSync(recordsPath(directory, first));
  let length = found.size;
  let day = dayOf(length === 0 ? systemClock.now() : found.mtimeMs);
  return {
    write(line) {
      const bytes = Buffer.concat([line, NEWLINE]);
      try {
        for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
      } catch (error) {
        // A piece of a line would spoil the next one.
        ftruncateSync(descriptor, length);
        throw error;
      }
      length += bytes.length;
    },
    current: () => ({ first, descriptor }),
    isFull: () => length >= SEGMENT_BYTES || (length > 0 && dayOf(systemClock.now()) !== day),
    turn(next) {
      // First the new one: where the disk gives none, the old one is gone on with.
      const opened = openSync(recordsPath(directory, next), "a", OWNER_ONLY);
      closeSync(descriptor);
      descriptor = opened;
      first = next;
      length = 0;
      day = dayOf(systemClock.now());
    },
    close: () => closeSync(descriptor),
  };
}
