/** Checks options against a schema and turns every mistake into one sentence that says what to write instead. */
import * as v from "valibot";
import { ConfigurationError } from "../platform/errors.js";
import { readDuration } from "./durations.js";

/** A duration as text, read into milliseconds. */
export const durationSchema = v.pipe(
  v.unknown(),
  v.rawTransform<unknown, number>(({ dataset, addIssue, NEVER }) => {
    const duration = readDuration(dataset.value);
    if (typeof duration === "number") return duration;
    addIssue({ message: duration });
    return NEVER;
  }),
);

/**
 * Reads `input` by `schema`.
 * @throws ConfigurationError naming each option that is wrong
 */
export function readConfiguration<const Schema extends v.GenericSchema>(
  schema: Schema,
  input: unknown,
  what: string,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, input);
  if (result.success) return result.output;
  throw new ConfigurationError(result.issues.map((issue) => sentence(issue, what, schema)).join("\n"));
}

function sentence(issue: v.BaseIssue<unknown>, what: string, schema: unknown): string {
  const path = v.getDotPath(issue);
  if (issue.type === "strict_object" && issue.expected === "never") {
    const above = (path ?? "").split(".").slice(0, -1);
    return `${what} has an unknown key "${path ?? ""}"; known keys: ${knownKeys(schema, above).join(", ")}`;
  }
  const missing = issue.type === "strict_object" && issue.received === "undefined" && path !== null;
  if (missing) return `${what}.${path} is missing`;
  return path === null ? `${what} ${issue.message}` : `${what}.${path} ${issue.message}`;
}

/** The keys that the schema knows below `path`; optional parts are looked into. */
function knownKeys(schema: unknown, path: readonly string[]): readonly string[] {
  const entries = memberOf(schema, "entries") ?? memberOf(memberOf(schema, "wrapped"), "entries");
  const [first, ...rest] = path;
  if (first !== undefined) return knownKeys(memberOf(entries, first), rest);
  return typeof entries === "object" && entries !== null ? Object.keys(entries) : [];
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
