/** Durations as people write them ("15m"), read into milliseconds. */
import ms from "ms";
import { MAX_DURATION } from "../platform/clock.js";

const WITH_UNIT = /^\d+(\.\d+)?\s*[a-z]+$/i;

/** Milliseconds, or a sentence that says what to write instead. */
export function readDuration(value: unknown): number | string {
  if (typeof value !== "string")
    return `is ${describe(value)}; write a duration as text with its unit, such as "15m" or "90s"`;
  const duration = WITH_UNIT.test(value.trim()) ? ms(value.trim() as ms.StringValue) : undefined;
  if (duration === undefined || !Number.isFinite(duration))
    return `is ${describe(value)}; write a duration with its unit, such as "15m" or "90s"`;
  if (duration <= 0) return `is ${describe(value)}; a duration must be longer than nothing`;
  if (duration > MAX_DURATION) return `is ${describe(value)}; the longest duration is 24 days (2^31 − 1 ms)`;
  return Math.round(duration);
}

const UNITS = [
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
] as const;

/** A duration as a person writes it, in the largest unit that tells it exactly: `90m`, never `2h`. */
export function writeDuration(duration: number): string {
  const [unit, length] = UNITS.find(([, unitLength]) => duration % unitLength === 0) ?? ["ms", 1];
  return `${duration / length}${unit}`;
}

/** A value as it stands in the configuration, cut short. */
export function describe(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (value === null || typeof value !== "object") return String(value);
  return Array.isArray(value) ? "a list" : "an object";
}
