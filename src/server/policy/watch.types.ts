/** The thresholds of the watch's rules (docs/alerts.md): as people write them (`…Options`), and as the rules read them. */

interface Occurring {
  readonly times: number;
  readonly within: number;
}

interface EnMasse {
  readonly ends: number;
  readonly factor: number;
  readonly days: number;
}

/** Durations in milliseconds. */
export interface WatchRules {
  readonly "used-after-end": { readonly uses: number };
  readonly "keeps-expiring": EnMasse;
  readonly "sits-idle": {
    readonly sessions: number;
    readonly within: number;
    readonly activity: number;
    readonly share: number;
  };
  readonly "machine-like": {
    readonly period: number;
    readonly samples: number;
    readonly steady: number;
    readonly regular: number;
    readonly awake: number;
    readonly pause: number;
    readonly answer: number;
    readonly answers: number;
  };
  readonly "two-places": Occurring & { readonly share: number };
  readonly "never-bound": { readonly sessions: number; readonly within: number; readonly share: number };
  readonly "revoked-en-masse": EnMasse;
  readonly "expired-en-masse": EnMasse;
  readonly forged: Occurring;
  readonly clock: Occurring;
  readonly gap: Occurring;
  readonly "policy-drift": Occurring;
  readonly "idp-silent": Occurring;
}

export type WatchRuleName = keyof WatchRules;

/** The rules whose suspicion a person can answer: they speak of a session that lives. */
export type EarlyRule = "machine-like" | "two-places";

export interface WatchThresholds {
  /** How long a rule says nothing more of what it has alerted of. */
  readonly quiet: number;
  readonly rules: WatchRules;
  /** The rules that open a session's warning early. Absent where the policy names none, so that it keeps its fingerprint. */
  readonly warnEarly?: readonly EarlyRule[];
}

/** As people write it: durations are text with a unit. */
export interface WatchPolicyOptions {
  /** How long a rule says nothing more of what it has alerted of. Default `"1h"`. */
  readonly quiet?: string;
  /** Other thresholds than the rules come with. */
  readonly rules?: {
    readonly [Name in WatchRuleName]?: { readonly [Key in keyof WatchRules[Name]]?: number | string };
  };
  /**
   * The rules whose suspicion opens the session's ordinary warning early, once, until a person presses its button:
   * `"machine-like"`, `"two-places"`. The deadline stays. Default none.
   */
  readonly warnEarly?: readonly EarlyRule[];
}
