/** `curfew policy diff`: what another configuration would give people, and whether any of it is looser. */
import { comparePolicies, type PolicyDifference } from "../../server/policy/difference.js";
import type { Policy } from "../../server/policy/policy.types.js";
import type { CommandProcess } from "../process/process.js";
import { policyIn } from "../settings/policy-in.js";

interface PolicyDiffOptions {
  readonly json?: boolean;
}

const EQUAL = 0;
const STRICTER = 3;
const LOOSER = 4;
/** More cases of one difference are counted, not listed. */
const LISTED = 3;

/**
 * @param before and `after`: two configurations of the sidecar, as read from their files
 * @returns the exit code: 0 nobody gets anything else, 3 only stricter, 4 something is looser
 * @throws ConfigurationError with what is wrong in a configuration
 */
export function policyDiffCommand(
  shell: CommandProcess,
  before: unknown,
  after: unknown,
  { json }: PolicyDiffOptions,
): number {
  const [first, second] = [policyIn(before), policyIn(after)];
  const differences = [...comparePolicies(first, second)].sort(byEffect);
  shell.print(json ? `${JSON.stringify(differences, null, 2)}\n` : textOf(first, second, differences));
  if (differences.length === 0) return EQUAL;
  return differences.some(({ effect }) => effect === "looser") ? LOOSER : STRICTER;
}

/** What is looser first. */
function byEffect(one: PolicyDifference, other: PolicyDifference): number {
  return Number(one.effect === "stricter") - Number(other.effect === "stricter");
}

function textOf(first: Policy, second: Policy, differences: readonly PolicyDifference[]): string {
  const head = `${first.fingerprint} → ${second.fingerprint}`;
  if (differences.length === 0) return `${head}\nNobody gets anything else.\n`;
  const lines = differences.flatMap(({ effect, key, from, to, cases }) => [
    `${effect.padEnd(9)} ${key}: ${from} → ${to}`,
    ...cases.slice(0, LISTED).map((one) => `          ${one}`),
    ...(cases.length > LISTED ? [`          and ${cases.length - LISTED} cases more`] : []),
  ]);
  return `${[head, ...lines].join("\n")}\n`;
}
