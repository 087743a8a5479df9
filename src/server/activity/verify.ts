/** Verifies a heartbeat: a straight list of guards, cheapest first (docs/protocol.md, "Heartbeat"). */
import { HEARTBEAT_TYP, type HeartbeatPayload, type UnverifiedHeartbeat } from "../../protocol/heartbeat.js";
import { SIGNATURE_ALG } from "../../protocol/key-binding.js";
import { isAhead } from "../../session/deadlines.js";
import { Refusal } from "../platform/errors.js";
import type { SignatureVerifier } from "../platform/signatures.js";
import type { Policy } from "../policy/policy.types.js";
import type { SessionRecord } from "../record/session.js";

declare const verified: unique symbol;

/** A heartbeat that passed every guard. Only `verifyHeartbeat` makes one, and no other heartbeat extends a session. */
export type VerifiedHeartbeat = HeartbeatPayload & { readonly [verified]: true };

/** What the server knows and compares with. */
interface ExpectedHeartbeat {
  readonly record: SessionRecord;
  /** The store's time. */
  readonly now: number;
  /** The origin that sent the request. */
  readonly origin: string;
  readonly policy: Policy;
}

/** @throws Refusal `stale-nonce`, `key-mismatch`, `bad-heartbeat` (with `code`) */
export function verifyHeartbeat(
  heartbeat: UnverifiedHeartbeat,
  { record, now, origin, policy }: ExpectedHeartbeat,
  signatures: SignatureVerifier,
): VerifiedHeartbeat {
  const { header, payload, signingInput, signature } = heartbeat;
  if (payload.nonce !== record.nonce)
    throw new Refusal("stale-nonce", "This heartbeat carries a nonce that is no longer current.");
  if (record.key === null) throw new Refusal("key-mismatch", "No key is bound to this session.");
  if (header.alg !== SIGNATURE_ALG) throw badHeartbeat("alg", `"alg" must be "${SIGNATURE_ALG}".`);
  if (header.typ !== HEARTBEAT_TYP) throw badHeartbeat("typ", `"typ" must be "${HEARTBEAT_TYP}".`);
  if (header.kid !== record.key.thumbprint)
    throw new Refusal("key-mismatch", "This heartbeat names another key than the one bound to this session.");
  if (payload.aud !== origin)
    throw badHeartbeat("aud", '"aud" must be the origin of the page that sends it.');
  if (isAhead({ activeAt: payload.activeAt, now }))
    throw badHeartbeat("ahead", '"activeAt" is more than 5 minutes ahead of the server\'s time.');
  if (!signatures.verify(record.key.jwk, signingInput, signature))
    throw badHeartbeat("signature", "The signature is not the bound key's.");
  if (payload.automated && policy.automated === "refuse")
    throw badHeartbeat("automated", "The policy refuses heartbeats of automated browsers.");
  return payload as VerifiedHeartbeat;
}

/** Whether the bound key has signed it for this origin, whatever nonce it carries. */
export function isSignedBy(
  { thumbprint, jwk }: NonNullable<SessionRecord["key"]>,
  { header, payload, signingInput, signature }: UnverifiedHeartbeat,
  origin: string,
  signatures: SignatureVerifier,
): boolean {
  const { alg, typ, kid } = header;
  const isOfKey = alg === SIGNATURE_ALG && typ === HEARTBEAT_TYP && kid === thumbprint;
  return isOfKey && payload.aud === origin && signatures.verify(jwk, signingInput, signature);
}

function badHeartbeat(code: string, detail: string): Refusal {
  return new Refusal("bad-heartbeat", detail, { code });
}
