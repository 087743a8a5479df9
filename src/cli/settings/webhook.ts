/** `onEnd: { url, secret }`: tells the app of each end by a signed post, at least once. */
import { createHmac } from "node:crypto";
import type { EndedSessionInfo } from "../../server/lifecycle/notices.js";
import { systemClock, within } from "../../server/platform/clock.js";
import { sha256 } from "../../server/platform/secrets.js";
import type { Webhook } from "./settings.js";

const TIMEOUT = 5_000;

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

/**
 * Posts each end. Whatever is no 2xx within 5 s counts as a failure, redirects too; who calls tries again later.
 * @returns a function that throws until the app has taken the delivery
 */
export function endWebhook(webhook: Webhook, app: string): (session: EndedSessionInfo) => Promise<void> {
  return async (session) => {
    const delivery = deliveryOf(session, app);
    const response = await post(webhook, delivery.id, JSON.stringify(delivery));
    await response.body?.cancel();
    if (!response.ok) throw new Error(`the webhook answered ${response.status}`);
  };
}

async function post({ url, ...secrets }: Webhook, id: string, body: string): Promise<Response> {
  const call = new AbortController();
  const late = new Error(`the webhook did not answer within ${TIMEOUT / 1_000} s`);
  try {
    const answer = fetch(url, {
      method: "POST",
      redirect: "manual",
      signal: call.signal,
      headers: {
        "Content-Type": "application/json",
        ...signedHeaders(body, id, secrets, Math.floor(systemClock.now() / 1_000)),
      },
      body,
    });
    return await within(TIMEOUT, answer, () => late);
  } catch (error) {
    call.abort();
    throw error === late ? late : new Error("the webhook cannot be reached", { cause: error });
  }
}

function deliveryOf({ sid, subject, reason, endedAt, id }: EndedSessionInfo, app: string): EndDelivery {
  const delivery = { type: "session-ended", id: sha256(app, " ", sid, " ended").slice(0, 22) } as const;
  return { ...delivery, app, sid, subject, reason, endedAt, ...(id === null ? {} : { ownId: id }) };
}

/**
 * What says who has sent a delivery: `Curfew-Signature`, and the headers of Standard Webhooks 1.0.0 (standardwebhooks.com). While
 * a secret is exchanged for another one both sign, so the app is never without one that it knows.
 */
export function signedHeaders(
  body: string,
  id: string,
  { secret, previousSecret }: Omit<Webhook, "url">,
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
