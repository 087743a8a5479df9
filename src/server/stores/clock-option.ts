/** The option `clock` of every store: tests move the time by it. */
import * as v from "valibot";
import type { Clock } from "../platform/clock.js";

export const clockOption = v.optional(
  v.custom<Clock>(
    (value) => typeof value === "object" && value !== null && "now" in value && "monotonic" in value,
    "must be a clock: { now(), monotonic() }, in milliseconds",
  ),
);
