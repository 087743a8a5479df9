/** What the receiver of alerts is told, and how: by a post that is signed as the webhook's of ends. */
import { delivered } from "../lifecycle/delivering.js";
import { systemClock } from "../platform/clock.js";
import { createPostTo } from "../platform/outgoing.js";
import type { WebhookOptions } from "../platform/webhook-options.js";
import type { Alert } from "../watch/alert.js";
import { signedFields } from "./webhook.js";

/** One alert. */
interface AlertPost {
  /** The same at each try. */
  readonly id: string;
  readonly body: string;
}

/** In messages. */
export const ALERT_WEBHOOK = "the webhook of the alerts";

/** Posts an alert. @throws DeliveryError */
export function alertReceiver({ url, ...secrets }: WebhookOptions): (post: AlertPost) => Promise<void> {
  const address = new URL(url);
  const postTo = createPostTo(ALERT_WEBHOOK, null);
  return async ({ id, body }) => {
    const fields = signedFields(body, id, secrets, Math.floor(systemClock.now() / 1_000));
    await delivered(ALERT_WEBHOOK, postTo(address, { type: "application/json", body, fields }));
  };
}

/** As the trail has it: the person by the pseudonym, never by name. Instants are server milliseconds. */
export function alertBody({ of, ...alert }: Alert, id: string, app: string): string {
  const { rule, severity, at, since, count, because, evidence, seq } = alert;
  const told = { rule, severity, at, since, count, because, evidence, seq };
  const whose = of === null ? {} : { sid: of.sid, pseudonym: of.subject };
  return JSON.stringify({ type: "alert-raised", id, app, ...told, ...whose });
}
