import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { edgesOf } from "../../src/server/platform/networks.js";
import { comparePolicies } from "../../src/server/policy/difference.js";
import { readPolicy } from "../../src/server/policy/policy.js";
import type { Policy, PolicyOptions, RuleOptions } from "../../src/server/policy/policy.types.js";
import { resolveRoute, resolveTimeouts } from "../../src/server/policy/resolve.js";
import { networksOf } from "../../src/server/policy/rule-networks.js";

const GOOD = { idle: "15m", absolute: "12h" };
const differences = (first: Partial<PolicyOptions>, second: Partial<PolicyOptions>) =>
  comparePolicies(readPolicy({ ...GOOD, ...first }), readPolicy({ ...GOOD, ...second }));
const short = (first: Partial<PolicyOptions>, second: Partial<PolicyOptions>) =>
  differences(first, second).map(({ effect, key, from, to }) => `${effect} ${key} ${from} → ${to}`);

test("two policies that give everybody the same differ in nothing, however they are written", () => {
  const first = { rules: [{ name: "tellers", roles: ["teller", "cashier"], idle: "300s" }] };
  const second = {
    name: "another",
    justification: "why",
    standards: ["pci-dss-8.2.8" as const],
    rules: [
      { roles: ["cashier"], idle: "5m" },
      { roles: ["teller"], idle: "5m" },
    ],
  };
  expect(differences(first, second)).toEqual([]);
});

test("a longer time is looser and a shorter one stricter, for whom it is so", () => {
  const teller = { roles: ["teller"], idle: "5m", warning: "2m" };
  const found = differences({ rules: [teller] }, { rules: [{ ...teller, idle: "10m" }], absolute: "8h" });
  expect(found).toContainEqual({
    effect: "looser",
    key: "idle",
    from: "5m",
    to: "10m",
    cases: ['role "teller" from 203.0.113.1'],
  });
  expect(found).toContainEqual(
    expect.objectContaining({ effect: "stricter", key: "absolute", from: "12h", to: "8h" }),
  );
});

describe("a difference that shows only", () => {
  test.each<[string, Partial<PolicyOptions>, Partial<PolicyOptions>, string]>([
    [
      "for somebody with two roles",
      { rules: [{ roles: ["wall"], idle: "2h", relax: true }] },
      {
        rules: [
          { roles: ["wall"], idle: "2h", relax: true },
          { roles: ["wall"], attributes: { floor: 1 }, idle: "5m" },
        ],
      },
      "stricter idle 2h → 5m",
    ],
    [
      "outside of a network within another one",
      { rules: [{ networks: ["10.0.0.0/8"], idle: "5m" }] },
      { rules: [{ networks: ["10.0.0.0/9"], idle: "5m" }] },
      "looser idle 5m → 15m",
    ],
    [
      "where nobody knows the address",
      { rules: [{ networks: ["10.0.0.0/8"], idle: "5m" }] },
      { rules: [] },
      "looser idle 5m → 15m",
    ],
    [
      "on a path that two patterns match",
      { rules: [{ routes: ["/**"] }, { routes: ["/*/keys"], fresh: "1m" }] },
      { rules: [{ routes: ["/**"] }, { routes: ["/{admin,x}/keys"], fresh: "1m" }] },
      "looser fresh 1m → none",
    ],
    [
      "by a role that is asked for no more",
      { rules: [{ routes: ["/**"] }, { routes: ["/admin/**"], requireRoles: ["admin"] }] },
      { rules: [{ routes: ["/**"] }, { routes: ["/admin/**"], requireRoles: ["admin", "auditor"] }] },
      "looser requireRoles admin → admin or auditor",
    ],
    ["by what else the policy says", { media: "5m" }, { media: "10m" }, "looser media 5m → 10m"],
    [
      "by less time to answer",
      { warning: "2m", heartbeat: "30s" },
      { warning: "1m", heartbeat: "30s" },
      "looser warning 2m → 1m",
    ],
  ])("%s is found", (_where, first, second, expected) => {
    expect(short(first, second)).toContain(expected);
  });
});

test("rules that make too many cases are refused, not compared in part", () => {
  const rules = Array.from({ length: 90 }, (_, at) => ({ roles: [`r${at}`], idle: "2h", relax: true }));
  expect(() => differences({ rules }, { rules })).toThrow(/90 *|cases, and 200000 are compared at most/);
});

const ROLES = ["a", "b", "c"];
const ADDRESSES = ["10.0.0.5", "10.1.2.3", "10.1.9.9", "172.16.0.1", "8.8.8.8", "2001:db8::5"];
const PATHS = [
  "/",
  "/x",
  "/admin",
  "/keys",
  "/other",
  "/admin/keys",
  "/x/keys",
  "/xy/keys",
  "/x/edit",
  "/edit",
].concat([
  "/admin/edit",
  "/admin/z",
  "/a/keys",
  "/a/b/keys",
  "/a/b/edit",
  "/admin/a/keys",
  "/x/a/edit",
  "/a/b",
]);

const someOf = <T>(values: readonly T[]) =>
  fc.subarray([...values], { minLength: 1, maxLength: 2 }) as fc.Arbitrary<T[]>;
const tightening = fc.record(
  {
    roles: someOf(ROLES),
    attributes: fc.constantFrom({ k: 1 }, { k: 2 }, { k: 1, l: "x" }),
    networks: someOf(["10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "uniquelocal", "2001:db8::/32"]),
    idle: fc.constantFrom("5m", "8m", "10m"),
    absolute: fc.constantFrom("4h", "6h"),
  },
  { requiredKeys: ["idle"] },
);
const relaxing = fc.record(
  {
    roles: someOf(ROLES),
    attributes: fc.constantFrom({ k: 1 }, { l: "x" }),
    networks: someOf(["10.0.0.0/8", "10.1.2.0/24"]),
    idle: fc.constantFrom("1h", "2h"),
    absolute: fc.constantFrom("20h", "24h"),
    relax: fc.constant(true),
  },
  { requiredKeys: ["idle", "relax", "roles"] },
);
const routed = fc.record(
  {
    roles: someOf(ROLES),
    routes: someOf(["/admin/**", "/*/keys", "/**/edit", "/{admin,x}/**", "/**", "/x*/keys"]),
    fresh: fc.constantFrom("5m", "10m"),
    idle: fc.constantFrom("4m", "6m"),
  },
  { requiredKeys: ["routes", "fresh"] },
);
const required = fc.record({
  routes: someOf(["/admin/**", "/**/keys", "/x"]),
  requireRoles: someOf(ROLES),
});
const policies = fc
  .array(fc.oneof(tightening, relaxing, routed, required), { maxLength: 5 })
  .map((rules) => {
    try {
      return readPolicy({ ...GOOD, heartbeat: "30s", rules: rules as readonly RuleOptions[] });
    } catch {
      return null;
    }
  })
  .filter((policy) => policy !== null);

/** Everybody, from everywhere, on every path: one after the other. */
function byForce(first: Policy, second: Policy): { looser: boolean; stricter: boolean } {
  const found = { looser: false, stricter: false };
  const note = (from: number, to: number) => {
    if (to > from) found.looser = true;
    if (to < from) found.stricter = true;
  };
  const attributes = [{}, { k: 1 }, { k: 2 }, { l: "x" }, { k: 1, l: "x" }, { k: 2, l: "x" }];
  const origins = [
    ...ADDRESSES.flatMap((address) => [false, true].map((isRelayed) => ({ address, isRelayed }))),
    { address: null, isRelayed: false },
  ];
  for (let chosen = 0; chosen < 2 ** ROLES.length; chosen++)
    for (const attribute of attributes)
      for (const { address, isRelayed } of origins) {
        const roles = ROLES.filter((_, at) => ((chosen >> at) & 1) === 1);
        const context = (policy: Policy) => ({
          roles,
          attributes: attribute as Readonly<Record<string, string | number>>,
          networks: networksOf(policy, address, isRelayed),
        });
        const [a, b] = [resolveTimeouts(first, context(first)), resolveTimeouts(second, context(second))];
        note(a.idleTimeout, b.idleTimeout);
        note(a.absoluteTimeout, b.absoluteTimeout);
        note(-a.warningPeriod, -b.warningPeriod);
        note(a.heartbeatInterval, b.heartbeatInterval);
      }
  // Of people the routes' rules see the roles alone.
  for (let chosen = 0; chosen < 2 ** ROLES.length; chosen++)
    for (const path of PATHS) {
      const roles = ROLES.filter((_, at) => ((chosen >> at) & 1) === 1);
      const context = { roles, attributes: {}, networks: [] };
      const [x, y] = [resolveRoute(first, context, path), resolveRoute(second, context, path)];
      note(x.idleTimeout ?? Number.POSITIVE_INFINITY, y.idleTimeout ?? Number.POSITIVE_INFINITY);
      note(x.freshPeriod ?? Number.POSITIVE_INFINITY, y.freshPeriod ?? Number.POSITIVE_INFINITY);
      // Who may pass, of all sets of roles.
      const passes = (lists: readonly (readonly string[])[]) =>
        lists.every((list) => list.some((role) => roles.includes(role)));
      note(Number(passes(x.requiredRoles)), Number(passes(y.requiredRoles)));
    }
  return found;
}

test("1,000 random pairs of policies are told apart as by brute force over all roles, attributes, addresses and routes", async () => {
  await fc.assert(
    fc.asyncProperty(policies, policies, async (first, second) => {
      const found = comparePolicies(first, second);
      const forced = byForce(first, second);
      expect({
        looser: found.some(({ effect }) => effect === "looser"),
        stricter: found.some(({ effect }) => effect === "stricter"),
      }).toEqual(forced);
    }),
    { numRuns: 1_000 },
  );
});

test.each([
  ["10.1.2.0/23", ["10.1.2.0", "10.1.4.0"]],
  ["10.1.2.9", ["10.1.2.9", "10.1.2.10"]],
  ["10.255.255.0/24", ["10.255.255.0", "11.0.0.0"]],
  ["255.255.0.0/16", ["255.255.0.0"]],
  ["172.16.0.0/12", ["172.16.0.0", "172.32.0.0"]],
  ["2001:db8::/33", ["2001:db8::", "2001:db8:8000::"]],
])("the edges of %s are its first address and the first after it", (network, edges) => {
  expect(edgesOf(network)).toEqual(edges);
});
