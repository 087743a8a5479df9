/** Durations of a test: text with its unit, as in a policy, or milliseconds. */
import ms from "ms";

/** `"25m"`, `"90s"`, or milliseconds. */
export type Duration = string | number;

/** Milliseconds. @throws TypeError that says what to write instead */
export function durationOf(value: Duration, name: string): number {
  const duration = typeof value === "string" ? ms(value.trim() as ms.StringValue) : value;
  if (Number.isFinite(duration) && duration >= 0) return Math.round(duration);
  throw new TypeError(
    `${name} is ${JSON.stringify(value)}; write a duration with its unit, such as "25m" or "90s", or milliseconds.`,
  );
}
