/** `curfew policy lock`: the fingerprint of each environment's policy in a file that is reviewed, and the check against it. */
import { existsSync, writeFileSync } from "node:fs";
import * as v from "valibot";
import { ConfigurationError } from "../../server/platform/errors.js";
import { readConfiguration } from "../../server/policy/configuration.js";
import type { CommandProcess } from "../process/process.js";
import { readConfigFile } from "../settings/file.js";
import { policyIn } from "../settings/policy-in.js";

export interface PolicyLockOptions {
  readonly file: string;
  readonly check?: boolean;
}

const lockSchema = v.strictObject({
  v: v.literal(1, "must be 1"),
  environments: v.record(
    v.string(),
    v.strictObject({ policy: v.string("must be a text"), fingerprint: v.string("must be a text") }),
  ),
});
type Lock = v.InferOutput<typeof lockSchema>;

/**
 * @param environments each as `name=FILE`
 * @returns the exit code: 0 locked, or as it was locked; 1 another policy than was locked, or none was
 * @throws ConfigurationError with what is wrong in a configuration or in the lock
 */
export function policyLockCommand(
  shell: CommandProcess,
  environments: readonly string[],
  { file, check }: PolicyLockOptions,
): number {
  const found = Object.fromEntries(environments.map((environment) => lockedOf(shell, environment)));
  const kept: Lock = existsSync(file)
    ? readConfiguration(
        lockSchema,
        readConfigFile(file, () => undefined),
        file,
      )
    : { v: 1, environments: {} };
  return check ? checked(shell, file, kept, found) : written(shell, file, kept, found);
}

type Locked = Lock["environments"];

function lockedOf(shell: CommandProcess, environment: string): readonly [string, Locked[string]] {
  const [, name, path] = /^([A-Za-z0-9_.-]+)=(.+)$/.exec(environment) ?? [];
  if (name === undefined || path === undefined)
    throw new ConfigurationError(
      `${JSON.stringify(environment)} is no environment; write its name and its configuration, such as production=curfew.config.json`,
    );
  const { name: policy, fingerprint } = policyIn(readConfigFile(path, shell.variable));
  return [name, { policy, fingerprint }];
}

function written(shell: CommandProcess, file: string, kept: Lock, found: Locked): number {
  const all = Object.entries({ ...kept.environments, ...found }).sort(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(file, `${JSON.stringify({ v: 1, environments: Object.fromEntries(all) }, null, 2)}\n`);
  for (const [name, { fingerprint }] of Object.entries(found)) shell.print(`${name} ${fingerprint}\n`);
  return 0;
}

function checked(shell: CommandProcess, file: string, kept: Lock, found: Locked): number {
  const mistakes = Object.entries(found).flatMap(([name, { fingerprint }]) => {
    const locked = Object.hasOwn(kept.environments, name) ? kept.environments[name] : undefined;
    if (locked === undefined)
      return [`${name} is not in ${file}; write it there: curfew policy lock ${name}=FILE`];
    if (locked.fingerprint === fingerprint) return [];
    return [
      `the policy of ${name} is ${fingerprint}, and ${file} has ${locked.fingerprint}: the policy has changed; compare it (curfew policy diff), have it approved, and lock it again`,
    ];
  });
  for (const mistake of mistakes) shell.complain(`${mistake}\n`);
  if (mistakes.length === 0) shell.print("As it was locked.\n");
  return mistakes.length === 0 ? 0 : 1;
}
