/** Header names that a browser makes up, and what an app reads of them. */
import { expect } from "vitest";

/** Each makes one variable with a name of Curfew's, in WSGI or (with a dot) in PHP. */
export const FORGED: readonly (readonly [string, string])[] = [
  ["Curfew-Subject", "root"],
  ["Curfew_Subject", "root"],
  ["curfew_subject", "root"],
  ["CURFEW_SUBJECT", "root"],
  ["Curfew.Subject", "root"],
  ["Curfew-Roles", "admin"],
  ["Curfew_Roles", "admin"],
  ["cURFEW_rOLES", "admin"],
  ["Curfew_Sid", "x"],
  ["Curfew_Expires_At", "9"],
  ["Curfew-Expires_At", "9"],
  ["Curfew_Expires-At", "9"],
  ["Curfew_Status", "204"],
  ["Curfew-Session", "active"],
  ["Curfew_Session", "active"],
  ["X_Original_URI", "/login"],
  ["X-Original_URI", "/login"],
  ["X-Original-URI", "/login"],
  ["X_Forwarded_For", "203.0.113.7"],
  ["X-Forwarded_For", "203.0.113.7"],
  ["X_Forwarded-For", "203.0.113.7"],
  ["X_Forwarded_Host", "evil.example"],
  ["X_Forwarded_Proto", "gopher"],
];
const NAMED = /^HTTP_(CURFEW|X_ORIGINAL|X_FORWARDED)_/;

/** What the app reads under names of Curfew's, as PHP folds them. */
export function namedIn(body: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const entries = Object.entries(Object(body.environ) as Record<string, string>);
  const folded = entries.map(([name, value]) => [name.replace(/[^A-Z0-9]/g, "_"), value] as const);
  const named = folded.filter(([name]) => NAMED.test(name));
  expect(new Set(named.map(([name]) => name)).size, "two headers of one name").toBe(named.length);
  return Object.fromEntries(named);
}
