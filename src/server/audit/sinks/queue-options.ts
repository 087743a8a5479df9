/** The options that every sink behind a queue has. */
import * as v from "valibot";
import { type WhenLost, whenLost } from "../when-lost.js";
import type { QueueLimits } from "./queue.js";

export interface QueueOptions extends WhenLost {
  /**
   * How many records may wait while the other side takes none. Default: 10,000. With `whenLost: "refuse"` calls are refused
   * from nine tenths of it on, so that those under way find room.
   */
  readonly capacity?: number;
}

export const queueEntries = {
  capacity: v.optional(
    v.pipe(
      v.number("must be a number of records"),
      v.integer("must be a whole number of records"),
      v.minValue(10, "must be at least 10"),
      v.maxValue(1_000_000, "must be at most 1000000"),
    ),
    10_000,
  ),
  whenLost,
} satisfies Record<keyof QueueOptions, v.GenericSchema> & Record<keyof QueueLimits, v.GenericSchema>;
