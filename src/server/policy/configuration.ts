/** Checks options against a schema and turns every mistake into one sentence that says what to write instead. */

import * as v from "valibot";
import { ConfigurationError } from "../platform/errors.js";
import { memberOf } from "../platform/members.js";
import { readDuration } from "./durations.js";
import { likelyKey } from "./likely-key.js";

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

/** What is written in place of a key that is missing, by key: `write for example idle: "15m"`. */
export type Examples = Readonly<Record<string, string>>;

export interface Reading<T> {
  /** What was read; also where the unknown keys are all that is wrong. */
  readonly value: T | null;
  /** Every mistake, a sentence each. */
  readonly mistakes: readonly string[];
}

/** Reads `input` by `schema`, and says everything that is wrong with it. */
export function parseConfiguration<const Schema extends v.GenericSchema>(
  schema: Schema,
  input: unknown,
  what: string,
  examples: Examples = {},
): Reading<v.InferOutput<Schema>> {
  const result = v.safeParse(schema, input);
  if (result.success) return { value: result.output, mistakes: [] };
  const sentences = result.issues.flatMap((issue) => sentencesOf(issue, { what, schema, input, examples }));
  const known = v.safeParse(schema, withoutUnknownKeys(schema, input));
  return { value: known.success ? known.output : null, mistakes: [...new Set(sentences)] };
}

/**
 * Reads `input` by `schema`.
 * @throws ConfigurationError naming each option that is wrong
 */
export function readConfiguration<const Schema extends v.GenericSchema>(
  schema: Schema,
  input: unknown,
  what: string,
): v.InferOutput<Schema> {
  const { value, mistakes } = parseConfiguration(schema, input, what);
  if (value === null || mistakes.length > 0) throw new ConfigurationError(mistakes.join("\n"));
  return value;
}

/** Several readings whose mistakes are told together. */
interface Readings {
  /** What `read` returns; null where it threw a `ConfigurationError`, which counts as a mistake. */
  attempt<T>(read: () => T): T | null;
  /** What was read; its mistakes count. */
  take<T>(reading: Reading<T>): T | null;
  add(mistakes: readonly string[]): void;
  /** @throws ConfigurationError with every mistake, one a line; nothing where there is none */
  refuseMistakes(): void;
}

export function gatherReadings(): Readings {
  const mistakes = new Set<string>();
  const add = (sentences: readonly string[]) => {
    for (const sentence of sentences) mistakes.add(sentence);
  };
  return {
    attempt(read) {
      try {
        return read();
      } catch (error) {
        if (!(error instanceof ConfigurationError)) throw error;
        add(error.message.split("\n"));
        return null;
      }
    },
    take(reading) {
      add(reading.mistakes);
      return reading.value;
    },
    add,
    refuseMistakes() {
      if (mistakes.size > 0) throw new ConfigurationError([...mistakes].join("\n"));
    },
  };
}

interface Read {
  readonly what: string;
  readonly schema: unknown;
  readonly input: unknown;
  readonly examples: Examples;
}

function sentencesOf(
  issue: v.BaseIssue<unknown>,
  { what, schema, input, examples }: Read,
): readonly string[] {
  const path = v.getDotPath(issue);
  if (issue.type === "strict_object" && issue.expected === "never") {
    const keys = (path ?? "").split(".");
    const [above, last = ""] = [keys.slice(0, -1), keys.at(-1)];
    return unknownKeys(at(schema, above), inputAt(input, above), last).map((key) =>
      unknownKey(what, [...above, key].join("."), key, Object.keys(entriesOf(at(schema, above)))),
    );
  }
  const missing = issue.type === "strict_object" && issue.received === "undefined" && path !== null;
  if (missing) {
    const example = Object.hasOwn(examples, path) ? `; ${examples[path]}` : "";
    return [`${what}.${path} is missing${example}`];
  }
  return [path === null ? `${what} ${issue.message}` : `${what}.${path} ${issue.message}`];
}

function unknownKey(what: string, path: string, key: string, known: readonly string[]): string {
  const likely = likelyKey(key, known);
  const hint = likely === null ? "" : `; did you mean "${likely}"?`;
  return `${what} has an unknown key ${JSON.stringify(path)}; known keys: ${known.join(", ")}${hint}`;
}

/** All of them: the schema library stops at the first. */
function unknownKeys(schema: unknown, input: unknown, first: string): readonly string[] {
  const entries = entriesOf(schema);
  const keys = typeof input === "object" && input !== null ? Object.keys(input) : [];
  return [...new Set([first, ...keys.filter((key) => !Object.hasOwn(entries, key))])];
}

function withoutUnknownKeys(schema: unknown, input: unknown): unknown {
  if (typeof input !== "object" || input === null || Array.isArray(input)) return input;
  const entries = entriesOf(schema);
  return Object.fromEntries(Object.entries(input).filter(([key]) => Object.hasOwn(entries, key)));
}

/** The part of a schema at a path; optional parts and lists are looked into. */
function at(schema: unknown, path: readonly string[]): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return schema;
  const below = memberOf(schema, "wrapped") ?? schema;
  return at(memberOf(below, "item") ?? memberOf(memberOf(below, "entries"), first), rest);
}

function inputAt(input: unknown, path: readonly string[]): unknown {
  return path.reduce((value, key) => memberOf(value, key), input);
}

function entriesOf(schema: unknown): object {
  const entries = memberOf(schema, "entries") ?? memberOf(memberOf(schema, "wrapped"), "entries");
  return typeof entries === "object" && entries !== null ? entries : {};
}
