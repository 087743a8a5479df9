/** docs/audit.md, its JSON Schema and the code name the same events and members. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type AuditSchema, auditFault, auditSchema } from "../server/support/audit-schema.js";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const BASE = ["v", "seq", "at", "type", "app", "policy", "enforced", "unsafeForTesting"];
const WHOSE = ["sid", "subject"];

const typesInCode = (): readonly string[] => {
  const [, union = ""] =
    /export type AuditType =([^;]*);/.exec(read("src/server/audit/audit-record.ts")) ?? [];
  return [...union.matchAll(/"(\w+)"/g)].map(([, type = ""]) => type);
};

test("the schema has each type of the code, and no other", () => {
  expect(auditSchema.oneOf.map(({ title }) => title).sort()).toEqual([...typesInCode()].sort());
});

test("the page has a row for each type, with its members", () => {
  const page = read("docs/audit.md");
  for (const { title, properties, required } of auditSchema.oneOf) {
    const row = page.split("\n").find((line) => line.startsWith(`| \`${title}\` |`)) ?? "";
    const [session, members = ""] = row.split(" | ").slice(2);
    const told = Object.keys(properties)
      .filter((name) => ![...BASE, ...WHOSE].includes(name))
      .map((name) => (required.includes(name) ? `\`${name}\`` : `(\`${name}\`)`));
    expect([title, session, members.replace(/ \|$/, "")]).toEqual([
      title,
      required.includes("sid") ? "yes" : "sid" in properties ? "some" : "no",
      told.join(", ") || "none",
    ]);
  }
});

test("the page says what each member is", () => {
  const [, meanings = ""] = read("docs/audit.md").split("## What the members are");
  const names = new Set(auditSchema.oneOf.flatMap(({ properties }) => Object.keys(properties)));
  const own = [...names].filter((name) => ![...BASE, ...WHOSE].includes(name));
  expect(own.filter((name) => !meanings.includes(`\`${name}\``))).toEqual([]);
});

test("operations.md says of each type what to do", () => {
  const [, events = ""] = read("docs/operations.md").split("## What each event means");
  expect(typesInCode().filter((type) => !events.includes(`\`${type}\``))).toEqual([]);
});

const closed = { v: 1, at: "2026-01-01T00:00:00.000Z", type: "audit_closed", app: "app", policy: "p" };

test.each<[string, object]>([
  ["a member that the page does not name", { ...closed, cookie: "x" }],
  ["a type that nobody knows", { ...closed, type: "audit_opened" }],
  ["an instant in another spelling", { ...closed, at: "2026-01-01T00:00:00Z" }],
  ["a session without its subject", { ...closed, type: "session_denied", code: "c", sid: "s" }],
  ["a missing member", { ...closed, type: "clock_stepped" }],
])("a record with %s does not hold", (_what, record) => {
  expect(auditFault(closed)).toBeNull();
  expect(auditFault(record)).not.toBeNull();
});

test("the schema is of the draft that it names", () => {
  const { $schema }: AuditSchema = auditSchema;
  expect($schema).toBe("http://json-schema.org/draft-07/schema#");
});
