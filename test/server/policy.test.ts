import { expect, test } from "vitest";
import { canonicalJson } from "../../src/server/policy/canonical-json.js";
import { readPolicy } from "../../src/server/policy/policy.js";
import type { PolicyOptions } from "../../src/server/policy/policy.types.js";
import { presets } from "../../src/server/policy/presets.js";

const GOOD = { idle: "15m", absolute: "12h" };

test("a policy that says nothing more is enforced, for any number of sessions, without exceptions", () => {
  expect(readPolicy(GOOD)).toMatchObject({
    rules: [],
    standards: [],
    justification: null,
    enforceFromAt: null,
    withoutScript: "never",
    mediaPeriod: 0,
    maxSessions: null,
    onLimit: "deny",
    preset: null,
  });
});

test("what is written is read, in milliseconds", () => {
  const policy = readPolicy({
    ...GOOD,
    media: "20m",
    maxSessions: 3,
    onLimit: "end-oldest",
    withoutScript: "navigation",
    justification: "the risk register says so",
    rules: [
      {
        name: "desk",
        roles: ["trader"],
        attributes: { floor: 2 },
        idle: "5m",
        warning: "1m",
        heartbeat: "20s",
      },
      { routes: ["/admin/**"], networks: ["10.0.0.0/8"], fresh: "5m", absolute: "1h", justification: "risk" },
    ],
  });
  expect(policy).toMatchObject({
    mediaPeriod: 1_200_000,
    maxSessions: 3,
    onLimit: "end-oldest",
    withoutScript: "navigation",
    justification: "the risk register says so",
  });
  expect(policy.rules).toEqual([
    {
      label: "desk",
      roles: ["trader"],
      attributes: { floor: 2 },
      routes: null,
      networks: null,
      idleTimeout: 300_000,
      absoluteTimeout: null,
      warningPeriod: 60_000,
      heartbeatInterval: 20_000,
      freshPeriod: null,
      relax: false,
      justification: null,
    },
    {
      label: "rules[1]",
      roles: null,
      attributes: null,
      routes: ["/admin/**"],
      networks: ["10.0.0.0/8"],
      idleTimeout: null,
      absoluteTimeout: 3_600_000,
      warningPeriod: null,
      heartbeatInterval: null,
      freshPeriod: 300_000,
      relax: false,
      justification: "risk",
    },
  ]);
});

test.each([
  ["2027-01-31", Date.UTC(2027, 0, 31)],
  ["2027-01-31T08:00:00Z", Date.UTC(2027, 0, 31, 8)],
  ["2027-01-31T00:30:00+01:00", Date.UTC(2027, 0, 30, 23, 30)],
])("a policy observes until %s", (enforceFrom, enforceFromAt) => {
  expect(readPolicy({ ...GOOD, enforce: false, enforceFrom }).enforceFromAt).toBe(enforceFromAt);
});

test.each(Object.keys(presets))("the preset %s starts, and is held to its standards", (preset) => {
  const policy = readPolicy({ preset });
  expect(policy).toMatchObject({ preset, standards: presets[preset]?.standards });
  expect(presets[preset]?.source).toMatch(/\S/);
});

test.each([
  ["nist-aal2-rev3", { idleTimeout: 1_800_000, absoluteTimeout: 43_200_000 }],
  ["nist-aal3", { idleTimeout: 900_000, absoluteTimeout: 43_200_000 }],
  ["psd2", { idleTimeout: 300_000 }],
  ["firm-broker", { idleTimeout: 900_000, absoluteTimeout: 43_200_000, standards: [] }],
  ["firm-privacy", { idleTimeout: 900_000, absoluteTimeout: 43_200_000, standards: [] }],
])("the preset %s fills in its numbers", (preset, numbers) => {
  expect(readPolicy({ preset })).toMatchObject(numbers);
});

test("a policy's own numbers win over its preset's, and the preset's standards still hold", () => {
  const own = { preset: "pci-dss-8.2.8", idle: "10m", warning: "1m", standards: ["wcag-2.2.1"] } as const;
  expect(readPolicy(own)).toMatchObject({
    idleTimeout: 600_000,
    absoluteTimeout: 43_200_000,
    warningPeriod: 60_000,
    standards: ["pci-dss-8.2.8", "wcag-2.2.1"],
  });
  expect(() => readPolicy({ ...own, idle: "16m", standards: [] })).toThrow(
    'policy.idle (16m) breaks PCI DSS v4 8.2.8 (at most 15m of inactivity); write idle: "15m" or less, or write idle and absolute in place of preset: "pci-dss-8.2.8"',
  );
});

const FULL = {
  ...GOOD,
  name: "bank",
  media: "1m",
  maxSessions: 2,
  onLimit: "deny",
  justification: "because",
  standards: ["wcag-2.2.1"],
  rules: [
    { roles: ["a", "b"], attributes: { desk: "x", floor: 1 }, idle: "5m" },
    { name: "wall", networks: ["10.0.0.0/8"], idle: "30m", relax: true, justification: "no input" },
    { routes: ["/admin/**"], fresh: "5m" },
  ],
} as const satisfies PolicyOptions;
const [clerk, wall, admin] = FULL.rules;

test("the fingerprint does not depend on the order of members, at any depth", () => {
  const backwards = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(backwards);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([name, member]) => [name, backwards(member)]),
    );
  };
  expect(readPolicy(backwards(FULL)).fingerprint).toBe(readPolicy(FULL).fingerprint);
  expect(readPolicy(FULL).fingerprint).toMatch(/^[\w-]{43}$/);
});

test("every change, however deep, changes the fingerprint", () => {
  const { onLimit: _limit, ...unanswered } = FULL;
  const changed: readonly unknown[] = [
    FULL,
    { ...FULL, name: "other" },
    { ...FULL, idle: "14m" },
    { ...FULL, absolute: "11h" },
    { ...FULL, warning: "30s" },
    { ...FULL, heartbeat: "20s" },
    { ...FULL, bindWithin: "30s" },
    { ...FULL, dismissWarning: "activity" },
    { ...FULL, automated: "refuse" },
    { ...FULL, withoutScript: "navigation" },
    { ...FULL, media: "2m" },
    { ...FULL, maxSessions: 3 },
    { ...FULL, onLimit: "end-oldest" },
    { ...FULL, justification: "for another reason" },
    { ...FULL, standards: [] },
    { ...FULL, enforce: false, enforceFrom: "2027-01-31" },
    { ...FULL, enforce: false, enforceFrom: "2027-02-01" },
    { ...FULL, staleSignIn: "browser" },
    { ...FULL, idpSkew: "6s" },
    { ...FULL, unsafeForTesting: true },
    { ...FULL, rules: [clerk, wall] },
    { ...FULL, rules: [wall, clerk, admin] },
    { ...FULL, rules: [{ ...clerk, roles: ["a"] }, wall, admin] },
    { ...FULL, rules: [{ ...clerk, attributes: { desk: "x", floor: 2 } }, wall, admin] },
    { ...FULL, rules: [{ ...clerk, attributes: { desk: "x", floor: "1" } }, wall, admin] },
    { ...FULL, rules: [{ ...clerk, warning: "30s" }, wall, admin] },
    { ...FULL, rules: [{ ...clerk, heartbeat: "10s" }, wall, admin] },
    { ...FULL, rules: [clerk, { ...wall, networks: ["10.0.0.0/9"] }, admin] },
    { ...FULL, rules: [clerk, { ...wall, justification: "another" }, admin] },
    { ...FULL, rules: [clerk, { ...wall, name: "screen" }, admin] },
    { ...FULL, rules: [clerk, wall, { ...admin, routes: ["/admin/*"] }] },
    { ...FULL, rules: [clerk, wall, { ...admin, fresh: "6m" }] },
    { ...FULL, rules: [clerk, wall, { ...admin, absolute: "5m" }] },
    { ...FULL, rules: [clerk, wall, admin, { routes: ["/a"], requireRoles: ["a"] }] },
    { ...FULL, rules: [clerk, wall, admin, { routes: ["/a"], requireRoles: ["a", "b"] }] },
  ];
  const fingerprints = changed.map((policy) => readPolicy(policy).fingerprint);
  expect(new Set(fingerprints).size).toBe(changed.length);
  expect(readPolicy(unanswered).fingerprint).toBe(fingerprints[0]);
});

test("a policy that requires no roles has the fingerprint that it had before there were any", () => {
  const rules = [{ routes: ["/admin/**"], fresh: "5m" }, { routes: ["/**"] }];
  expect(readPolicy({ idle: "15m", absolute: "12h", rules }).fingerprint).toBe(
    "Amib38KCIfkwhuedk0yMHNVIf9eXTj1JeMxr0B6LfIM",
  );
});

test("a preset's name is part of the fingerprint", () => {
  const { fingerprint } = readPolicy({ preset: "firm-broker" });
  expect(fingerprint).not.toBe(readPolicy({ preset: "firm-privacy" }).fingerprint);
});

test("canonical JSON is one text: sorted at every depth, without white space", () => {
  const value = { b: [{ z: 1, a: null }, "é\n"], a: { d: true, c: 1e21 }, "€": 1, "\r": 2, u: undefined };
  expect(canonicalJson(value)).toBe('{"\\r":2,"a":{"c":1e+21,"d":true},"b":[{"a":null,"z":1},"é\\n"],"€":1}');
  expect(() => canonicalJson({ a: [Number.NaN] })).toThrow("canonical JSON cannot carry NaN");
  expect(() => canonicalJson({ a: () => 1 })).toThrow(TypeError);
});
