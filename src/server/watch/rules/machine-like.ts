/** `machine-like`: several features of a session's activity together are those of a script or a device. */
import type { InputKind } from "../../../protocol/heartbeat.js";
import type { WatchRules } from "../../policy/watch.types.js";
import type { WatchFinding } from "../alert.js";
import { type BeatInput, inputOf } from "../beat.js";
import { type Features, featuresIn } from "../features.js";
import { bySession, evidenceOf, type Seen, seqOf, type WatchedTerms, watchRule } from "../rule.js";
import { addInput, type Samples, startOf } from "../samples.js";

interface Activity {
  readonly samples: Samples | null;
  /** The one kind of input that there was since then. */
  readonly kind: InputKind | null;
  readonly kindSince: number;
  readonly lastActiveAt: number;
  /** Since when there was no pause. */
  readonly awakeSince: number;
  /** By the record before; null where there was none yet. */
  readonly expiresAt: number | null;
  /** How often a warning was answered, and how often at once. */
  readonly answers: number;
  readonly promptAnswers: number;
  readonly isAutomated: boolean;
}

/** What each feature counts. None is enough by itself. */
const WEIGHTS: Readonly<Record<keyof Features, number>> = {
  "one kind of input": 1,
  "steady counts": 2,
  "regular distances": 2,
  "no pause": 2,
  "prompt answers": 2,
  automated: 2,
};
const ENOUGH = 3;

export const machineLike = watchRule<"machine-like", Activity>({
  name: "machine-like",
  severity: "warning",
  scope: "session",
  reads: ["session_renewed"],
  key: bySession,
  step(state, seen, limits, terms) {
    const { record } = seen;
    const input = inputOf(record.heartbeat);
    if (input === null || record.lastActiveAt === undefined) return null;
    const activeAt = Date.parse(record.lastActiveAt);
    const next = heard(state ?? beginning(activeAt), { seen, activeAt, input, limits, terms });
    if (next.samples === state?.samples && record.intent !== "extend") return { state: next };
    return { state: next, finding: findingIn(next, seen, limits) };
  },
});

function beginning(activeAt: number): Activity {
  return {
    samples: null,
    kind: null,
    kindSince: activeAt,
    lastActiveAt: activeAt,
    awakeSince: activeAt,
    expiresAt: null,
    answers: 0,
    promptAnswers: 0,
    isAutomated: false,
  };
}

interface Heard {
  readonly seen: Seen;
  readonly activeAt: number;
  readonly input: BeatInput;
  readonly limits: WatchRules["machine-like"];
  readonly terms: WatchedTerms;
}

function heard(state: Activity, { seen, activeAt, input, limits, terms }: Heard): Activity {
  const { record, at } = seen;
  const kind = kindAfter(state.kind, input.kinds);
  const isAnswer = record.intent === "extend";
  const delay = state.expiresAt === null ? null : at - (state.expiresAt - terms.warningPeriod);
  const isTimed = isAnswer && delay !== null;
  const slot = limits.period / limits.samples;
  return {
    // The button that answers a warning is pressed whenever the warning comes.
    samples: isAnswer
      ? state.samples
      : addInput(state.samples, { activeAt, seq: seqOf(seen), input }, slot, limits.samples),
    kind,
    kindSince: kind === state.kind && kind !== null ? state.kindSince : activeAt,
    lastActiveAt: activeAt,
    awakeSince: activeAt - state.lastActiveAt > limits.pause ? activeAt : state.awakeSince,
    expiresAt: Date.parse(record.expiresAt ?? ""),
    answers: state.answers + Number(isTimed),
    promptAnswers: state.promptAnswers + Number(isTimed && delay >= 0 && delay < limits.answer),
    isAutomated: record.automated === true,
  };
}

/** The kind that there still is alone; null where there are several. */
function kindAfter(before: InputKind | null, kinds: readonly InputKind[]): InputKind | null {
  const [first = before, ...others] = kinds;
  return others.length === 0 ? first : null;
}

function findingIn(state: Activity, { at }: Seen, limits: WatchRules["machine-like"]): WatchFinding | null {
  const { samples, kind, kindSince, lastActiveAt, awakeSince, answers, promptAnswers, isAutomated } = state;
  const features: Features = {
    ...featuresIn(samples, limits),
    "one kind of input": kind !== null && lastActiveAt - kindSince >= limits.period,
    "no pause": lastActiveAt - awakeSince >= limits.awake,
    "prompt answers": answers >= limits.answers && promptAnswers === answers,
    automated: isAutomated,
  };
  const names = (Object.keys(WEIGHTS) as (keyof Features)[]).filter((name) => features[name]);
  const score = names.reduce((sum, name) => sum + WEIGHTS[name], 0);
  if (score < ENOUGH) return null;
  const because = names.map((name) => (name === "one kind of input" ? `${name} (${kind})` : name)).join(", ");
  const { seqs = [], count = 0 } = samples ?? {};
  return {
    since: Math.min(samples === null ? at : startOf(samples), kindSince),
    count,
    evidence: evidenceOf(seqs),
    because,
  };
}
