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
    const body = JSON.stringify(deliveryOf(session, app));
    const response = await post(webhook, body);
    await response.body?.cancel();
    if (!response.ok) throw new Error(`the webhook answered ${response.status}`);
  };
}

async function post({ url, secret }: Webhook, body: string): Promise<Response> {
  const call = new AbortController();
  const late = new Error(`the webhook did not answer within ${TIMEOUT / 1_000} s`);
  try {
    const answer = fetch(url, {
      method: "POST",
      redirect: "manual",
      signal: call.signal,
      headers: {
        "Content-Type": "application/json",
        "Curfew-Signature": signatureOf(body, secret, Math.floor(systemClock.now() / 1_000)),
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

/** `t=SECONDS,v1=HEX`: HMAC-SHA-256 over `SECONDS.BODY`. The time is signed too, so that an old post cannot be sent again. */
export function signatureOf(body: string, secret: string, seconds: number): string {
  const mac = createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex");
  return `t=${seconds},v1=${mac}`;
}
