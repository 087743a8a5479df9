/** Looks into values that nobody has typed. */

export function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

export function isFilledText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
