/** What stands where in a log's directory. */
import { join } from "node:path";

const DIGITS = 12;

export const recordsPath = (directory: string, first: number): string =>
  join(directory, `records-${String(first).padStart(DIGITS, "0")}.jsonl`);
export const hashesPath = (directory: string, first: number): string =>
  join(directory, `hashes-${String(first).padStart(DIGITS, "0")}.bin`);
export const checkpointsPath = (directory: string): string => join(directory, "checkpoints");
/** Checkpoints again, with what witnesses have signed beside. */
export const cosignedPath = (directory: string): string => join(directory, "cosigned");
export const frontierPath = (directory: string): string => join(directory, "frontier.json");
export const keyPath = (directory: string): string => join(directory, "log.key");
export const verifierKeyPath = (directory: string): string => join(directory, "log.vkey");
export const lockPath = (directory: string): string => join(directory, "lock");
/** Heads as they were time-stamped, each beside its time-stamp. */
export const timeStampsPath = (directory: string): string => join(directory, "timestamps");
export const stampedPath = (directory: string, size: number): string =>
  join(timeStampsPath(directory), `${String(size).padStart(DIGITS, "0")}.checkpoint`);
export const timeStampPath = (directory: string, size: number): string =>
  join(timeStampsPath(directory), `${String(size).padStart(DIGITS, "0")}.tsr`);
