/**
 * Replays one session from its audit records alone: binding, heartbeats, deadlines, end. It says to the millisecond
 * whether the session ended when its policy says, and by which signed activity it lived as long as it did.
 */
import { isObject, type JsonObject } from "../protocol/members.js";
import { ParseError } from "../protocol/parse-error.js";
import { acceptActivity, deadlinesOf } from "../session/deadlines.js";
import type { PolicyFacts, Replayed, ReplayTools, Turn } from "./replay.types.js";
import { Fault, instantAt, type SessionFaultKind } from "./replay-reading.js";
import { BEGINNINGS, begun, END_TYPES, hash, next } from "./replay-record.js";

/**
 * `whole`: the session replays and ended when it should. `open`: it replays, and its end is not among the records.
 * `broken`: a record cannot be true. `unprovable`: what a replay needs is not there, as in records of an older release.
 */
export type SessionVerdict = "whole" | "open" | "broken" | "unprovable";

export interface SessionFault {
  /** Where the record stands among those given; −1: none is meant. */
  readonly index: number;
  /** Its number in the signed log, where it has one. */
  readonly seq: number | null;
  readonly kind: SessionFaultKind;
  readonly message: string;
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
  /** With `whole`: how it ended, and when. */
  readonly end: { readonly reason: string; readonly endedAt: number } | null;
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
  let current: Entry | null = null;
  let state: Replayed | null = null;
  try {
    const entries = records.flatMap((record, index) => (isObject(record) ? [{ record, index }] : []));
    const policies = policiesIn(entries, tools);
    const own = entries.filter(({ record }) => record.sid === sid);
    const navigations = own.filter(({ record }) => isNavigation(record));
    for (const entry of own) {
      current = entry;
      const { record, index } = entry;
      if (!isChange(record)) continue;
      const at = instantAt(record, "at");
      const turn: Turn = { sid, record, at, policy: policyOf(record, policies), tools };
      state = state === null ? begun(turn) : await next(navigated(state, navigations, at), turn);
      const { expiresAt } = deadlinesOf(state);
      const isSigned = record.heartbeat !== undefined || record.binding !== undefined;
      steps.push({
        index,
        type: String(record.type),
        at,
        lastActiveAt: state.lastActiveAt,
        expiresAt,
        isSigned,
      });
    }
    if (state === null) throw new Fault("no-evidence", "there is no record of this session's beginning");
    return { verdict: state.end === null ? "open" : "whole", sid, steps, end: state.end, fault: null };
  } catch (error) {
    const fault = faultOf(error, current);
    return { verdict: fault.kind === "no-evidence" ? "unprovable" : "broken", sid, steps, end: null, fault };
  }
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
