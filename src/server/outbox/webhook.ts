/** The receiver `webhook`: tells the app of each end by a signed post. */
import { createHmac } from "node:crypto";
import { delivered } from "../lifecycle/delivering.js";
import type { Receiver } from "../lifecycle/receiver.js";
import type { EndedSessionInfo } from "../lifecycle/view.js";
import { systemClock } from "../platform/clock.js";
import { createPostTo } from "../platform/outgoing.js";
import type { WebhookOptions } from "../platform/webhook-options.js";

/** What the app is told. Instants are server milliseconds. */
interface EndDelivery {
  readonly type: "session-ended";
  /** The same each time this end is told, so that the app can leave out what it has had. */
  readonly id: string;
  readonly app: string;
  readonly sid: string;
  readonly subject: string;
  readonly reason: string;
  readonly endedAt: number;
  /** The app's own id of the session (`identify`). */
  readonly ownId?: string;
}

/** Posts each end. Whatever is no 2xx within 5 s counts as a failure, redirects too. */
export function webhookReceiver({ url, ...secrets }: WebhookOptions, app: string): Receiver {
  const address = new URL(url);
  const postTo = createPostTo("the webhook", null);
  return async ({ id, session }) => {
    const body = JSON.stringify(deliveryOf(session, id, app));
    const fields = signedFields(body, id, secrets, Math.floor(systemClock.now() / 1_000));
    await delivered("the webhook", postTo(address, { type: "application/json", body, fields }));
  };
}

function deliveryOf(session: EndedSessionInfo, id: string, app: string): EndDelivery {
  const { sid, subject, reason, endedAt, id: ownId } = session;
  const delivery = { type: "session-ended", id, app, sid, subject, reason, endedAt } as const;
  return ownId === null ? delivery : { ...delivery, ownId };
}

/**
 * What says who has sent a delivery: `Curfew-Signature`, and the header fields of Standard Webhooks 1.0.0
 * (standardwebhooks.com). While a secret is exchanged for another one both sign, so the app is never without one that it knows.
 */
export function signedFields(
  body: string,
  id: string,
  { secret, previousSecret }: Omit<WebhookOptions, "url">,
  seconds: number,
): Readonly<Record<string, string>> {
  const secrets = previousSecret === undefined ? [secret] : [secret, previousSecret];
  const standard = secrets.map((one) => `v1,${macOf(keyOf(one), `${id}.${seconds}.${body}`, "base64")}`);
  return {
    "Curfew-Signature": [`t=${seconds}`, ...secrets.map((one) => `v1=${hexOf(body, one, seconds)}`)].join(
      ",",
    ),
    "webhook-id": id,
    "webhook-timestamp": String(seconds),
    "webhook-signature": standard.join(" "),
  };
}

const STANDARD_PREFIX = "whsec_";

/** Standard Webhooks writes a key as base64 behind a prefix; any other text is itself the key. */
function keyOf(secret: string): Buffer {
  return secret.startsWith(STANDARD_PREFIX)
    ? Buffer.from(secret.slice(STANDARD_PREFIX.length), "base64")
    : Buffer.from(secret);
}

function macOf(key: Buffer | string, text: string, encoding: "hex" | "base64"): string {
  return createHmac("sha256", key).update(text).digest(encoding);
}

/** HMAC-SHA-256 over `SECONDS.BODY`. The time is signed too, so that an old post cannot be sent again. */
function hexOf(body: string, secret: string, seconds: number): string {
  return macOf(secret, `${seconds}.${body}`, "hex");
}
