/** The heartbeat: the signed message that says when the last activity was (docs/protocol.md, "Heartbeat"). */
import { decodeCompactJws, type UnverifiedJws } from "./compact-jws.js";
import { booleanAt, exactObject, integerAt, type JsonObject, objectOf, stringAt } from "./members.js";
import { ParseError } from "./parse-error.js";
import { checkVersion } from "./version.js";

export const HEARTBEAT_TYP = "curfew-heartbeat+jwt";

/** The kinds of input that a heartbeat counts. Coarse on purpose: no keys, no coordinates, no text. */
export const INPUT_KINDS = ["pointer", "key", "touch", "wheel", "media", "other"] as const;
export type InputKind = (typeof INPUT_KINDS)[number];

/** How many inputs of each kind since the last heartbeat, 0 to 999 each. */
export type InputCounts = Readonly<Record<InputKind, number>>;
export const MAX_COUNT = 999;

/** Whether nothing but media was played. */
export function isMediaAlone({ media, ...input }: InputCounts): boolean {
  return media > 0 && Object.values(input).every((count) => count === 0);
}

/** `activity`: sent by itself while a person is active. `extend`: the person answered the warning. Recorded; changes nothing. */
export type HeartbeatIntent = "activity" | "extend";

interface HeartbeatHeader {
  readonly alg: string;
  readonly typ: string;
  /** The bound key's JWK thumbprint (RFC 7638). */
  readonly kid: string;
}

export interface HeartbeatPayload {
  readonly v: number;
  /** The page's origin. */
  readonly aud: string;
  readonly sid: string;
  readonly nonce: string;
  /** When the last input was, by the server's clock, in milliseconds since the epoch. */
  readonly activeAt: number;
  readonly intent: HeartbeatIntent;
  readonly counts: InputCounts;
  /** `navigator.webdriver` */
  readonly automated: boolean;
}

export interface UnverifiedHeartbeat extends Omit<UnverifiedJws, "header" | "payload"> {
  readonly header: HeartbeatHeader;
  readonly payload: HeartbeatPayload;
}

const HEADER_MEMBERS = ["alg", "typ", "kid"];
const PAYLOAD_MEMBERS = ["v", "aud", "sid", "nonce", "activeAt", "intent", "counts", "automated"];

/**
 * Reads a heartbeat strictly: members exactly as listed, in any order.
 * @throws ParseError with the code of the first rule broken.
 */
export function parseHeartbeat(jws: unknown): UnverifiedHeartbeat {
  const { header, payload, ...rest } = decodeCompactJws(jws);
  return { ...rest, header: parseHeader(header), payload: parsePayload(payload) };
}

function parseHeader(value: unknown): HeartbeatHeader {
  const header = exactObject(value, HEADER_MEMBERS, "the heartbeat's header");
  return { alg: stringAt(header, "alg"), typ: stringAt(header, "typ"), kid: stringAt(header, "kid") };
}

function parsePayload(value: unknown): HeartbeatPayload {
  checkVersion(objectOf(value, "the heartbeat").v);
  const payload = exactObject(value, PAYLOAD_MEMBERS, "the heartbeat");
  return {
    v: integerAt(payload, "v"),
    aud: stringAt(payload, "aud"),
    sid: stringAt(payload, "sid"),
    nonce: stringAt(payload, "nonce"),
    activeAt: activeAtOf(payload),
    intent: intentOf(payload.intent),
    counts: countsOf(payload.counts),
    automated: booleanAt(payload, "automated"),
  };
}

function activeAtOf(payload: JsonObject): number {
  try {
    return integerAt(payload, "activeAt");
  } catch (error) {
    throw error instanceof ParseError ? new ParseError("active-at", error.message) : error;
  }
}

function intentOf(value: unknown): HeartbeatIntent {
  if (value !== "activity" && value !== "extend")
    throw new ParseError("intent", '"intent" must be "activity" or "extend"');
  return value;
}

function countsOf(value: unknown): InputCounts {
  const counts = exactObject(value, INPUT_KINDS, '"counts"');
  return {
    pointer: integerAt(counts, "pointer", MAX_COUNT),
    key: integerAt(counts, "key", MAX_COUNT),
    touch: integerAt(counts, "touch", MAX_COUNT),
    wheel: integerAt(counts, "wheel", MAX_COUNT),
    media: integerAt(counts, "media", MAX_COUNT),
    other: integerAt(counts, "other", MAX_COUNT),
  };
}
