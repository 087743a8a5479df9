/** Observing first: until a policy's `enforceFrom` everything is run and audited, and nothing ends by time. */
import type { Policy } from "./policy.types.js";

export function isObserving<P extends Pick<Policy, "enforceFromAt">>(
  policy: P,
  now: number,
): policy is P & { readonly enforceFromAt: number } {
  return policy.enforceFromAt !== null && now < policy.enforceFromAt;
}
