import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ConfigurationError } from "../../src/server/platform/errors.js";
import { readPolicy } from "../../src/server/policy/policy.js";
import type { StandardId } from "../../src/server/policy/policy.types.js";
import { presets } from "../../src/server/policy/presets.js";
import { standards } from "../../src/server/policy/standards.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

interface Numbers {
  readonly idle?: number;
  readonly absolute?: number;
  readonly warning?: number;
}

function held(
  standard: StandardId,
  { idle = MINUTE, absolute = 8 * HOUR, warning }: Numbers,
  more: object = {},
) {
  const text = (duration: number) => `${duration}ms`;
  return () =>
    readPolicy({
      idle: text(idle),
      absolute: text(absolute),
      ...(warning === undefined ? {} : { warning: text(warning) }),
      standards: [standard],
      ...more,
    });
}

test.each<[StandardId, Numbers, Numbers, string]>([
  [
    "pci-dss-8.2.8",
    { idle: 15 * MINUTE },
    { idle: 15 * MINUTE + 1 },
    'policy.idle (900001ms) breaks PCI DSS v4 8.2.8 (at most 15m of inactivity); write idle: "15m" or less, or drop "pci-dss-8.2.8" from standards',
  ],
  [
    "nist-aal2",
    { idle: HOUR },
    { idle: HOUR + 1 },
    'policy.idle (3600001ms) breaks NIST SP 800-63B-4 2.2.3 (AAL2) (at most 1h of inactivity); write idle: "1h" or less, or drop "nist-aal2" from standards',
  ],
  [
    "nist-aal2",
    { absolute: 24 * HOUR },
    { absolute: 24 * HOUR + 1 },
    'policy.absolute (86400001ms) breaks NIST SP 800-63B-4 2.2.3 (AAL2) (at most 24h overall); write absolute: "24h" or less, or drop "nist-aal2" from standards',
  ],
  [
    "nist-aal3",
    { idle: 15 * MINUTE },
    { idle: 15 * MINUTE + 1 },
    'policy.idle (900001ms) breaks NIST SP 800-63B-4 2.3.3 (AAL3) (at most 15m of inactivity); write idle: "15m" or less, or drop "nist-aal3" from standards',
  ],
  [
    "nist-aal3",
    { absolute: 12 * HOUR },
    { absolute: 12 * HOUR + 1 },
    'policy.absolute (43200001ms) breaks NIST SP 800-63B-4 2.3.3 (AAL3) (at most 12h overall); write absolute: "12h" or less, or drop "nist-aal3" from standards',
  ],
  [
    "psd2",
    { idle: 5 * MINUTE },
    { idle: 5 * MINUTE + 1 },
    'policy.idle (300001ms) breaks RTS (EU) 2018/389 Art. 4(3)(d) (PSD2) (at most 5m of inactivity); write idle: "5m" or less, or drop "psd2" from standards',
  ],
  [
    "owasp-high-value",
    { idle: 5 * MINUTE },
    { idle: 5 * MINUTE + 1 },
    'policy.idle (300001ms) breaks OWASP Session Management Cheat Sheet (high value) (at most 5m of inactivity); write idle: "5m" or less, or drop "owasp-high-value" from standards',
  ],
  [
    "owasp-high-value",
    { absolute: 8 * HOUR },
    { absolute: 8 * HOUR + 1 },
    'policy.absolute (28800001ms) breaks OWASP Session Management Cheat Sheet (high value) (at most 8h overall); write absolute: "8h" or less, or drop "owasp-high-value" from standards',
  ],
  [
    "wcag-2.2.1",
    { idle: 15 * MINUTE, warning: 2 * MINUTE, absolute: 130 * MINUTE + 1 },
    { idle: 15 * MINUTE, warning: 2 * MINUTE, absolute: 130 * MINUTE },
    'policy.absolute (130m) breaks WCAG 2.2 SC 2.2.1 (ten extensions of 13m must fit before it); write absolute: "7801s" or more, a shorter idle, or drop "wcag-2.2.1" from standards',
  ],
])(
  "%s holds at its limit %j and is broken one millisecond beyond, %j",
  (standard, limit, beyond, message) => {
    expect(held(standard, limit)).not.toThrow();
    expect(held(standard, beyond)).toThrow(new ConfigurationError(message));
  },
);

test("wcag-2.2.1 wants 20 s to answer and the way there, even where the bounds are lifted for tests", () => {
  const unsafe = { unsafeForTesting: true };
  expect(held("wcag-2.2.1", { warning: 25_000 }, unsafe)).not.toThrow();
  expect(held("wcag-2.2.1", { warning: 24_999 }, unsafe)).toThrow(
    'policy.warning (24999ms) breaks WCAG 2.2 SC 2.2.1 (at least 20s to answer, and some to show it); write warning: "25s" or more, or drop',
  );
});

test.each(Object.keys(standards))(
  "a policy that only observes breaks %s, unless it is about people's time",
  (id) => {
    const observing = { standards: [id], enforce: false, enforceFrom: "2027-01-31" };
    const read = () => readPolicy({ idle: "5m", absolute: "8h", ...observing });
    if (id === "wcag-2.2.1") return expect(read).not.toThrow();
    expect(read).toThrow(
      /^policy\.enforce is false, so nothing ends by time yet, which breaks .*; leave enforce/,
    );
  },
);

test("hipaa names no minutes: any inactivity time holds", () => {
  expect(held("hipaa", { idle: 20 * 24 * HOUR, absolute: 24 * 24 * HOUR })).not.toThrow();
});

test("a rule that relaxes is held to the standards too, and named", () => {
  const rules = [
    { roles: ["teller"], idle: "5m" },
    { roles: ["wall"], idle: "30m", relax: true },
    { name: "night", roles: ["night"], absolute: "13h", relax: true },
  ];
  expect(() =>
    readPolicy({ idle: "15m", absolute: "12h", rules, standards: ["pci-dss-8.2.8", "nist-aal3"] }),
  ).toThrow(
    new ConfigurationError(
      [
        'policy.rules[1].idle (30m) breaks PCI DSS v4 8.2.8 (at most 15m of inactivity); write idle: "15m" or less, or drop "pci-dss-8.2.8" from standards',
        'policy.rules[1].idle (30m) breaks NIST SP 800-63B-4 2.3.3 (AAL3) (at most 15m of inactivity); write idle: "15m" or less, or drop "nist-aal3" from standards',
        'policy.rules[2].absolute (13h) breaks NIST SP 800-63B-4 2.3.3 (AAL3) (at most 12h overall); write absolute: "12h" or less, or drop "nist-aal3" from standards',
      ].join("\n"),
    ),
  );
});

test("a rule that tightens can leave no room for ten extensions", () => {
  const rules = [{ roles: ["guest"], absolute: "1h" }];
  expect(() => readPolicy({ idle: "15m", absolute: "12h", rules, standards: ["wcag-2.2.1"] })).toThrow(
    /^policy\.rules\[0\]\.absolute \(1h\) breaks WCAG 2\.2 SC 2\.2\.1 \(ten extensions of 13m must fit before it\)/,
  );
});

test("time in which media counts as activity is time without input", () => {
  const policy = { idle: "10m", absolute: "12h", standards: ["pci-dss-8.2.8"] };
  expect(() => readPolicy({ ...policy, media: "5m" })).not.toThrow();
  expect(() => readPolicy({ ...policy, media: "6m" })).toThrow(
    "policy.media (6m) and policy.idle (10m) let 16m pass without input, which breaks PCI DSS v4 8.2.8 (at most 15m of inactivity); leave media out, shorten one of them, or drop",
  );
});

test("a firm's own policy is offered as its own", () => {
  const own = Object.entries(presets).filter(([id]) => id.startsWith("firm-"));
  expect(own.map(([id]) => id)).toEqual(["firm-broker", "firm-privacy"]);
  for (const [, preset] of own) {
    expect(preset).toMatchObject({ quoted: false, standards: [] });
    expect(preset.source).toMatch(/^A firm's own policy, not a quotation\. .* name(s)? no timeout\.$/);
  }
});

/** The sentences in which FINRA or the GDPR stand together with a time. */
function claims(text: string): readonly string[] {
  const sentences = text.replace(/\s+/g, " ").split(/[.;|"`](?=[ ,]|$)/);
  const time = /\b(\d+|[a-z]+teen|five|ten|thirty|sixty)[ -]?(m|min|minutes?|h|hours?)\b/i;
  return sentences.filter((sentence) => /FINRA|GDPR/i.test(sentence) && time.test(sentence));
}

test("no text claims that FINRA or the GDPR names a time", () => {
  const folder = "src/server/policy";
  const files = [...readdirSync(folder).map((name) => `${folder}/${name}`), "docs/policy.md", "README.md"];
  expect(files.flatMap((file) => claims(readFileSync(file, "utf8")))).toEqual([]);
  expect(claims("FINRA 3110 asks for 15 minutes of inactivity.")).toHaveLength(1);
  expect(claims("Under GDPR, log out after thirty minutes. Really.")).toHaveLength(1);
});

test("disa-asd-admin holds the rule for the role admin to 10 minutes, alone and with what relaxes", () => {
  const policy =
    (rules: readonly object[], idle = "15m") =>
    () =>
      readPolicy({ idle, absolute: "12h", standards: ["disa-asd-user", "disa-asd-admin"], rules });
  const admin = { roles: ["admin"], idle: "10m" };
  expect(policy([admin])).not.toThrow();
  expect(policy([], "10m")).not.toThrow();
  expect(policy([])).toThrow(/role "admin" may be inactive for 15m.*V-222390.*idle: "10m"/);
  expect(policy([{ ...admin, idle: "10m 1s" }])).toThrow();
  expect(policy([{ ...admin, idle: "11m" }])).toThrow(/inactive for 11m/);
  expect(policy([{ ...admin, attributes: { desk: "night" } }])).toThrow(/V-222390/);
  const relaxed = { roles: ["display"], idle: "20m", relax: true, justification: "a wall" };
  expect(policy([relaxed], "10m")).toThrow(/V-222390/);
  expect(() => readPolicy({ idle: "16m", absolute: "12h", standards: ["disa-asd-user"] })).toThrow(
    /V-222389/,
  );
});
