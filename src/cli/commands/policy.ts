/** `curfew policy`: checks a configuration without opening anything, and prints its policy. */

import { explainPolicy } from "../../server/policy/explain.js";
import type { CommandProcess } from "../process/process.js";
import { policyIn } from "../settings/policy-in.js";

interface PolicyCommandOptions {
  readonly json?: boolean;
  /** The fingerprint that the policy must have. */
  readonly expect?: string;
}

/**
 * @returns the exit code
 * @throws ConfigurationError with what is wrong in the configuration
 */
export function policyCommand(shell: CommandProcess, input: unknown, options: PolicyCommandOptions): number {
  const policy = policyIn(input);
  shell.print(options.json ? `${JSON.stringify(policy, null, 2)}\n` : explainPolicy(policy));
  if (options.expect === undefined || options.expect === policy.fingerprint) return 0;
  shell.complain(
    `The policy's fingerprint is ${policy.fingerprint}, and ${options.expect} was expected: the policy has changed.\n`,
  );
  return 1;
}
