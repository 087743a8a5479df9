/** The heads of a log that were time-stamped, as its directory has them. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { LogFault } from "../../../evidence/log-verdict.js";
import type { StampedHead } from "../../../evidence/verify-log.js";
import { messageOf } from "../../platform/errors.js";
import type { Roots, TimeStamps } from "../../platform/time-stamps.js";
import { stampedPath, timeStampPath, timeStampsPath } from "./paths.js";

interface StampedHeads {
  readonly heads: readonly StampedHead[];
  /** The first time-stamp that is none of the head beside it. */
  readonly fault: LogFault | null;
  /** Files whose authority is not believed. */
  readonly strangers: readonly string[];
}

const STAMP = /^(\d{12})\.tsr$/;

/** The sizes of the heads that have a time-stamp. */
export function stampedSizes(directory: string): readonly number[] {
  const path = timeStampsPath(directory);
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .flatMap((name) => STAMP.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

/** @param roots whom the reader believes */
export async function stampedHeads(
  directory: string,
  stamps: TimeStamps,
  roots: Roots,
): Promise<StampedHeads> {
  const heads: StampedHead[] = [];
  const strangers: string[] = [];
  let known = 0;
  for (const size of stampedSizes(directory)) {
    const file = timeStampPath(directory, size);
    try {
      const checkpoint = readFileSync(stampedPath(directory, size));
      const { stampedAt, isTrusted } = await stamps.read(readFileSync(file), checkpoint, null, roots);
      if (isTrusted) heads.push({ checkpoint: checkpoint.toString("utf8"), stampedAt });
      else strangers.push(file);
      known = size;
    } catch (error) {
      const message = `the time-stamp ${JSON.stringify(file)} does not hold: ${messageOf(error)}`;
      const fault: LogFault = { kind: "altered", seq: Math.min(known, size - 1), upTo: size - 1, message };
      return { heads, fault, strangers };
    }
  }
  return { heads, fault: null, strangers };
}
