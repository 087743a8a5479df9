/** Which policies were in force, by what a trail says: each process tells its own at start. */
import { createReadStream, statSync } from "node:fs";
import { createInterface } from "node:readline";
import { contentsOf } from "../../server/audit/log/directory.js";
import { ConfigurationError, messageOf } from "../../server/platform/errors.js";
import { memberOf } from "../../server/platform/members.js";
import { comparePolicies } from "../../server/policy/difference.js";
import { policyOfDocument } from "../../server/policy/kept-policy.js";
import type { Policy } from "../../server/policy/policy.types.js";

/** A policy that was in force from then on. */
export interface PolicyChange {
  /** When the first process started with it (ISO 8601, UTC). */
  readonly at: string;
  readonly app: string;
  readonly fingerprint: string;
  /** Against the one before. */
  readonly effect: "first" | "looser" | "stricter" | "the same for everybody" | "unknown";
}

/**
 * @param path the directory of a signed log, or a file with a record a line
 * @throws ConfigurationError where it cannot be read
 */
export async function policyHistory(path: string): Promise<readonly PolicyChange[]> {
  const last = new Map<string, { readonly fingerprint: string; readonly policy: Policy | null }>();
  const changes: PolicyChange[] = [];
  for await (const { at, app, document, fingerprint } of startsIn(path)) {
    const before = last.get(app);
    if (before?.fingerprint === fingerprint) continue;
    const policy = policyOfDocument(document);
    last.set(app, { fingerprint, policy });
    const effect = before === undefined ? "first" : effectOf(before.policy, policy);
    changes.push({ at, app, fingerprint, effect });
  }
  return changes;
}

function effectOf(before: Policy | null, after: Policy | null): PolicyChange["effect"] {
  if (before === null || after === null) return "unknown";
  try {
    const effects = comparePolicies(before, after).map(({ effect }) => effect);
    if (effects.length === 0) return "the same for everybody";
    return effects.includes("looser") ? "looser" : "stricter";
  } catch (error) {
    if (error instanceof ConfigurationError) return "unknown";
    throw error;
  }
}

interface Start {
  readonly at: string;
  readonly app: string;
  readonly document: string;
  readonly fingerprint: string;
}

async function* startsIn(path: string): AsyncIterable<Start> {
  try {
    for await (const line of statSync(path).isDirectory() ? logLines(path) : fileLines(path)) {
      const record: unknown = line.trim() === "" ? null : JSON.parse(line);
      const [type, at, app, document, fingerprint] = ["type", "at", "app", "document", "policy"].map((name) =>
        memberOf(record, name),
      );
      if (type === "policy_in_force" && typeof document === "string")
        yield { at: String(at), app: String(app), document, fingerprint: String(fingerprint) };
    }
  } catch (error) {
    throw new ConfigurationError(
      `--trail ${JSON.stringify(path)} cannot be read as an audit trail: ${messageOf(error)}; give the directory of a signed log, or a file with one JSON record a line`,
    );
  }
}

async function* logLines(directory: string): AsyncIterable<string> {
  for await (const entry of contentsOf(directory).entries)
    if ("line" in entry) yield Buffer.from(entry.line).toString("utf8");
}

function fileLines(path: string): AsyncIterable<string> {
  return createInterface(createReadStream(path, "utf8"));
}
