/** `curfew policy --parity`: whether the environments are alike, but for what may differ. */
import { canonicalJson } from "../../server/policy/canonical-json.js";
import { comparePolicies } from "../../server/policy/difference.js";
import type { CheckedOptions } from "../../server/verifier/read-options.js";
import type { CommandProcess } from "../process/process.js";
import { checkedOptionsIn } from "../settings/policy-in.js";

interface NamedConfiguration {
  readonly file: string;
  /** As read from the file. */
  readonly configuration: unknown;
}

interface ParityDifference {
  readonly key: string;
  readonly from: string;
  readonly to: string;
}

const ALIKE = 0;
const DIFFERENT = 4;

/** What decides besides the policy; the order of a list says nothing. */
const OPTIONS: Readonly<Record<string, (options: CheckedOptions) => unknown>> = {
  name: ({ name }) => name,
  base: ({ base }) => base,
  signInUrl: ({ signInUrl }) => signInUrl,
  origins: ({ origins }) => [...origins].sort(),
  trustProxy: ({ trustProxy }) => [...trustProxy].sort(),
  cookie: ({ cookie }) => cookie,
  clearCache: ({ clearCache }) => clearCache,
  identify: ({ identify }) => identify !== undefined,
  group: ({ group }) => (group === undefined ? null : { name: group.name, trusts: [...group.trusts].sort() }),
  limits: ({ limits }) => limits,
};

/**
 * @param allowed keys that may differ, such as `signInUrl`, `idle` or `policy` (the words of it alone)
 * @returns the exit code: 0 they are alike, 4 they are not
 * @throws ConfigurationError with what is wrong in a configuration
 */
export function policyParityCommand(
  shell: CommandProcess,
  configurations: readonly NamedConfiguration[],
  allowed: readonly string[],
): number {
  const [first, ...others] = configurations.map(({ file, configuration }) => ({
    file,
    options: checkedOptionsIn(configuration),
  }));
  if (first === undefined) return ALIKE;
  const lines = others.flatMap(({ file, options }) =>
    differencesOf(first.options, options)
      .filter(({ key }) => !allowed.includes(key))
      .map(({ key, from, to }) => `${key}: ${from} in ${first.file}, ${to} in ${file}`),
  );
  shell.print(lines.length === 0 ? "They are alike.\n" : `${lines.join("\n")}\n`);
  return lines.length === 0 ? ALIKE : DIFFERENT;
}

function differencesOf(one: CheckedOptions, other: CheckedOptions): readonly ParityDifference[] {
  const options = Object.entries(OPTIONS)
    .map(([key, of]) => ({ key, from: canonicalJson(of(one)), to: canonicalJson(of(other)) }))
    .filter(({ from, to }) => from !== to);
  const given = comparePolicies(one.policy, other.policy);
  const words =
    given.length === 0 && one.policy.fingerprint !== other.policy.fingerprint
      ? [{ key: "policy", from: one.policy.fingerprint, to: other.policy.fingerprint }]
      : [];
  return [...options, ...given, ...words];
}
