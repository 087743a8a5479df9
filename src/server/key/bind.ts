/** Binds the browser's public key to its session, once (docs/protocol.md, "Key"). */
import type { UnverifiedKeyBinding } from "../../protocol/key-binding.js";
import { recordThinned } from "../audit/thinned.js";
import type { ServerContext } from "../lifecycle/context.js";
import { replaceRecorded } from "../lifecycle/recorded-write.js";
import { whileLive } from "../lifecycle/settle.js";
import { Refusal } from "../platform/errors.js";
import { randomText, sha256 } from "../platform/secrets.js";
import { thumbprintOf } from "../platform/signatures.js";
import type { LiveSession, SettledSession } from "../record/outcome.js";
import { nextChange, type SessionRecord } from "../record/session.js";

interface SentBinding {
  readonly jws: string;
  readonly binding: UnverifiedKeyBinding;
  readonly origin: string;
}

/**
 * Binds the key: a compare-and-set on "no key yet, nonce unchanged". The same key again is no error.
 * @throws Refusal `already-bound`, `bind-closed`, `stale-nonce`, `bad-request` (with `code`)
 */
export function bindKey(
  context: ServerContext,
  session: LiveSession,
  sent: SentBinding,
): Promise<SettledSession | null> {
  const thumbprint = thumbprintOf(sent.binding.jwk);
  return whileLive<LiveSession>(context, session, async (live) => {
    if (live.record.key?.thumbprint === thumbprint) return live;
    checkAudited(context, live, sent);
    return write(context, live, sent, thumbprint);
  });
}

function check(context: ServerContext, live: LiveSession, { binding, origin }: SentBinding): void {
  const { record, now } = live;
  if (record.key !== null)
    throw new Refusal("already-bound", "Another key is bound to this session; it stays.");
  if (now >= record.bindUntil)
    throw new Refusal(
      "bind-closed",
      "A key can be bound only shortly after authentication; reauthenticate to bind one.",
    );
  if (binding.payload.nonce !== record.nonce)
    throw new Refusal("stale-nonce", "This binding carries a nonce that is no longer current.");
  if (binding.payload.aud !== origin)
    throw new Refusal("bad-request", '"aud" must be the origin of the page that sends it.', { code: "aud" });
  if (!context.signatures.verify(binding.jwk, binding.signingInput, binding.signature))
    throw new Refusal("bad-request", "The signature is not the key's own.", { code: "signature" });
}

function checkAudited(context: ServerContext, live: LiveSession, sent: SentBinding): void {
  try {
    check(context, live, sent);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    recordThinned(context, "key_refused", live.now, live.record, { code: error.code });
    throw error;
  }
}

async function write(
  context: ServerContext,
  live: LiveSession,
  { jws, binding }: SentBinding,
  thumbprint: string,
): Promise<LiveSession | null> {
  const { record, now } = live;
  const random = randomText(32);
  const next: SessionRecord = {
    ...record,
    key: { thumbprint, jwk: binding.jwk },
    nonce: sha256(jws, Buffer.from(random, "base64url")),
    changes: nextChange(record),
  };
  return replaceRecorded(context, live, next, (confirmation) =>
    context.audit.record("key_bound", now, record, {
      change: nextChange(record),
      key: thumbprint,
      binding: jws,
      random,
      ...confirmation,
    }),
  );
}
