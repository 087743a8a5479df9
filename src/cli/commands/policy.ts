/** `curfew policy`: checks a configuration without opening anything, and prints its policy. */

import { systemClock } from "../../server/platform/clock.js";
import { ConfigurationError } from "../../server/platform/errors.js";
import { effectiveTimes } from "../../server/policy/effective.js";
import { explainPolicy } from "../../server/policy/explain.js";
import type { Policy } from "../../server/policy/policy.types.js";
import { overdueReview } from "../../server/policy/review.js";
import { type PolicyChange, policyHistory } from "../policy/history.js";
import { pageAsHtml } from "../policy/html.js";
import { pageAsMarkdown } from "../policy/markdown.js";
import { policyAsOscal } from "../policy/oscal.js";
import { policyPage } from "../policy/page.js";
import type { CommandProcess } from "../process/process.js";
import { policyIn } from "../settings/policy-in.js";
import { policyParityCommand } from "./policy-parity.js";

export interface PolicyCommandOptions {
  /** The file of the configuration. */
  readonly config: string;
  /** Files that are compared in the place of that. */
  readonly parity?: readonly string[];
  /** Keys that may differ there, with commas between them. */
  readonly allow: string;
  readonly json?: boolean;
  /** The fingerprint that the policy must have. */
  readonly expect?: string;
  readonly format?: string;
  /** An audit trail that the history is taken from. */
  readonly trail?: string;
}

type History = readonly PolicyChange[] | null;

/** The same policy and trail always give the same bytes: no date of today, no language of the machine's. */
const FORMATS: Readonly<Record<string, (policy: Policy, history: History) => string>> = {
  text: (policy, history) => `${explainPolicy(policy)}${historyLines(history)}`,
  md: (policy, history) => pageAsMarkdown(policyPage(policy, history)),
  html: (policy, history) => pageAsHtml(policyPage(policy, history)),
  oscal: policyAsOscal,
  json: (policy, history) =>
    `${JSON.stringify({ policy, effective: effectiveTimes(policy), ...(history === null ? {} : { history }) }, null, 2)}\n`,
};

/**
 * @returns the exit code
 * @throws ConfigurationError with what is wrong in the configuration
 */
export async function policyCommand(
  shell: CommandProcess,
  read: (file: string) => unknown,
  { config, parity, allow, json, expect, format = "text", trail }: PolicyCommandOptions,
): Promise<number> {
  if (parity !== undefined) {
    const configurations = parity.map((file) => ({ file, configuration: read(file) }));
    return policyParityCommand(shell, configurations, allow.split(","));
  }
  const write = Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined;
  if (write === undefined)
    throw new ConfigurationError(
      `--format is ${JSON.stringify(format)}; write one of ${Object.keys(FORMATS).join(", ")}`,
    );
  const policy = policyIn(read(config));
  const history = trail === undefined ? null : await policyHistory(trail);
  shell.print(json ? `${JSON.stringify(policy, null, 2)}\n` : write(policy, history));
  // Beside the document, which says the same on every day.
  const overdue = overdueReview(policy, systemClock.now());
  if (overdue !== null) shell.complain(`curfew: ${overdue}\n`);
  if (expect === undefined || expect === policy.fingerprint) return 0;
  shell.complain(
    `The policy's fingerprint is ${policy.fingerprint}, and ${expect} was expected: the policy has changed.\n`,
  );
  return 1;
}

function historyLines(history: History): string {
  if (history === null) return "";
  const lines = history.map(
    ({ at, app, fingerprint, effect }) => `  ${at} ${app} ${fingerprint} ${effect}\n`,
  );
  return `\nHistory\n${lines.length === 0 ? "  The trail names no policy.\n" : lines.join("")}`;
}
