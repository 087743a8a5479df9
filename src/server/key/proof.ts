/**
 * Step-up for one operation: the bound key signs method, path and body under a challenge that is good for one use
 * (docs/protocol.md, "Proof of an operation").
 */

import { SIGNATURE_ALG } from "../../protocol/key-binding.js";
import { PROOF_TYP, parseOperationProof, type UnverifiedProof } from "../../protocol/operation-proof.js";
import { ParseError } from "../../protocol/parse-error.js";
import { recordThinned } from "../audit/thinned.js";
import type { ServerContext } from "../lifecycle/context.js";
import { replaceRecorded } from "../lifecycle/recorded-write.js";
import { replaceLive, whileLive } from "../lifecycle/settle.js";
import type { Confirmation } from "../lifecycle/unconfirmed.js";
import { Refusal } from "../platform/errors.js";
import { randomText, sha256 } from "../platform/secrets.js";
import type { EndedSession, LiveSession } from "../record/outcome.js";
import { type Challenge, nextChange, type SessionRecord } from "../record/session.js";

/** What is to be done, as the server received it. */
interface Operation {
  readonly method: string;
  /** The path with its query, as sent. */
  readonly path: string;
  readonly origin: string;
  readonly body: Uint8Array;
}

/** How long a challenge is good for: 2 minutes. */
const CHALLENGE_PERIOD = 120_000;
/** Several tabs may ask at once. Who asks for more gets the youngest again: no challenge is pushed out by another. */
const MOST_CHALLENGES = 8;

/** Makes a challenge; null where the session is gone. */
export async function issueChallenge(
  context: ServerContext,
  session: LiveSession,
): Promise<string | EndedSession | null> {
  const issued = await whileLive(context, session, async (live) => {
    const { record, now } = live;
    const open = currentChallenges(record, now);
    const youngest = open.at(-1);
    if (youngest !== undefined && open.length >= MOST_CHALLENGES) return { value: youngest.value };
    const value = randomText(32);
    const challenges = [...open, { value, expiresAt: now + CHALLENGE_PERIOD }];
    const written = await replaceLive(context, live, { ...record, challenges });
    return written && { value };
  });
  return issued !== null && "value" in issued ? issued.value : issued;
}

/**
 * Accepts a proof, once.
 * @throws Refusal `bad-proof` with `code`: `challenge` (unknown, used or too late), `operation`, `key`, `signature`, …
 */
export async function acceptProof(
  context: ServerContext,
  session: LiveSession,
  jws: string,
  operation: Operation,
): Promise<LiveSession | EndedSession | null> {
  const { method } = operation;
  // A query may say what is nobody's business in a log; the signature has held for it all the same.
  const [path = ""] = operation.path.split("?");
  try {
    const proof = parsed(jws);
    return await whileLive<LiveSession>(context, session, async (live) => {
      const told = { change: nextChange(live.record), method, path };
      return use(context, live, proof, operation, (confirmation) =>
        context.audit.record("step_up_proven", live.now, live.record, { ...told, ...confirmation }),
      );
    });
  } catch (error) {
    if (error instanceof Refusal)
      recordThinned(context, "proof_refused", session.now, session.record, {
        code: error.code,
        method,
        path,
      });
    throw error;
  }
}

async function use(
  context: ServerContext,
  live: LiveSession,
  proof: UnverifiedProof,
  operation: Operation,
  tell: (confirmation: Confirmation) => void,
): Promise<LiveSession | null> {
  const { record, now } = live;
  const { payload } = proof;
  const open = currentChallenges(record, now);
  if (!open.some(({ value }) => value === payload.challenge))
    throw badProof("challenge", "The challenge is unknown, has been used, or is too old: ask for a new one.");
  check(context, record, proof, operation);
  const challenges = open.filter(({ value }) => value !== payload.challenge);
  return replaceRecorded(context, live, { ...record, challenges, changes: nextChange(record) }, tell);
}

function check(
  { signatures }: ServerContext,
  record: SessionRecord,
  { header, payload, signingInput, signature }: UnverifiedProof,
  operation: Operation,
): void {
  if (record.key === null) throw new Refusal("key-mismatch", "No key is bound to this session.");
  if (header.alg !== SIGNATURE_ALG) throw badProof("alg", `"alg" must be "${SIGNATURE_ALG}".`);
  if (header.typ !== PROOF_TYP) throw badProof("typ", `"typ" must be "${PROOF_TYP}".`);
  if (header.kid !== record.key.thumbprint)
    throw badProof("key", "The proof names another key than the one bound to this session.");
  if (payload.sid !== record.sid) throw badProof("sid", "The proof speaks of another session.");
  if (payload.aud !== operation.origin)
    throw badProof("aud", '"aud" must be the origin of the page that sends it.');
  if (payload.method !== operation.method || payload.path !== operation.path)
    throw badProof("operation", "The proof is for another operation.");
  if (payload.bodyHash !== sha256(operation.body)) throw badProof("body", "The proof is for another body.");
  if (!signatures.verify(record.key.jwk, signingInput, signature))
    throw badProof("signature", "The signature is not the bound key's.");
}

function currentChallenges({ challenges = [] }: SessionRecord, now: number): readonly Challenge[] {
  return challenges.filter(({ expiresAt }) => now < expiresAt);
}

function parsed(jws: string): UnverifiedProof {
  try {
    return parseOperationProof(jws);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    throw badProof(error.code, `Not acceptable: ${error.message}.`);
  }
}

function badProof(code: string, detail: string): Refusal {
  return new Refusal("bad-proof", detail, { code });
}
