/** The types of a policy: as people write it (`…Options`), and as the verifier reads it. */
import type {
  ActivityScope,
  AutomatedRule,
  DismissWarning,
  WithoutScript,
} from "../../protocol/policy-words.js";
import type { WatchPolicyOptions, WatchThresholds } from "./watch.types.js";

/** What an app may say of a subject, for the policy's rules. */
export type AttributeValue = string | number | boolean;

/** What becomes of a sign-in beyond `maxSessions`: it is refused, or it ends the subject's oldest session. */
type OnLimit = "deny" | "end-oldest";

/**
 * Which ends by time hold back a sign-in with an authentication from before them: also the subject's that are not known
 * to be another browser's, or those alone that are known to be this browser's.
 */
type StaleSignIn = "subject" | "browser";

/** The standards that a policy can be held to. */
export type StandardId =
  | "pci-dss-8.2.8"
  | "disa-asd-user"
  | "disa-asd-admin"
  | "nist-aal2"
  | "nist-aal3"
  | "psd2"
  | "hipaa"
  | "owasp-high-value"
  | "wcag-2.2.1";

/**
 * A rule: for which sessions or routes other times hold. It matches where everything that it names matches: any of the
 * values within one list, and every pair of `attributes`. Durations are text with a unit.
 */
export interface RuleOptions {
  /** What the rule is called in messages. Default its place, such as `rules[2]`. */
  readonly name?: string;
  /** The subject has one of these roles. */
  readonly roles?: readonly string[];
  /** The subject has all of these attributes, with these values. */
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  /** The request's path matches one of these patterns, such as `/admin/**`. Such a rule can only tighten. */
  readonly routes?: readonly string[];
  /** The client's address lies in one of these networks: CIDR or an address, IPv4 or IPv6. */
  readonly networks?: readonly string[];
  readonly idle?: string;
  readonly absolute?: string;
  /** Goes with the rule's own `idle`; not on a route. */
  readonly warning?: string;
  /** Goes with the rule's own `idle`; not on a route. */
  readonly heartbeat?: string;
  /** How long ago the person may have proven who they are; only on a route. */
  readonly fresh?: string;
  /**
   * One of these roles is needed; else 403 `forbidden`. Only on a route, and of everybody: the rule has no other selector.
   * Where several rules match a path, each of them must be met.
   */
  readonly requireRoles?: readonly string[];
  /** The rule is looser than the policy, on purpose. Default false. */
  readonly relax?: boolean;
  /** Why (ASVS 7.1.1); `curfew policy` prints it. */
  readonly justification?: string;
}

/** Somebody has agreed to the policy. */
export interface Approval {
  readonly by: string;
  /** A day, such as `"2027-01-31"`. */
  readonly on: string;
  readonly note?: string;
}

interface PolicyKeys {
  /** What the policy is called in status, log and audit. Default `default`. */
  readonly name?: string;
  /** How long before the end the person is told. At least 25 s: 20 s to answer (WCAG 2.2.1), and the way there. Default 2 minutes, or half of `idle` if that is shorter. */
  readonly warning?: string;
  /** How often activity is reported. Default a tenth of `idle`, between 5 s and 60 s, never above a quarter of `idle`. */
  readonly heartbeat?: string;
  /** How long after authentication a key can be bound. Default 60 s. */
  readonly bindWithin?: string;
  /** What answers the warning: only the explicit answer (default), or any activity. */
  readonly dismissWarning?: DismissWarning;
  /** What becomes of a browser that says it is automated. Default `flag`. */
  readonly automated?: AutomatedRule;
  /** What extends a session that has no key: nothing (default), or a person's navigations. */
  readonly withoutScript?: WithoutScript;
  /**
   * Whose activity counts: this app's alone (default), or that of the apps in `group.trusts` too. The latter lets a session
   * live that nobody uses, so it needs a `justification`.
   */
  readonly activity?: ActivityScope;
  /** How long after the last input playing media counts as activity. Default: it does not count. */
  readonly media?: string;
  /**
   * How soon a page in sight learns of an end elsewhere: 1 s to 1 minute. `false` (or `"off"`): at its next question. Default
   * `"10s"`.
   */
  readonly reach?: string | false;
  /** Other times for some roles, attributes, networks or routes. */
  readonly rules?: readonly RuleOptions[];
  /** Start-up refuses the policy where it, or any rule, breaks one of these. */
  readonly standards?: readonly StandardId[];
  /** Why these times (ASVS 7.1.1); `curfew policy` prints it. */
  readonly justification?: string;
  /** Who answers for the policy; the printed document says so. Gives nobody anything, and is no part of the fingerprint, as `approvals` and `reviewBy`. */
  readonly owner?: string;
  /** Who has agreed to it, and when. */
  readonly approvals?: readonly Approval[];
  /** The day by which somebody must look at it again, such as `"2027-12-31"`. From the day after, log and `health()` say so. */
  readonly reviewBy?: string;
  /** How many sessions one subject may have at a time. Default: any number. */
  readonly maxSessions?: number;
  /** What happens at `maxSessions`. Default `deny`. */
  readonly onLimit?: OnLimit;
  /** Which ends by time a sign-in must come after. Default `subject`. */
  readonly staleSignIn?: StaleSignIn;
  /** How far the provider's clock may be behind: whole seconds, at most a minute. Default 5 s, or a fifth of `idle` if that is shorter. */
  readonly idpSkew?: string;
  /** False: until `enforceFrom` everything is run and audited, and nothing ends by time. Default true. */
  readonly enforce?: boolean;
  /** From when the policy is enforced: a date (midnight UTC), or an instant with its zone. Goes with `enforce: false`. */
  readonly enforceFrom?: string;
  /** From when on the rules of the watch alert (docs/alerts.md). Which of them run is the verifier's option `watch`. */
  readonly watch?: WatchPolicyOptions;
  /** Lifts the lower bounds, for tests only. Status, log and every audit record say so. */
  readonly unsafeForTesting?: boolean;
}

interface OwnTimes {
  readonly preset?: never;
  /** The longest time without activity (PCI DSS 8.2.8: at most 15 minutes). */
  readonly idle: string;
  /** The longest time since authentication, however active. */
  readonly absolute: string;
}

interface PresetTimes {
  /** Gives `idle`, `absolute`, `warning` where the policy does not, and standards that then hold: a key of `presets`. */
  readonly preset: string;
  readonly idle?: string;
  readonly absolute?: string;
}

/** A policy as people write it. Durations are text with a unit: `"15m"`, `"90s"`. */
export type PolicyOptions = PolicyKeys & (OwnTimes | PresetTimes);

/** A checked rule. Durations in milliseconds; null: the rule does not say. */
export interface PolicyRule {
  /** The rule's name, or its place (`rules[2]`). */
  readonly label: string;
  readonly roles: readonly string[] | null;
  readonly attributes: Readonly<Record<string, AttributeValue>> | null;
  readonly routes: readonly string[] | null;
  readonly networks: readonly string[] | null;
  readonly idleTimeout: number | null;
  readonly absoluteTimeout: number | null;
  readonly warningPeriod: number | null;
  readonly heartbeatInterval: number | null;
  readonly freshPeriod: number | null;
  /** One of these is needed. Absent where the rule does not say, so that other policies keep their fingerprint. */
  readonly requiredRoles?: readonly string[];
  readonly relax: boolean;
  readonly justification: string | null;
}

/** A checked policy. Durations in milliseconds. */
export interface Policy {
  readonly name: string;
  readonly idleTimeout: number;
  readonly absoluteTimeout: number;
  readonly warningPeriod: number;
  readonly heartbeatInterval: number;
  readonly bindPeriod: number;
  readonly dismissWarning: DismissWarning;
  readonly automated: AutomatedRule;
  readonly withoutScript: WithoutScript;
  readonly activity: ActivityScope;
  /** How long after the last input playing media counts as activity; 0: not at all. */
  readonly mediaPeriod: number;
  /** How soon a page in sight learns of an end elsewhere; 0: at its next question. */
  readonly reachPeriod: number;
  readonly rules: readonly PolicyRule[];
  /** The policy's own and those of its preset. */
  readonly standards: readonly StandardId[];
  readonly justification: string | null;
  readonly owner?: string;
  readonly approvals?: readonly Approval[];
  readonly reviewBy?: string;
  readonly maxSessions: number | null;
  readonly onLimit: OnLimit;
  readonly staleSignIn: StaleSignIn;
  /** How far the clock of the provider that tells `authenticatedAt` may be behind the store's. */
  readonly idpSkew: number;
  /** Until this instant the policy only observes: nothing ends by time. Null: it is enforced. */
  readonly enforceFromAt: number | null;
  readonly preset: string | null;
  readonly watch: WatchThresholds;
  readonly unsafeForTesting: boolean;
  /** SHA-256 of the policy's canonical JSON, base64url. */
  readonly fingerprint: string;
}
