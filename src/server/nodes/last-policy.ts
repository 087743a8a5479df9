/** The policy that was in force last, as the store has it: so that whoever starts with another one says so. */

import { changeSubject } from "../lifecycle/change-subject.js";
import type { ServerContext } from "../lifecycle/context.js";
import { ConfigurationError } from "../platform/errors.js";
import { comparePolicies } from "../policy/difference.js";
import { policyOfDocument } from "../policy/kept-policy.js";
import type { Policy } from "../policy/policy.types.js";
import { type KeptPolicy, lastPolicyOf } from "../record/nodes.js";

/** Ten years: an app may stand still for long. */
const KEPT_PERIOD = 10 * 365 * 24 * 60 * 60_000;

/**
 * Keeps this process's policy as the last one, and tells the trail where it was another. Of processes that start at once
 * one tells.
 * @throws StoreUnavailableError
 */
export async function tellChangedPolicy({
  app,
  policy,
  store,
  audit,
  document,
}: Pick<ServerContext, "app" | "policy" | "store" | "audit"> & {
  /** The policy as canonical JSON. */
  readonly document: string;
}): Promise<void> {
  const { fingerprint } = policy;
  const before: { last?: KeptPolicy | undefined; at: number } = { at: 0 };
  await changeSubject({ store, policy }, lastPolicyOf(app), (kept, now) => {
    before.last = kept.lastPolicy;
    before.at = now;
    if (kept.lastPolicy?.fingerprint === fingerprint) return null;
    const lastPolicy = { fingerprint, document };
    return { ...kept, lastPolicy, purgeAt: now + KEPT_PERIOD };
  });
  const { last, at } = before;
  if (last === undefined || last.fingerprint === fingerprint) return;
  const looser = isLooser(last, policy);
  audit.record("policy_changed", at, null, {
    fromPolicy: last.fingerprint,
    toPolicy: fingerprint,
    ...(looser === null ? {} : { looser }),
  });
}

/** Whether anything is looser for anybody (`curfew policy diff`); null where it cannot be told. */
function isLooser({ document }: KeptPolicy, policy: Policy): boolean | null {
  const last = policyOfDocument(document);
  if (last === null) return null;
  try {
    return comparePolicies(last, policy).some(({ effect }) => effect === "looser");
  } catch (error) {
    // Too many cases to be compared.
    if (error instanceof ConfigurationError) return null;
    throw error;
  }
}
