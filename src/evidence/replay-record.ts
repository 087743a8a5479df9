/** One record of a session against what was before it: what the session is after it, or why the record cannot be true. */
import { decodeBase64url, encodeBase64url } from "../protocol/base64url.js";
import { HEARTBEAT_TYP, isMediaAlone, parseHeartbeat } from "../protocol/heartbeat.js";
import { parseKeyBinding, SIGNATURE_ALG } from "../protocol/key-binding.js";
import type { JsonObject } from "../protocol/members.js";
import { thumbprintInput } from "../protocol/public-jwk.js";
import { acceptActivity, acceptReport, deadlinesOf, endsAtOf, isAhead } from "../session/deadlines.js";
import { NO_DOUBT, type Replayed, type ReplayTools, type Turn } from "./replay.types.js";
import { END_TYPES, endIn, isDoubtful, isToldAgain } from "./replay-bounds.js";
import { carried } from "./replay-carried.js";
import {
  Fault,
  instantAt,
  need,
  needDeadline,
  needNumberIn,
  timesIn,
  toldText,
  withStricter,
} from "./replay-reading.js";

export async function next(before: Replayed, turn: Turn): Promise<Replayed> {
  const { record, at, policy } = turn;
  if (isToldAgain(before, record)) return before;
  const change = needNumber(before, turn);
  const state = change === before.change + 1 ? before : doubted(before);
  need(record.v === 1, "shape", "the record is of an unknown version");
  need(
    record.app === state.app && record.subject === state.subject,
    "other-session",
    "it names another person or app",
  );
  need(state.end === null, "after-end", "the session had ended before");
  need(at >= state.at, "times", "it lies before the record before it");
  if (END_TYPES.has(record.type))
    return { ...state, change, at, end: endIn(state, turn), isLate: record.late === true };
  if (record.type === "session_carried") return { ...carried(state, turn), change, at };
  need(
    isDoubtful(state) || at < endsAtOf(deadlinesOf(state), policy.enforceFromAt),
    "after-end",
    "the deadline had passed, and the session was changed all the same",
  );
  return { ...(await changed(state, turn)), change, at };
}

/** What is not known any more once a change is lost. */
function doubted(state: Replayed): Replayed {
  return { ...state, nonce: null, doubt: { activity: true, terms: true, key: state.key === null } };
}

function needNumber(state: Replayed, { record, lose }: Turn): number {
  const number = needNumberIn(record);
  need(number > state.change, "repeated", `change ${number} comes again, or late`);
  if (number > state.change + 1) lose(state, number);
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
  const doubt = { ...state.doubt, key: false };
  return { ...state, key: { jwk, thumbprint }, nonce: nonceAfter(jws, record, tools), doubt };
}

async function renewed(state: Replayed, { sid, record, at, policy, tools }: Turn): Promise<Replayed> {
  const jws = toldText(record, "heartbeat");
  const { header, payload, signingInput, signature } = parseHeartbeat(jws);
  need(payload.sid === sid, "other-session", "the heartbeat speaks of another session");
  needNonce(state, payload.nonce, tools);
  const { key } = state;
  need(header.alg === SIGNATURE_ALG && header.typ === HEARTBEAT_TYP, "shape", "the JWS is no heartbeat");
  if (key === null) need(state.doubt.key, "key", "no key was bound, and a heartbeat was accepted");
  else {
    need(header.kid === key.thumbprint, "key", "the heartbeat names another key");
    const isSigned = await tools.verify(key.jwk, signingInput, signature);
    need(isSigned, "signature", "the signature is not the bound key's");
  }
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
  const told = instantAt(record, "lastActiveAt");
  // The lost one may have told of later activity than is known; none lies ahead.
  const isHeard = told === heard.lastActiveAt || (state.doubt.activity && told > heard.lastActiveAt);
  need(isHeard && told <= at, "times", "the activity is not what was claimed");
  const lastInputAt = Math.max(heard.lastInputAt, state.doubt.activity ? told : 0);
  const doubt = { ...state.doubt, activity: state.doubt.activity && isMediaAlone(counts) };
  const after = { ...state, lastActiveAt: told, lastInputAt, doubt };
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
  const isOwn = state.doubt.activity
    ? lastActiveAt <= times.lastActiveAt
    : lastActiveAt === times.lastActiveAt;
  need(isOwn && times.lastActiveAt <= at, "times", "the activity is not the authentication's");
  needDeadline(record, times);
  const { key } = state.doubt;
  const doubt = { ...NO_DOUBT, key };
  return {
    ...state,
    ...times,
    lastInputAt: times.lastActiveAt,
    doubt,
    nonce: { hash: toldText(record, "nonce") },
  };
}

function stricter(state: Replayed, record: JsonObject): Replayed {
  const times = withStricter(state, record);
  needDeadline(record, times);
  return times;
}

function needNonce({ nonce }: Replayed, sent: string, tools: ReplayTools): void {
  if (nonce === null) return;
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
