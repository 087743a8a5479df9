/**
 * Replays one session from its audit records alone: binding, heartbeats, deadlines, end. It says to the millisecond
 * whether the session ended when its policy says, and by which signed activity it lived as long as it did.
 */
import { isObject, type JsonObject } from "../protocol/members.js";
import { ParseError } from "../protocol/parse-error.js";
import { acceptActivity, deadlinesOf } from "../session/deadlines.js";
import { crashBetween, crashesIn } from "./crashes.js";
import type { PolicyFacts, Replayed, ReplayTools, Turn } from "./replay.types.js";
import { BEGINNINGS, begun, END_TYPES } from "./replay-bounds.js";
import { Fault, instantAt, type SessionFaultKind } from "./replay-reading.js";
import { hash, next } from "./replay-record.js";
import { isUnconfirmed, type Reached, reach } from "./replay-unconfirmed.js";

/**
 * `whole`: the session replays and ended when it should. `open`: it replays, and its end is not among the records.
 * `interrupted`: the same, but for changes whose records a killed process has taken with it, which `lost` names; `end` is
 * null where that is not among the records. `broken`: a record cannot be true, or is missing. `unprovable`: what a replay needs is not there, as in records of an older release.
 */
export type SessionVerdict = "whole" | "open" | "interrupted" | "broken" | "unprovable";

export interface SessionFault {
  /** Where the record stands among those given; −1: none is meant. */
  readonly index: number;
  /** Its number in the signed log, where it has one. */
  readonly seq: number | null;
  readonly kind: SessionFaultKind;
  readonly message: string;
}

/** Changes of a session that are not among the records, where a process was killed. */
export interface SessionLoss {
  /** The number of the first of them. */
  readonly change: number;
  readonly count: number;
  /** The start after the crash: where it stands among the records given, and in the signed log, where it has a number. */
  readonly index: number;
  readonly seq: number | null;
}

/** One change of the session. Instants are server milliseconds since the epoch. */
export interface SessionStep {
  readonly index: number;
  readonly type: string;
  readonly at: number;
  readonly lastActiveAt: number;
  /** When the session was to end from then on. */
  readonly expiresAt: number;
  /** Whether the browser has signed for it. */
  readonly isSigned: boolean;
}

export interface SessionReplay {
  readonly verdict: SessionVerdict;
  readonly sid: string;
  readonly steps: readonly SessionStep[];
  /** With `whole`, and mostly with `interrupted`: how it ended, and when. */
  readonly end: { readonly reason: string; readonly endedAt: number } | null;
  /** What was lost in crashes. Where there is any, no signature says whether activity was among it. */
  readonly lost: readonly SessionLoss[];
  /** With `broken` and `unprovable`: the first. */
  readonly fault: SessionFault | null;
}

/** What changes a session, and so has a number. A context that leaves the timeouts as they are has none. */
const CHANGES: readonly unknown[] = [
  ...BEGINNINGS,
  ...END_TYPES.keys(),
  "key_bound",
  "session_renewed",
  "session_carried",
  "session_reauthenticated",
  "session_updated",
  "session_moved",
  "step_up_proven",
  "would_expire",
];

interface Entry {
  readonly index: number;
  readonly record: JsonObject;
}

/**
 * @param records an audit trail as it was parsed, in its order: the session's records and the `policy_in_force` of the
 * processes that wrote them; others are passed over
 */
export async function verifySessionWith(
  records: readonly unknown[],
  sid: string,
  tools: ReplayTools,
): Promise<SessionReplay> {
  const steps: SessionStep[] = [];
  const lost: SessionLoss[] = [];
  let current: Entry | null = null;
  let state: Replayed | null = null;
  let unconfirmed: Entry[] = [];
  try {
    const entries = records.flatMap((record, index) => (isObject(record) ? [{ record, index }] : []));
    const policies = policiesIn(entries, tools);
    const own = entries.filter(({ record }) => record.sid === sid);
    const navigations = own.filter(({ record }) => isNavigation(record));
    const turnOf = ({ record }: Entry): Turn => {
      const at = instantAt(record, "at");
      const lose: Turn["lose"] = (before, number) => {
        lost.push(
          lossIn(records, record.app, { change: before.change + 1, after: before.at, before: at, number }),
        );
      };
      return { sid, record, at, policy: policyOf(record, policies), tools, lose };
    };
    const turnOn = async (before: Replayed, entry: Entry): Promise<Replayed> => {
      const [turn, known] = [turnOf(entry), lost.length];
      try {
        return await next(navigated(before, navigations, turn.at), turn);
      } catch (error) {
        lost.length = known;
        throw error;
      }
    };
    for (const entry of own) {
      current = entry;
      if (!isChange(entry.record)) continue;
      if (isUnconfirmed(entry.record)) {
        unconfirmed.push(entry);
        continue;
      }
      const beginning: Entry | null = state === null ? beginningOf(own, entry) : null;
      const first: Reached<Entry> | null = beginning && { entry: beginning, state: begun(turnOf(beginning)) };
      const before: Replayed | null = first?.state ?? state;
      const rest: readonly Reached<Entry>[] =
        before === null
          ? [{ entry, state: begun(turnOf(entry)) }]
          : await reach(before, entry, unconfirmed, turnOn);
      const reached: readonly Reached<Entry>[] = first === null ? rest : [first, ...rest];
      steps.push(...reached.map(stepOf));
      state = reached.at(-1)?.state ?? state;
      unconfirmed = [];
    }
    if (state === null) throw new Fault("no-evidence", "there is no record of this session's beginning");
    const verdict = lost.length > 0 ? "interrupted" : state.end === null ? "open" : "whole";
    return { verdict, sid, steps, end: state.end, lost, fault: null };
  } catch (error) {
    const fault = faultOf(error, current);
    return {
      verdict: fault.kind === "no-evidence" ? "unprovable" : "broken",
      sid,
      steps,
      end: null,
      lost,
      fault,
    };
  }
}

/** The beginning of a session of which nobody knew whether it had begun, where this entry shows that it had; else null. */
function beginningOf(own: readonly Entry[], { record }: Entry): Entry | null {
  if (BEGINNINGS.includes(record.type)) return null;
  const isBeginning = (entry: Entry) => BEGINNINGS.includes(entry.record.type) && isUnconfirmed(entry.record);
  return own.find(isBeginning) ?? null;
}

function stepOf({ entry: { index, record }, state }: Reached<Entry>): SessionStep {
  return {
    index,
    type: String(record.type),
    at: instantAt(record, "at"),
    lastActiveAt: state.lastActiveAt,
    expiresAt: deadlinesOf(state).expiresAt,
    isSigned: record.heartbeat !== undefined || record.binding !== undefined,
  };
}

/** @throws Fault where no process was killed then */
function lossIn(
  records: readonly unknown[],
  app: unknown,
  {
    change,
    number,
    ...between
  }: { readonly change: number; readonly number: number; readonly after: number; readonly before: number },
): SessionLoss {
  const count = number - change;
  const crash = crashBetween(crashesIn(records, app), { ...between, count });
  if (crash === null) throw new Fault("missing", `change ${change} is not among the records`);
  return { change, count, index: crash.index, seq: crash.seq };
}

function faultOf(error: unknown, entry: Entry | null): SessionFault {
  const seq = entry?.record.seq;
  const place = { index: entry?.index ?? -1, seq: Number.isSafeInteger(seq) ? Number(seq) : null };
  if (error instanceof Fault) {
    const said = error.kind === "no-evidence" ? `cannot be replayed: ${error.message}` : error.message;
    return { ...place, kind: error.kind, message: said };
  }
  const message = error instanceof ParseError ? error.message : "the record cannot be read";
  return { ...place, kind: "shape", message };
}

function isNavigation({ type, intent }: JsonObject): boolean {
  return type === "session_renewed" && intent === "navigation";
}

function isChange(record: JsonObject): boolean {
  if (isNavigation(record)) return false;
  return CHANGES.includes(record.type) || (record.type === "session_context_changed" && "change" in record);
}

/** Each policy by its fingerprint. */
function policiesIn(entries: readonly Entry[], tools: ReplayTools): ReadonlyMap<unknown, PolicyFacts> {
  const policies = new Map<unknown, PolicyFacts>();
  for (const { record } of entries) {
    const { type, document, policy } = record;
    // A document that is not what its fingerprint says stands for no policy.
    if (type !== "policy_in_force" || typeof document !== "string" || hash(tools, document) !== policy)
      continue;
    const value: unknown = JSON.parse(document);
    if (!isObject(value)) continue;
    const { mediaPeriod, enforceFromAt } = value;
    const activity = value.activity === "group" ? "group" : "own";
    if (typeof mediaPeriod === "number" && (enforceFromAt === null || typeof enforceFromAt === "number"))
      policies.set(policy, { mediaPeriod, enforceFromAt, activity });
  }
  return policies;
}

function policyOf({ policy }: JsonObject, policies: ReadonlyMap<unknown, PolicyFacts>): PolicyFacts {
  const facts = policies.get(policy);
  if (facts === undefined)
    throw new Fault("no-evidence", "the document of the policy that it names is not among the records");
  return facts;
}

/** Navigations are told of in few records, and a flood's last one late: they count from their own time. */
function navigated(state: Replayed, navigations: readonly Entry[], at: number): Replayed {
  let seen = state;
  if (state.key !== null) return seen;
  for (const { record } of navigations) {
    const activeAt = instantAt(record, "lastActiveAt");
    if (activeAt <= at && activeAt < deadlinesOf(seen).expiresAt)
      seen = acceptActivity(seen, { activeAt, now: at });
  }
  return seen;
}
