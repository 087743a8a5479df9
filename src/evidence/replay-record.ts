/** One record of a session against what was before it: what the session is after it, or why the record cannot be true. */
import { decodeBase64url, encodeBase64url } from "../protocol/base64url.js";
import { HEARTBEAT_TYP, isMediaAlone, parseHeartbeat } from "../protocol/heartbeat.js";
import { parseKeyBinding, SIGNATURE_ALG } from "../protocol/key-binding.js";
import type { JsonObject } from "../protocol/members.js";
import { thumbprintInput } from "../protocol/public-jwk.js";
import { acceptActivity, acceptReport, deadlinesOf, endsAtOf, isAhead } from "../session/deadlines.js";
import type { Replayed, ReplayTools, Turn } from "./replay.types.js";
import { carried } from "./replay-carried.js";
import { Fault, instantAt, need, needDeadline, timesIn, toldText, withStricter } from "./replay-reading.js";

export const BEGINNINGS: readonly unknown[] = ["session_created", "session_adopted"];
export const END_TYPES: ReadonlyMap<unknown, readonly string[]> = new Map([
  ["session_expired", ["idle", "absolute"]],
  ["session_logout", ["signed-out"]],
  ["session_revoked", ["revoked"]],
  ["session_replaced", ["replaced"]],
]);
export function begun({ record, at }: Turn): Replayed {
  if (!BEGINNINGS.includes(record.type) && record.change !== undefined)
    throw new Fault("missing", "the records before this one, with the session's beginning, are not there");
  if (record.change === undefined || record.nonce === undefined)
    throw new Fault(
      "no-evidence",
      "the session began under a release before 0.4.0, or its beginning is not there",
    );
  need(record.v === 1, "shape", "the record is of an unknown version");
  need(record.change === 1, "missing", "the beginning is not the first change");
  const times = timesIn(record);
  const startedAt = instantAt(record, "startedAt");
  need(startedAt === at, "times", "the session began at another time than it was recorded");
  need(
    times.lastActiveAt <= at && times.authenticatedAt <= at,
    "times",
    "activity or authentication lies ahead",
  );
  needDeadline(record, times);
  const { app, subject } = record;
  const nonce = { hash: toldText(record, "nonce") };
  const { lastActiveAt: lastInputAt } = times;
  return { ...times, app, subject, change: 1, at, startedAt, lastInputAt, nonce, key: null, end: null };
}

export async function next(state: Replayed, turn: Turn): Promise<Replayed> {
  const { record, at, policy } = turn;
  const change = needNumber(state, record);
  need(record.v === 1, "shape", "the record is of an unknown version");
  need(
    record.app === state.app && record.subject === state.subject,
    "other-session",
    "it names another person or app",
  );
  need(state.end === null, "after-end", "the session had ended before");
  need(at >= state.at, "times", "it lies before the record before it");
  if (END_TYPES.has(record.type)) return { ...state, change, at, end: endIn(state, turn) };
  if (record.type === "session_carried") return { ...carried(state, turn), change, at };
  need(
    at < endsAtOf(deadlinesOf(state), policy.enforceFromAt),
    "after-end",
    "the deadline had passed, and the session was changed all the same",
  );
  return { ...(await changed(state, turn)), change, at };
}

function needNumber(state: Replayed, { change }: JsonObject): number {
  if (change === undefined)
    throw new Fault("no-evidence", "the record is of a release before 0.4.0, or was stripped of its number");
  need(typeof change === "number" && Number.isSafeInteger(change), "shape", "its number is none");
  const number = Number(change);
  need(number > state.change, "repeated", `change ${number} comes again, or late`);
  need(number === state.change + 1, "missing", `change ${state.change + 1} is not among the records`);
  return number;
}

async function changed(state: Replayed, turn: Turn): Promise<Replayed> {
  switch (turn.record.type) {
    case "key_bound":
      return bound(state, turn);
    case "session_renewed":
      return renewed(state, turn);
    case "session_reauthenticated":
      return reauthenticated(state, turn);
    case "session_updated":
    case "session_context_changed":
      return stricter(state, turn.record);
    case "session_moved":
    case "step_up_proven":
      return state;
    case "would_expire":
      need(
        instantAt(turn.record, "endedAt") <= deadlinesOf(state).expiresAt,
        "times",
        "that was no deadline",
      );
      return state;
    default:
      throw new Fault("after-end", "the session begins a second time");
  }
}

async function bound(state: Replayed, { sid, record, tools }: Turn): Promise<Replayed> {
  need(state.key === null, "key", "a second key was bound");
  if (record.binding === undefined)
    throw new Fault(
      "no-evidence",
      "the binding itself is not in the record: it is of a release before 0.4.0",
    );
  const jws = toldText(record, "binding");
  const { jwk, payload, signingInput, signature } = parseKeyBinding(jws);
  need(payload.sid === sid, "other-session", "the binding speaks of another session");
  needNonce(state, payload.nonce, tools);
  const thumbprint = hash(tools, thumbprintInput(jwk));
  need(thumbprint === record.key, "key", "the record names another key than the binding");
  need(
    await tools.verify(jwk, signingInput, signature),
    "signature",
    "the binding's signature is not the key's",
  );
  return { ...state, key: { jwk, thumbprint }, nonce: nonceAfter(jws, record, tools) };
}

async function renewed(state: Replayed, { sid, record, at, policy, tools }: Turn): Promise<Replayed> {
  const jws = toldText(record, "heartbeat");
  const { header, payload, signingInput, signature } = parseHeartbeat(jws);
  need(payload.sid === sid, "other-session", "the heartbeat speaks of another session");
  needNonce(state, payload.nonce, tools);
  const { key } = state;
  if (key === null) throw new Fault("key", "no key was bound, and a heartbeat was accepted");
  need(header.alg === SIGNATURE_ALG && header.typ === HEARTBEAT_TYP, "shape", "the JWS is no heartbeat");
  need(header.kid === key.thumbprint, "key", "the heartbeat names another key");
  need(
    await tools.verify(key.jwk, signingInput, signature),
    "signature",
    "the signature is not the bound key's",
  );
  const { activeAt, counts, intent, automated } = payload;
  need(
    intent === record.intent && automated === record.automated,
    "shape",
    "the record says other than the heartbeat",
  );
  need(!isAhead({ activeAt, now: at }), "times", "the claim lies too far ahead");
  const heard = acceptReport(state, {
    activeAt,
    isMediaAlone: isMediaAlone(counts),
    now: at,
    mediaPeriod: policy.mediaPeriod,
  });
  need(
    heard.lastActiveAt === instantAt(record, "lastActiveAt"),
    "times",
    "the activity is not what was claimed",
  );
  const after = { ...state, ...heard };
  const isStricter = record.idleTimeout !== undefined || record.absoluteTimeout !== undefined;
  const times = isStricter ? withStricter(after, record) : after;
  needDeadline(record, times);
  return { ...times, nonce: nonceAfter(jws, record, tools) };
}

function reauthenticated(state: Replayed, { record, at }: Turn): Replayed {
  if (record.nonce === undefined)
    throw new Fault("no-evidence", "the reauthentication is of a release before 0.4.0");
  const times = timesIn(record);
  need(times.authenticatedAt <= at, "times", "the authentication lies ahead");
  need(instantAt(record, "startedAt") === state.startedAt, "times", "the session began at another time");
  const { lastActiveAt } = acceptActivity(state, { activeAt: times.authenticatedAt, now: at });
  need(lastActiveAt === times.lastActiveAt, "times", "the activity is not the authentication's");
  needDeadline(record, times);
  return { ...state, ...times, lastInputAt: lastActiveAt, nonce: { hash: toldText(record, "nonce") } };
}

function stricter(state: Replayed, record: JsonObject): Replayed {
  const times = withStricter(state, record);
  needDeadline(record, times);
  return times;
}

function endIn(state: Replayed, { record, at, policy }: Turn): NonNullable<Replayed["end"]> {
  const reason = toldText(record, "reason");
  need(
    END_TYPES.get(record.type)?.includes(reason) === true,
    "shape",
    "the reason is not that of such an end",
  );
  const told = timesIn(record);
  need(
    told.authenticatedAt === state.authenticatedAt && told.lastActiveAt === state.lastActiveAt,
    "times",
    "the end counts from other times than the session's",
  );
  const { cause, ...deadlines } = deadlinesOf(withStricter(state, record));
  const endsAt = endsAtOf(deadlines, policy.enforceFromAt);
  const endedAt = instantAt(record, "endedAt");
  need(
    endedAt <= at && endedAt >= state.startedAt,
    "times",
    "the end lies after its record, or before the beginning",
  );
  if (reason === "idle" || reason === "absolute")
    need(
      endedAt === endsAt && reason === cause,
      "times",
      "the session ended at another time than its deadline",
    );
  else need(endedAt < endsAt, "times", "its deadline had passed, and the end says otherwise");
  return { reason, endedAt };
}

function needNonce({ nonce }: Replayed, sent: string, tools: ReplayTools): void {
  const isNext = "hash" in nonce ? hash(tools, sent) === nonce.hash : sent === nonce.value;
  need(isNext, "nonce", "it does not commit to the one before it: one is missing, moved or changed");
}

/** SHA-256 of the message and of the random bytes that the server added. */
function nonceAfter(jws: string, record: JsonObject, { sha256 }: ReplayTools): { readonly value: string } {
  const random = decodeBase64url(toldText(record, "random"));
  if (random === null) throw new Fault("shape", "the random bytes are no base64url");
  return { value: encodeBase64url(sha256(new Uint8Array([...new TextEncoder().encode(jws), ...random]))) };
}

export function hash({ sha256 }: ReplayTools, text: string): string {
  return encodeBase64url(sha256(new TextEncoder().encode(text)));
}
