/** What a configuration of the sidecar holds, read without opening anything. */
import type { Policy } from "../../server/policy/policy.types.js";
import { type CheckedOptions, readOptions } from "../../server/verifier/read-options.js";
import { readSettings } from "./read.js";
import { uncheckedOptions } from "./verifier-options.js";

/**
 * @param configuration as read from its file
 * @throws ConfigurationError with what is wrong in it, policy or not
 */
export function policyIn(configuration: unknown): Policy {
  return checkedOptionsIn(configuration).policy;
}

/** The same for all options. */
export function checkedOptionsIn(configuration: unknown): CheckedOptions {
  const settings = readSettings(configuration);
  return readOptions(uncheckedOptions(settings.options, settings.ownCookie !== null), undefined);
}
