/** One text for one value, however its members were ordered: what a fingerprint is taken of. */

/**
 * JSON with the members sorted at every depth and no white space (RFC 8785). Members that are undefined are left out.
 * @throws TypeError for what JSON cannot carry
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object" && value !== null) return canonicalObject(value);
  const isScalar = value === null || typeof value === "string" || typeof value === "boolean";
  if (isScalar || (typeof value === "number" && Number.isFinite(value))) return JSON.stringify(value);
  throw new TypeError(`canonical JSON cannot carry ${String(value)}`);
}

function canonicalObject(value: object): string {
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(",")}}`;
}
