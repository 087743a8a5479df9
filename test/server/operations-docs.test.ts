import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const textOf = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

test("the operations page says what each audit event means, and of none that there is not", () => {
  const source = textOf("src/server/audit/audit-record.ts");
  const union = /export type AuditType =([^;]+);/.exec(source)?.[1] ?? "";
  const types = [...union.matchAll(/"(\w+)"/g)].map(([, type]) => type);
  const [, section = ""] = textOf("docs/operations.md").split("\n## What each event means");
  const rows = section.split("\n").filter((line) => /^\| `[a-z_]+`/.test(line));
  const told = rows.flatMap((row) =>
    [...(row.split("|")[1] ?? "").matchAll(/`(\w+)`/g)].map(([, type]) => type),
  );
  const events = told.filter((type) => type !== undefined && /_/.test(type));
  expect(types.length).toBeGreaterThan(20);
  expect(new Set(events)).toEqual(new Set(types));
});
