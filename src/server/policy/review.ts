/** Whether somebody must look at the policy again (`reviewBy`). */
import type { Policy } from "./policy.types.js";

const DAY = 24 * 60 * 60_000;

/** Past is from the end of that day in UTC on; null where the policy names none. */
export function reviewOf(
  { reviewBy }: Pick<Policy, "reviewBy">,
  now: number,
): { readonly by: string; readonly isPast: boolean } | null {
  return reviewBy === undefined ? null : { by: reviewBy, isPast: now >= Date.parse(reviewBy) + DAY };
}

/** What to do about a policy that nobody has reviewed in time; null where there is nothing to do. */
export function overdueReview(policy: Pick<Policy, "reviewBy" | "owner">, now: number): string | null {
  const review = reviewOf(policy, now);
  if (review?.isPast !== true) return null;
  const owner = policy.owner === undefined ? "" : ` (${policy.owner})`;
  return `the policy was to be reviewed by ${review.by}: have whoever answers for it${owner} look at it, and write a later reviewBy`;
}
