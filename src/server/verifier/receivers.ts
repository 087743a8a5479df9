/** Who is told of ends from here. */
import type { Receiver } from "../lifecycle/receiver.js";
import { webhookReceiver } from "../outbox/webhook.js";
import type { WebhookOptions } from "../outbox/webhook-options.js";
import type { Recipient } from "../record/outbox.js";

interface ReceiverOptions {
  /** The app's name. */
  readonly name: string;
  readonly webhook?: WebhookOptions | undefined;
}

export function receiversOf({ name, webhook }: ReceiverOptions): ReadonlyMap<Recipient, Receiver> {
  return new Map<Recipient, Receiver>(
    webhook === undefined ? [] : [["webhook", webhookReceiver(webhook, name)]],
  );
}
