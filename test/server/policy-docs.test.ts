import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readPolicy } from "../../src/server/policy/policy.js";
import { presets } from "../../src/server/policy/presets.js";
import { resolveTimeouts, type SessionContext } from "../../src/server/policy/resolve.js";
import { standards } from "../../src/server/policy/standards.js";

const text = readFileSync("docs/policy.md", "utf8");
/** The rows of the tables, as their cells without code marks. */
const rows = [...text.matchAll(/^\| (.+) \|$/gm)].map(([, row = ""]) => row.replaceAll("`", "").split(" | "));
const examples = [...text.matchAll(/^const policy = (\{[\s\S]*?\n?\});$/gm)].map(
  ([, literal = ""]): unknown => new Function(`return ${literal}`)(),
);

test("every policy in the page starts", () => {
  expect(examples).toHaveLength(3);
  for (const example of examples) expect(() => readPolicy(example)).not.toThrow();
});

test("the page names every key of a policy, and no other", () => {
  const refusal = () => readPolicy({ idle: "15m", absolute: "12h", another: 1 });
  const known = /known keys: (.*)$/.exec(messageOf(refusal))?.[1]?.split(", ") ?? [];
  const start = rows.findIndex(([cell]) => cell === "key");
  const end = rows.findIndex(([cell]) => cell === "selector");
  const named = rows.slice(start + 2, end).flatMap(([cell = ""]) => cell.split(", "));
  expect(named.sort()).toEqual([...known].sort());
});

test("the page names every standard and every preset, with its numbers", () => {
  for (const id of Object.keys(standards))
    expect(rows.filter(([cell]) => cell === id).length).toBeGreaterThan(0);
  for (const [id, { policy }] of Object.entries(presets))
    expect(rows).toContainEqual([id, policy.idle, policy.absolute, expect.any(String)]);
});

const NOBODY: SessionContext = { roles: [], attributes: {}, networks: [] };
const inside = { ...NOBODY, networks: ["10.20.0.0/16"] };
const external = { contract: "external" };

test.each<[string, SessionContext]>([
  ["a clerk", NOBODY],
  ["a teller", { ...NOBODY, roles: ["teller"] }],
  ["a display on 10.20.3.4", { ...inside, roles: ["display"] }],
  ["a display on another network", { ...NOBODY, roles: ["display"] }],
  ["an external teller", { ...NOBODY, roles: ["teller"], attributes: external }],
  ["an external display on 10.20.3.4", { ...inside, roles: ["display"], attributes: external }],
])("of %s the page tells what is so", (who, context) => {
  const [, idle, absolute] = rows.find(([cell]) => cell === who) ?? [];
  const { idleTimeout, absoluteTimeout } = resolveTimeouts(readPolicy(examples[1]), context);
  const told = readPolicy({ idle: String(idle), absolute: String(absolute) });
  expect({ idleTimeout, absoluteTimeout }).toEqual({
    idleTimeout: told.idleTimeout,
    absoluteTimeout: told.absoluteTimeout,
  });
});

function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return error instanceof Error ? error.message : "";
  }
  return "";
}
