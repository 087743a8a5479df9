import { expect, test } from "vitest";
import { ConfigurationError } from "../../src/server/platform/errors.js";
import { readPolicy } from "../../src/server/policy/policy.js";

const GOOD = { idle: "15m", absolute: "12h", warning: "2m" };
const withRule = (...rules: readonly unknown[]) => ({ ...GOOD, rules });
const roles = ["clerk"];

function refusalOf(policy: unknown): string {
  try {
    readPolicy(policy);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
  return "no refusal";
}

test.each<[string, unknown, RegExp]>([
  [
    "an unknown preset",
    { preset: "pci" },
    /^policy\.preset is "pci"; known presets: pci-dss-8\.2\.8, nist-aal2/,
  ],
  ["the name of a built-in as preset", { preset: "constructor" }, /known presets: pci-dss-8\.2\.8/],
  [
    "an unknown standard",
    { ...GOOD, standards: ["pci"] },
    /^policy\.standards\.0 is "pci"; known standards: pci-dss-8\.2\.8, disa-asd-user, disa-asd-admin, nist-aal2, nist-aal3, psd2, hipaa, owasp-high-value, wcag-2\.2\.1$/,
  ],
  ["one standard in place of a list", { ...GOOD, standards: "psd2" }, /policy\.standards must be a list/],
  ["rules that are no list", { ...GOOD, rules: {} }, /policy\.rules must be a list, such as \[\{ roles/],
  [
    "observing without an end",
    { ...GOOD, enforce: false },
    /policy\.enforceFrom is missing; observing needs an end/,
  ],
  [
    "an end of observing that observes nothing",
    { ...GOOD, enforceFrom: "2027-01-31" },
    /policy\.enforceFrom goes with enforce: false/,
  ],
  [
    "an end of observing while it enforces",
    { ...GOOD, enforce: true, enforceFrom: "2027-01-31" },
    /policy\.enforceFrom goes with enforce: false/,
  ],
  ...[
    "soon",
    "2027-02-30",
    "2027-13-01",
    "31.01.2027",
    "2027-01-31T08:00:00",
    "2027-01-31T25:00:00Z",
    "",
  ].map((enforceFrom): [string, unknown, RegExp] => [
    `"${enforceFrom}" for an instant`,
    { ...GOOD, enforce: false, enforceFrom },
    /policy\.enforceFrom is ".*"; write a date, such as "2027-01-31", or an instant with its zone/,
  ]),
  ["half a session", { ...GOOD, maxSessions: 1.5 }, /policy\.maxSessions must be a whole number/],
  ["no session at all", { ...GOOD, maxSessions: 0 }, /policy\.maxSessions must be at least 1/],
  ["a text of sessions", { ...GOOD, maxSessions: "3" }, /policy\.maxSessions must be a number of sessions/],
  [
    "a limit's answer without a limit",
    { ...GOOD, onLimit: "deny" },
    /policy\.onLimit says what happens at maxSessions/,
  ],
  [
    "an unknown answer to the limit",
    { ...GOOD, maxSessions: 1, onLimit: "evict" },
    /policy\.onLimit must be "deny" or "end-oldest"/,
  ],
  [
    "a wrong withoutScript",
    { ...GOOD, withoutScript: "always" },
    /policy\.withoutScript must be "never" or "navigation"/,
  ],
  [
    "a wrong staleSignIn",
    { ...GOOD, staleSignIn: "never" },
    /policy\.staleSignIn must be "subject" or "browser"/,
  ],
  ["no idpSkew at all", { ...GOOD, idpSkew: "0s" }, /policy\.idpSkew is "0s"; a duration must be longer/],
  [
    "half a second of idpSkew",
    { ...GOOD, idpSkew: "500ms" },
    /policy\.idpSkew is 500ms; write whole seconds, at most a minute, such as "5s"/,
  ],
  ["over a minute of idpSkew", { ...GOOD, idpSkew: "61s" }, /policy\.idpSkew is 61s; write whole seconds/],
  [
    "an idpSkew that reaches back over idle",
    { ...GOOD, idle: "50s", warning: "25s", idpSkew: "50s" },
    /policy\.idpSkew \(50s\) must be shorter than policy\.idle \(50s\)/,
  ],
  ["media without a unit", { ...GOOD, media: "30" }, /policy\.media is "30"; write a duration with its unit/],
  ["an empty justification", { ...GOOD, justification: "" }, /policy\.justification must not be empty/],
])("a policy with %s is refused with what to write", (_name, policy, message) => {
  expect(refusalOf(policy)).toMatch(message);
});

test.each<[string, unknown, RegExp]>([
  ["that is no object", "admin", /^policy\.rules\[0\] must be an object, such as \{ roles: \["admin"\]/],
  [
    "with an unknown key",
    { roles, idel: "5m" },
    /^policy\.rules\[0\] has an unknown key "idel"; known keys: name, roles/,
  ],
  [
    "with no selector",
    { idle: "5m" },
    /policy\.rules\[0\] names no selector; write roles, attributes, routes or networks/,
  ],
  [
    "with an empty list of roles",
    { roles: [], idle: "5m" },
    /policy\.rules\[0\]\.roles must name at least one/,
  ],
  ["with one role in place of a list", { roles: "clerk", idle: "5m" }, /rules\[0\]\.roles must be a list/],
  [
    "with no attribute",
    { attributes: {}, idle: "5m" },
    /rules\[0\]\.attributes must be pairs of a name and a text/,
  ],
  ["with a list for attributes", { attributes: ["a"], idle: "5m" }, /rules\[0\]\.attributes must be pairs/],
  [
    "with an attribute within an attribute",
    { attributes: { a: {} }, idle: "5m" },
    /attributes must be pairs/,
  ],
  ["with NaN for an attribute", { attributes: { a: Number.NaN }, idle: "5m" }, /attributes must be pairs/],
  ["that says nothing", { roles }, /policy\.rules\[0\] says nothing; write idle or absolute/],
  ["with a wrong duration", { roles, idle: 5 }, /policy\.rules\[0\]\.idle is 5; write a duration as text/],
  [
    "with a duration that no timer holds",
    { roles, idle: "25d" },
    /rules\[0\]\.idle is "25d"; the longest duration/,
  ],
  [
    "that is looser in idle",
    { roles, idle: "30m" },
    /^policy\.rules\[0\]\.idle \(30m\) is longer than policy\.idle \(15m\); write idle: "15m" or less, or relax: true/,
  ],
  [
    "that is looser in absolute",
    { roles, absolute: "13h" },
    /rules\[0\]\.absolute \(13h\) is longer than policy\.absolute/,
  ],
  [
    "whose route is looser",
    { routes: ["/a"], idle: "30m" },
    /rules\[0\]\.idle \(30m\) is longer than policy\.idle \(15m\); .* as a route can only tighten/,
  ],
  [
    "that relaxes a route",
    { routes: ["/wall"], idle: "10m", relax: true },
    /a route can only tighten, as a session has one deadline in all its tabs; relax by role, attribute or network/,
  ],
  ["that relaxes nothing", { roles, idle: "15m", relax: true }, /policy\.rules\[0\] relaxes nothing/],
  [
    "that relaxes and tightens",
    { roles, idle: "5m", absolute: "20h", relax: true },
    /rules\[0\]\.idle \(5m\) is shorter than policy\.idle \(15m\), and the rule relaxes/,
  ],
  [
    "that relaxes idle beyond the policy's absolute",
    { roles, idle: "13h", relax: true },
    /policy\.rules\[0\]\.idle \(13h\) is longer than policy\.absolute \(12h\); write a longer absolute in the rule too/,
  ],
  [
    "whose absolute is under the policy's idle",
    { roles, absolute: "10m" },
    /^policy\.idle \(15m\) is longer than policy\.rules\[0\]\.absolute \(10m\); write an idle of 10m or less in the rule too$/,
  ],
  [
    "whose idle is longer than its absolute",
    { roles, idle: "10m", absolute: "5m" },
    /rules\[0\]\.idle \(10m\) is longer than policy\.rules\[0\]\.absolute \(5m\); make idle the shorter one/,
  ],
  [
    "whose idle leaves no room for a warning",
    { roles, idle: "26s" },
    /leaves no room for a warning.*write idle: "27s"/,
  ],
  [
    "with a short warning",
    { roles, idle: "5m", warning: "24s" },
    /rules\[0\]\.warning \(24s\) is under 25s.*WCAG 2\.2\.1/,
  ],
  [
    "with a long warning",
    { roles, idle: "5m", warning: "5m" },
    /rules\[0\]\.warning \(5m\) must be shorter than/,
  ],
  [
    "with a long heartbeat",
    { roles, idle: "5m", heartbeat: "2m" },
    /rules\[0\]\.heartbeat \(2m\) is too long/,
  ],
  [
    "with a short heartbeat",
    { roles, idle: "5m", heartbeat: "500ms" },
    /rules\[0\]\.heartbeat \(500ms\) is under 1s/,
  ],
  [
    "with a warning and no idle",
    { roles, absolute: "8h", warning: "1m" },
    /warning goes with the rule's own idle/,
  ],
  ["with a heartbeat and no idle", { roles, heartbeat: "5s" }, /heartbeat goes with the rule's own idle/],
  ["with a warning on a route", { routes: ["/a"], warning: "1m" }, /warning is of a whole session/],
  [
    "with requireRoles and no route",
    { roles, requireRoles: ["admin"] },
    /rules\[0\]\.requireRoles is asked for by routes; write routes: \["\/\*\*"\]/,
  ],
  [
    "with requireRoles as a text",
    { routes: ["/a"], requireRoles: "admin" },
    /requireRoles must be a list, such as \["admin"\]/,
  ],
  [
    "with requireRoles that names none",
    { routes: ["/a"], requireRoles: [] },
    /requireRoles must name at least one/,
  ],
  ["with requireRoles of an empty role", { routes: ["/a"], requireRoles: [""] }, /must not be empty/],
  [
    "with require",
    { routes: ["/a"], require: ["admin"] },
    /unknown key "require".*did you mean "requireRoles"/,
  ],
  [
    "with requireRoles and roles",
    { routes: ["/a"], roles, requireRoles: ["admin"] },
    /rules\[0\] has requireRoles and roles, so whoever roles leaves out would pass; leave roles out/,
  ],
  [
    "with requireRoles and attributes",
    { routes: ["/a"], attributes: { desk: "cash" }, requireRoles: ["admin"] },
    /has requireRoles and attributes/,
  ],
  [
    "with requireRoles and networks",
    { routes: ["/a"], networks: ["10.0.0.0/8"], requireRoles: ["admin"] },
    /has requireRoles and networks/,
  ],
  [
    "with fresh and no route",
    { roles, fresh: "5m" },
    /rules\[0\]\.fresh is asked for by routes; write routes: \["\/\*\*"\]/,
  ],
  [
    "whose route allows no two heartbeats",
    { routes: ["/a"], idle: "119s" },
    /under two heartbeats of 1m.*idle: "2m" or more/,
  ],
  [
    "with a pattern without a slash",
    { routes: ["admin"] },
    /routes\.0 is "admin", which must begin with a slash/,
  ],
  ["with an open bracket", { routes: ["/[a"] }, /routes\.0 is "\/\[a", which is no pattern: Missing closing/],
  ["with an encoded pattern", { routes: ["/a%20b"] }, /which must be the path as it reads after decoding/],
  [
    "with a parameter in a pattern",
    { routes: ["/a;b"] },
    /which must be the path as it reads after decoding/,
  ],
  [
    "with a dot segment in a pattern",
    { routes: ["/a/../b"] },
    /which must be the path as it reads after decoding/,
  ],
  ["with parentheses in a pattern", { routes: ["/(a|b)"] }, /which has parentheses; write a route for each/],
  ["with a pattern of many stars", { routes: ["/**/a/**/b/**"] }, /which has more than two \*\*/],
  ...[
    "10.0.0.0/33",
    "10/8",
    "0.0.0.0/0",
    "10.0.0.0/8/8",
    "2001:db8::/129",
    "example.test",
    "fe80::1%eth0",
    "",
  ].map((network): [string, unknown, RegExp] => [
    `with the network "${network}"`,
    { networks: [network], idle: "5m" },
    /networks\.0 is ".*"; write an address or a network, such as "10\.0\.0\.0\/8"/,
  ]),
  ["with a word for relax", { roles, idle: "5m", relax: "yes" }, /rules\[0\]\.relax must be true or false/],
  [
    "with the name of a place",
    { name: "rules[4]", roles, idle: "5m" },
    /"rules\[4\]" is what a rule without a name is called/,
  ],
])("a rule %s is refused with what to write", (_name, rule, message) => {
  expect(refusalOf(withRule(rule))).toMatch(message);
});

test("two rules of one name are refused", () => {
  const rule = { name: "desk", roles, idle: "5m" };
  expect(refusalOf(withRule(rule, { ...rule, idle: "6m" }))).toBe(
    'policy.rules[1].name "desk" is the name of policy.rules[0] too; give each rule a name of its own',
  );
});

test("every mistake is told at once, one a line", () => {
  const keys = refusalOf({ ...GOOD, idle: 15, maxSessions: 0, rules: [{ roles, idle: 5 }, { rolls: 1 }] });
  expect(keys.split("\n")).toEqual([
    expect.stringMatching(/^policy\.idle is 15/),
    expect.stringMatching(/^policy\.maxSessions must be/),
    expect.stringMatching(/^policy\.rules\[0\]\.idle is 5/),
    expect.stringMatching(/^policy\.rules\[1\] has an unknown key "rolls"/),
  ]);
  const meaning = refusalOf({
    idle: "30m",
    absolute: "12h",
    warning: "10s",
    onLimit: "deny",
    standards: ["pci-dss-8.2.8"],
    rules: [{ idle: "5m" }],
  });
  expect(meaning.split("\n")).toEqual([
    expect.stringMatching(/^policy\.warning \(10s\)/),
    expect.stringMatching(/^policy\.onLimit/),
    expect.stringMatching(/^policy\.rules\[0\] names no selector/),
    expect.stringMatching(/^policy\.idle \(30m\) breaks PCI DSS v4 8\.2\.8/),
  ]);
});

test("a message tells durations exactly", () => {
  expect(
    refusalOf({ ...GOOD, idle: "90m", absolute: "5400001ms", rules: [{ roles, idle: "90001s" }] }),
  ).toMatch(/rules\[0\]\.idle \(90001s\) is longer than policy\.idle \(90m\)/);
});
