/** `curfew/server/watch`: the rules that alert, over a trail that there is already, and the types of what they say. */

export type { WatchPolicyOptions, WatchRuleName } from "../policy/watch.types.js";
export { WATCH_RULES as RULE_NAMES } from "../policy/watch-thresholds.js";
export type { Alert, AlertSeverity } from "./alert.js";
export type { OnAlert, WatchOptions } from "./options.js";
export { alertsIn, type ReplayOptions } from "./replay.js";
