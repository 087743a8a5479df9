/** The option `watch`: which rules run, and who is told of alerts besides the trail. */
import * as v from "valibot";
import { type WebhookOptions, webhookSchema } from "../platform/webhook-options.js";
import type { WatchRuleName } from "../policy/watch.types.js";
import { WATCH_RULES } from "../policy/watch-thresholds.js";
import type { Alert } from "./alert.js";

export interface WatchOptions {
  /** The rules that run, such as `["two-places", "forged"]`. Default: all. */
  readonly rules?: readonly WatchRuleName[];
  /**
   * Where each alert is posted, at least once, beside the audit trail (docs/alerts.md). It waits in the store, so that it is told
   * whichever node is killed; a receiver that fails is tried again for three days, and nobody waits for it. Default nowhere.
   */
  readonly webhook?: WebhookOptions;
  /** Told of each alert, beside the audit trail (`alert_raised`). What it throws goes to the log. */
  readonly onAlert?: OnAlert;
}

export type OnAlert = (alert: Alert) => void | Promise<void>;

export const watchOptionsSchema = v.strictObject(
  {
    rules: v.exactOptional(
      v.pipe(
        v.array(
          v.picklist(WATCH_RULES, `must be some of: ${WATCH_RULES.join(", ")}`),
          "must be a list of rules",
        ),
        v.minLength(1, "must name at least one rule; leave it out for all of them"),
      ),
    ),
    webhook: v.exactOptional(webhookSchema),
    onAlert: v.exactOptional(
      v.custom<OnAlert>((value) => typeof value === "function", "must be a function of the alert"),
    ),
  },
  'must be an object, such as {} for all rules, or { rules: ["two-places", "forged"] }',
) satisfies v.GenericSchema<unknown, WatchOptions>;
