/** Small readers of unknown JSON values, shared by the parsers of this room. */
import { ParseError } from "./parse-error.js";

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An object, or a `ParseError` that names what was expected. */
export function objectOf(value: unknown, what: string): JsonObject {
  if (!isObject(value)) throw new ParseError("shape", `${what} must be a JSON object`);
  return value;
}

/** An object with exactly these own members: none missing, none besides. */
export function exactObject(value: unknown, members: readonly string[], what: string): JsonObject {
  const object = objectOf(value, what);
  const names = Object.keys(object);
  const missing = members.find((name) => !names.includes(name));
  if (missing !== undefined) throw new ParseError("shape", `${what} lacks the member "${missing}"`);
  if (names.length !== members.length)
    throw new ParseError("shape", `${what} has members besides ${members.join(", ")}`);
  return object;
}

export function stringAt(object: JsonObject, name: string): string {
  const value = object[name];
  if (typeof value !== "string") throw new ParseError("shape", `"${name}" must be a string`);
  return value;
}

export function booleanAt(object: JsonObject, name: string): boolean {
  const value = object[name];
  if (typeof value !== "boolean") throw new ParseError("shape", `"${name}" must be true or false`);
  return value;
}

/** An integer from 0 to `max` (default 2^53 − 1). */
export function integerAt(object: JsonObject, name: string, max = Number.MAX_SAFE_INTEGER): number {
  const value = object[name];
  if (
    !Number.isSafeInteger(value) ||
    (value as number) < 0 ||
    (value as number) > max ||
    Object.is(value, -0)
  )
    throw new ParseError("shape", `"${name}" must be an integer from 0 to ${max}`);
  return value as number;
}

export function nullOr<T>(
  object: JsonObject,
  name: string,
  read: (object: JsonObject, name: string) => T,
): T | null {
  return object[name] === null ? null : read(object, name);
}

/** Several members of one kind, each read as `read` reads it. */
export function eachOf<Name extends string, Value>(
  object: JsonObject,
  names: readonly Name[],
  read: (object: JsonObject, name: string) => Value,
): Readonly<Record<Name, Value>> {
  return Object.fromEntries(names.map((name) => [name, read(object, name)])) as Record<Name, Value>;
}

/** Those of the members that are there and of one kind; the others are left out. */
export function someOf<Name extends string, Value>(
  object: JsonObject,
  names: readonly Name[],
  is: (value: unknown) => value is Value,
): Readonly<Partial<Record<Name, Value>>> {
  const found: Partial<Record<Name, Value>> = {};
  for (const name of names) {
    const value = object[name];
    if (is(value)) found[name] = value;
  }
  return found;
}

export const isText = (value: unknown): value is string => typeof value === "string";
export const isInteger = (value: unknown): value is number => Number.isSafeInteger(value);
