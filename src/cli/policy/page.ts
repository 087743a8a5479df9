/** The policy as a page: headings, sentences and tables, for whatever writes them. The same policy and trail, the same page. */
import { writeDuration as text } from "../../server/policy/durations.js";
import { type EffectiveTimes, effectiveTimes } from "../../server/policy/effective.js";
import { explainPolicy } from "../../server/policy/explain.js";
import type { Policy, StandardId } from "../../server/policy/policy.types.js";
import { standardMistakes, standards } from "../../server/policy/standards.js";
import type { PolicyChange } from "./history.js";

export interface PageTable {
  readonly caption: string;
  readonly head: readonly string[];
  /** The first cell of each is what the row is about. */
  readonly rows: readonly (readonly string[])[];
}

export interface PageSection {
  readonly title: string;
  readonly sentences: readonly string[];
  readonly tables: readonly PageTable[];
}

export interface PolicyPage {
  readonly title: string;
  readonly sentences: readonly string[];
  readonly sections: readonly PageSection[];
}

/** @param history null: no trail was given */
export function policyPage(policy: Policy, history: readonly PolicyChange[] | null): PolicyPage {
  const effective = effectiveTimes(policy);
  return {
    title: `Session policy ${JSON.stringify(policy.name)}`,
    sentences: [
      ...(policy.unsafeForTesting
        ? ["UNSAFE FOR TESTING: the lower bounds are lifted. Not for production."]
        : []),
      `A session ends after ${text(policy.idleTimeout)} without activity of a person, and ${text(policy.absoluteTimeout)} after the authentication at the latest. The server decides; requests never extend a session.`,
    ],
    sections: [
      responsible(policy),
      { title: "Who gets what", sentences: [], tables: [effectiveTable(effective)] },
      rulesSection(policy),
      { title: "Everything else that it says", sentences: explained(policy), tables: [] },
      standardsSection(policy, effective),
      ...(history === null ? [] : [historySection(history)]),
      {
        title: "Fingerprint",
        sentences: [
          `${policy.fingerprint} (SHA-256 of the canonical JSON). It is in every session's status and in every audit record.`,
        ],
        tables: [],
      },
    ],
  };
}

function responsible({ owner, approvals = [], reviewBy, justification }: Policy): PageSection {
  return {
    title: "Who answers for it",
    sentences: [
      `Owner: ${owner ?? "not named"}.`,
      `To be reviewed by: ${reviewBy ?? "no day is named"}.`,
      `Why these times: ${justification ?? "no justification given (ASVS 7.1.1 asks for one)"}`,
      ...(approvals.length === 0 ? ["Nobody is named who has approved it."] : []),
    ],
    tables:
      approvals.length === 0
        ? []
        : [
            {
              caption: "Approvals",
              head: ["By", "On", "Note"],
              rows: approvals.map(({ by, on, note = "" }) => [by, on, note]),
            },
          ],
  };
}

function effectiveTable(rows: readonly EffectiveTimes[]): PageTable {
  return {
    caption: "Effective times for each role and route",
    head: ["Who", "Where", "Idle", "Absolute", "Warning", "Proof of identity", "Role needed"],
    rows: rows.map((row) => [
      row.who,
      row.paths.length === 0 ? "everywhere else" : row.paths.join(", "),
      text(row.idleTimeout),
      text(row.absoluteTimeout),
      text(row.warningPeriod),
      row.freshPeriod === null ? "any" : `within ${text(row.freshPeriod)}`,
      row.requiredRoles.map((roles) => roles.join(" or ")).join(" and ") || "none",
    ]),
  };
}

function rulesSection({ rules }: Policy): PageSection {
  const list = (values: readonly string[] | null) => values?.join(", ") ?? "any";
  const said = (value: number | null) => (value === null ? "as it is" : text(value));
  const rows = rules.map((rule) => [
    rule.label,
    rule.relax ? "relaxes" : "tightens",
    list(rule.roles),
    list(rule.routes),
    list(rule.networks),
    list(
      rule.attributes === null
        ? null
        : Object.entries(rule.attributes)
            .map(([name, value]) => `${name} = ${JSON.stringify(value)}`)
            .sort(),
    ),
    said(rule.idleTimeout),
    said(rule.absoluteTimeout),
    said(rule.freshPeriod),
    rule.justification ?? "none given",
  ]);
  const head = [
    "Rule",
    "Effect",
    "Roles",
    "Routes",
    "Networks",
    "Attributes",
    "Idle",
    "Absolute",
    "Fresh",
    "Why",
  ];
  if (rows.length === 0) return { title: "Rules", sentences: ["There are none."], tables: [] };
  const sentences = [
    "Of the rules that match a session the strictest number wins. A path that no pattern matches is held to the strictest of all rules with routes.",
  ];
  return { title: "Rules", sentences, tables: [{ caption: "Rules, each with its reason", head, rows }] };
}

/** What `curfew policy` prints of activity, ends elsewhere, sign-in, sessions at a time and enforcement. */
function explained(policy: Policy): readonly string[] {
  const wanted = [
    "Activity",
    "An end elsewhere",
    "Sign-in after an end by time",
    "Sessions of one subject",
    "Watch",
    "Enforcement",
  ];
  return explainPolicy(policy)
    .split("\n\n")
    .flatMap((part) => {
      const [title = "", ...lines] = part.trimEnd().split("\n");
      return wanted.includes(title) ? lines.map((line) => line.trim()) : [];
    });
}

function standardsSection(policy: Policy, effective: readonly EffectiveTimes[]): PageSection {
  const idle = Math.max(...effective.map((row) => row.idleTimeout)) + policy.mediaPeriod;
  const absolute = Math.max(...effective.map((row) => row.absoluteTimeout));
  const number = (value: number | null) => (value === null ? "names none" : `at most ${text(value)}`);
  const rows = (Object.keys(standards) as StandardId[]).map((id) => {
    const { title, asks, idleTimeout, absoluteTimeout, privileged } = standards[id];
    const isChosen = policy.standards.includes(id);
    const holds = standardMistakes(policy, id).length === 0;
    return [
      id,
      title,
      asks,
      number(privileged?.idleTimeout ?? idleTimeout),
      number(absoluteTimeout),
      holds ? "holds" : isChosen ? "BROKEN" : "would not hold",
      isChosen ? "yes" : "no",
    ];
  });
  return {
    title: "Standards",
    sentences: [
      `The longest that anybody gets here: ${text(idle)} without activity, ${text(absolute)} overall.`,
      "A policy that breaks a standard that it is held to does not start.",
    ],
    tables: [
      {
        caption: "Clauses, their numbers and this policy",
        head: [
          "Id",
          "Clause",
          "It asks for",
          "Its idle timeout",
          "Its absolute timeout",
          "This policy",
          "Held to it",
        ],
        rows,
      },
    ],
  };
}

function historySection(history: readonly PolicyChange[]): PageSection {
  if (history.length === 0)
    return { title: "History", sentences: ["The trail names no policy."], tables: [] };
  return {
    title: "History",
    sentences: [],
    tables: [
      {
        caption: "Policies in force, as the audit trail has them",
        head: ["From", "App", "Fingerprint", "Against the one before"],
        rows: history.map(({ at, app, fingerprint, effect }) => [at, app, fingerprint, effect]),
      },
    ],
  };
}
