/** The standards that a policy can be held to, and what is said to a policy that breaks one. */
import { writeDuration as text } from "./durations.js";
import { MIN_WARNING, type Numbers } from "./periods.js";
import type { Policy, StandardId } from "./policy.types.js";
import { presetOf } from "./presets.js";
import { resolveRules } from "./resolve.js";

interface Standard {
  /** Its name with the clause. */
  readonly title: string;
  /** What the clause asks for, in our words. */
  readonly asks: string;
  /** The longest inactivity, in milliseconds; null: not bounded. */
  readonly idleTimeout: number | null;
  /** The longest time overall, in milliseconds; null: not bounded. */
  readonly absoluteTimeout: number | null;
  /** The longest inactivity of whoever has this role; absent: not bounded apart. */
  readonly privileged?: { readonly role: string; readonly idleTimeout: number };
  /** Whether the timeouts must be enforced for it to hold. */
  readonly enforced: boolean;
  /** Whether people must be able to extend: 20 s to answer, and ten times (WCAG). */
  readonly extendable: boolean;
}

type Checked = Omit<Policy, "fingerprint">;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const EXTENSIONS = 10;
const bounds = (idleTimeout: number | null, absoluteTimeout: number | null) => ({
  idleTimeout,
  absoluteTimeout,
  enforced: true,
  extendable: false,
});

export const standards: Readonly<Record<StandardId, Standard>> = {
  "pci-dss-8.2.8": {
    title: "PCI DSS v4 8.2.8",
    asks: "reauthentication after more than 15 minutes of inactivity",
    ...bounds(15 * MINUTE, null),
  },
  "disa-asd-user": {
    title: "DISA ASD STIG V-222389",
    asks: "an end after at most 15 minutes of inactivity",
    ...bounds(15 * MINUTE, null),
  },
  "disa-asd-admin": {
    title: "DISA ASD STIG V-222390",
    asks: 'an end after at most 10 minutes of inactivity for whoever has a privileged role: the rule for the role "admin", or the policy itself',
    ...bounds(null, null),
    privileged: { role: "admin", idleTimeout: 10 * MINUTE },
  },
  "nist-aal2": {
    title: "NIST SP 800-63B-4 2.2.3 (AAL2)",
    asks: "overall at most 24 hours, inactivity at most 1 hour (both SHOULD)",
    ...bounds(HOUR, 24 * HOUR),
  },
  "nist-aal3": {
    title: "NIST SP 800-63B-4 2.3.3 (AAL3)",
    asks: "overall at most 12 hours (SHALL), inactivity at most 15 minutes (SHOULD)",
    ...bounds(15 * MINUTE, 12 * HOUR),
  },
  psd2: {
    title: "RTS (EU) 2018/389 Art. 4(3)(d) (PSD2)",
    asks: "at most 5 minutes without activity by the payer",
    ...bounds(5 * MINUTE, null),
  },
  hipaa: {
    title: "HIPAA 45 CFR 164.312(a)(2)(iii)",
    asks: "an end after a predetermined time of inactivity; the clause names no number",
    ...bounds(null, null),
  },
  "owasp-high-value": {
    title: "OWASP Session Management Cheat Sheet (high value)",
    asks: "idle timeout of 2 to 5 minutes, absolute timeout of 4 to 8 hours; a stricter policy holds too",
    ...bounds(5 * MINUTE, 8 * HOUR),
  },
  "wcag-2.2.1": {
    title: "WCAG 2.2 SC 2.2.1",
    asks: "a warning of at least 20 seconds with a simple answer, and ten extensions before the end",
    idleTimeout: null,
    absoluteTimeout: null,
    enforced: false,
    extendable: true,
  },
};

/** What is at one place of the policy: the numbers there, and what the place says itself. */
interface PolicyPlace {
  readonly at: string;
  /** What holds where only this rule matches. */
  readonly numbers: Numbers;
  /** What is written at this place; null: not said here. */
  readonly idleTimeout: number | null;
  readonly absoluteTimeout: number | null;
  readonly warningPeriod: number | null;
}

/** How the policy or one of its rules breaks the standard, in sentences that say what to write; none where it holds. */
export function standardMistakes(policy: Checked, id: StandardId): readonly string[] {
  const standard = standards[id];
  const fromPreset = presetOf(policy.preset)?.standards.includes(id) === true;
  const drop = fromPreset
    ? `or write idle and absolute in place of preset: "${policy.preset}"`
    : `or drop "${id}" from standards`;
  const places = placesOf(policy);
  return [
    ...(standard.enforced && policy.enforceFromAt !== null
      ? [
          `policy.enforce is false, so nothing ends by time yet, which breaks ${standard.title}; leave enforce and enforceFrom out, ${drop}`,
        ]
      : []),
    ...places.flatMap((place) => idleMistakes(policy, place, standard, drop)),
    ...places.flatMap((place) => absoluteMistakes(place, standard, drop)),
    ...privilegedMistakes(policy, standard, drop),
    ...(standard.extendable ? places.flatMap((place) => extensionMistakes(place, standard, drop)) : []),
  ];
}

function placesOf(policy: Checked): readonly PolicyPlace[] {
  const rules = policy.rules.map((rule, index) => ({
    at: `policy.rules[${index}]`,
    numbers: resolveRules(policy, [rule]),
    rule,
  }));
  return [
    { at: "policy", numbers: policy, ...saidBy(policy) },
    ...rules
      .filter(({ rule }) => rule.routes === null)
      .map(({ at, numbers, rule }) => ({ at, numbers, ...saidBy(rule) })),
  ];
}

function saidBy({ idleTimeout, absoluteTimeout, warningPeriod }: Omit<PolicyPlace, "at" | "numbers">) {
  return { idleTimeout, absoluteTimeout, warningPeriod };
}

function idleMistakes(
  { mediaPeriod }: Checked,
  { at, idleTimeout }: PolicyPlace,
  { title, idleTimeout: most }: Standard,
  drop: string,
): readonly string[] {
  if (most === null || idleTimeout === null || idleTimeout + mediaPeriod <= most) return [];
  const bound = `at most ${text(most)} of inactivity`;
  if (idleTimeout > most)
    return [
      `${at}.idle (${text(idleTimeout)}) breaks ${title} (${bound}); write idle: "${text(most)}" or less, ${drop}`,
    ];
  return [
    `policy.media (${text(mediaPeriod)}) and ${at}.idle (${text(idleTimeout)}) let ${text(idleTimeout + mediaPeriod)} pass without input, which breaks ${title} (${bound}); leave media out, shorten one of them, ${drop}`,
  ];
}

function absoluteMistakes(
  { at, absoluteTimeout }: PolicyPlace,
  { title, absoluteTimeout: most }: Standard,
  drop: string,
): readonly string[] {
  if (most === null || absoluteTimeout === null || absoluteTimeout <= most) return [];
  return [
    `${at}.absolute (${text(absoluteTimeout)}) breaks ${title} (at most ${text(most)} overall); write absolute: "${text(most)}" or less, ${drop}`,
  ];
}

/**
 * What whoever has the privileged role lives by, with no other role or attribute, and with each rule besides that may match
 * them too: one that relaxes for another role lengthens theirs as well.
 */
function privilegedMistakes(
  policy: Checked,
  { privileged, title }: Standard,
  drop: string,
): readonly string[] {
  if (privileged === undefined) return [];
  const { role, idleTimeout: most } = privileged;
  const session = policy.rules.filter((rule) => rule.routes === null);
  const own = session.filter(
    (rule) =>
      rule.roles?.includes(role) === true &&
      rule.attributes === null &&
      rule.networks === null &&
      !rule.relax,
  );
  const longest = Math.max(
    ...[null, ...session.filter(({ relax }) => relax)].map(
      (other) => resolveRules(policy, other === null ? own : [...own, other]).idleTimeout,
    ),
  );
  if (longest + policy.mediaPeriod <= most) return [];
  return [
    `whoever has the role ${JSON.stringify(role)} may be inactive for ${text(longest + policy.mediaPeriod)}, which breaks ${title} (at most ${text(most)} for privileged roles); write a rule { roles: [${JSON.stringify(role)}], idle: "${text(most)}" }, ${drop}`,
  ];
}

/** Who answers every warning at once must be able to do so ten times before the absolute deadline. */
function extensionMistakes(
  { at, numbers, idleTimeout: said }: PolicyPlace,
  { title }: Standard,
  drop: string,
): readonly string[] {
  const { idleTimeout, absoluteTimeout, warningPeriod } = numbers;
  const extension = idleTimeout - warningPeriod;
  const least = EXTENSIONS * extension + 1_000;
  return [
    said !== null &&
      warningPeriod < MIN_WARNING &&
      `${at}.warning (${text(warningPeriod)}) breaks ${title} (at least 20s to answer, and some to show it); write warning: "25s" or more, ${drop}`,
    absoluteTimeout <= EXTENSIONS * extension &&
      `${at}.absolute (${text(absoluteTimeout)}) breaks ${title} (ten extensions of ${text(extension)} must fit before it); write absolute: "${text(least)}" or more, a shorter idle, ${drop}`,
  ].filter((mistake) => mistake !== false);
}
