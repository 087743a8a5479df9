import { expect, test } from "vitest";
import { explainPolicy } from "../../src/server/policy/explain.js";
import { readPolicy } from "../../src/server/policy/policy.js";

const FULL = {
  name: "bank",
  preset: "pci-dss-8.2.8",
  justification: "the risk register, entry 7",
  media: "0.5m",
  idle: "10m",
  maxSessions: 3,
  onLimit: "end-oldest",
  standards: ["wcag-2.2.1"],
  rules: [
    {
      name: "night shift",
      roles: ["night", "guard"],
      attributes: { floor: 2, desk: "door" },
      absolute: "13h",
      relax: true,
      justification: "nobody relieves them",
    },
    { routes: ["/admin/**"], networks: ["10.0.0.0/8"], idle: "5m", fresh: "90m" },
    { routes: ["/admin/**"], requireRoles: ["admin", "auditor"] },
  ],
};

test("a policy is explained in full", () => {
  const policy = readPolicy(FULL);
  expect(explainPolicy(policy)).toBe(`Policy "bank"

Times
  idle          10m, the longest time without activity
  absolute      12h, the longest time since authentication
  warning       2m before the end
  heartbeat     every 1m at most while there is activity
  bindWithin    1m after authentication
  preset        pci-dss-8.2.8. PCI DSS v4, requirement 8.2.8: reauthentication after more than 15 minutes of inactivity. The requirement names no overall limit; 12 hours are a choice.
  justification "the risk register, entry 7"

Activity
  The warning is answered by its button only.
  A browser that says it is automated is marked in the audit trail.
  A session without a key is extended by nothing.
  Playing media is activity for at most 30s after the last input.

An end elsewhere
  A page in sight learns of it within 10s by a stream; where no stream stands it asks within a minute.

Sign-in after an end by time
  Only an authentication since that end is taken, by whole seconds; the provider's clock may be 5s behind.
  Every end of the subject's counts that is not known to be another browser's.

Rules
  Of the rules that match a session the strictest number wins.
  A path that no pattern matches is held to the strictest of all rules with routes.
  Where several rules that require roles match a path, one role of each is needed.
  1. "night shift" relaxes the policy
     roles         "night" or "guard"
     attributes    "desk" = "door" and "floor" = 2
     absolute      13h
     justification "nobody relieves them"
  2. rules[1] tightens the policy
     routes        "/admin/**"
     networks      "10.0.0.0/8"
     idle          5m
     fresh         90m
     justification no justification given (ASVS 7.1.1 asks for one)
  3. rules[2] tightens the policy
     routes        "/admin/**"
     requireRoles  "admin" or "auditor"
     justification no justification given (ASVS 7.1.1 asks for one)

Sessions of one subject
  At most 3 at a time; a further sign-in ends the oldest.

Standards
  pci-dss-8.2.8: holds. PCI DSS v4 8.2.8: reauthentication after more than 15 minutes of inactivity.
  wcag-2.2.1: holds. WCAG 2.2 SC 2.2.1: a warning of at least 20 seconds with a simple answer, and ten extensions before the end.

Enforcement
  Enforced.

Fingerprint
  ${policy.fingerprint} (SHA-256 of the canonical JSON)
`);
});

test("the same policy gives the same bytes, however it was written", () => {
  const [night, ...others] = FULL.rules;
  const rules = [{ ...night, attributes: { desk: "door", floor: 2 } }, ...others];
  expect(explainPolicy(readPolicy({ ...FULL, rules, idle: "600s", media: "30s" }))).toBe(
    explainPolicy(readPolicy(FULL)),
  );
});

test("a policy that says little says so", () => {
  const text = explainPolicy(readPolicy({ idle: "15m", absolute: "12h" }));
  expect(text).toContain("justification no justification given (ASVS 7.1.1 asks for one)");
  expect(text).toContain("Rules\n  none");
  expect(text).toContain("Sessions of one subject\n  Any number at a time.");
  expect(text).toContain("Standards\n  none chosen");
  expect(text).toContain("preset        none");
  expect(text).not.toContain("UNSAFE");
});

test("what is not enforced, and what is not safe, stands in capitals", () => {
  const policy = { idle: "4s", absolute: "1m", warning: "2s", unsafeForTesting: true };
  const text = explainPolicy(
    readPolicy({ ...policy, enforce: false, enforceFrom: "2027-01-31T08:00:00+01:00" }),
  );
  expect(text).toContain("OBSERVE ONLY until 2027-01-31T07:00:00.000Z");
  expect(text).toContain("UNSAFE FOR TESTING: THE LOWER BOUNDS ARE LIFTED. NOT FOR PRODUCTION.");
});

test("a limit that denies says that it does", () => {
  const text = explainPolicy(readPolicy({ idle: "15m", absolute: "12h", maxSessions: 1 }));
  expect(text).toContain("At most 1 at a time; a further sign-in is refused.");
});

test("a policy changed after it was read is told as broken", () => {
  const policy = { ...readPolicy({ preset: "psd2" }), idleTimeout: 360_000 };
  expect(explainPolicy(policy)).toContain("psd2: BROKEN.");
  expect(explainPolicy(policy)).toContain("policy.idle (6m) breaks RTS (EU) 2018/389");
});

test("a text of the configuration stays on its line", () => {
  const text = explainPolicy(
    readPolicy({ name: "a\nStandards\n  psd2: holds", idle: "15m", absolute: "12h" }),
  );
  expect(text.split("\n")[0]).toBe('Policy "a\\nStandards\\n  psd2: holds"');
});

test("what is no policy that was read is refused in words that say what to write", () => {
  for (const wrong of [5, null, undefined, "bank", { idle: "15m", absolute: "12h" }])
    expect(() => Reflect.apply(explainPolicy, undefined, [wrong])).toThrow(
      'write for example explainPolicy(readPolicy({ idle: "15m", absolute: "12h" }))',
    );
});
