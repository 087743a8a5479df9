/** What a sink does where it cannot keep a record. */
import * as v from "valibot";

export interface WhenLost {
  /**
   * What happens where a record cannot be kept. `"continue"`: it is lost to this sink, and marked (`audit_gap`). `"refuse"`: calls are
   * answered 503 until records can be kept again, so that nothing goes on that is not recorded. Default: `"continue"`.
   */
  readonly whenLost?: "continue" | "refuse";
}

export const whenLost = v.optional(
  v.picklist(["continue", "refuse"], 'must be "continue" or "refuse"'),
  "continue",
);
