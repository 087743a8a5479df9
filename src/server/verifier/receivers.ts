/** Who is told of ends from here. */
import type { IdentityProvider, ProviderEnds } from "../idp/provider.types.js";
import type { Receiver } from "../lifecycle/receiver.js";
import { webhookReceiver } from "../outbox/webhook.js";
import type { WebhookOptions } from "../platform/webhook-options.js";
import type { Recipient } from "../record/outbox.js";

interface ReceiverOptions {
  /** The app's name. */
  readonly name: string;
  readonly webhook?: WebhookOptions | undefined;
  readonly idp?: true | IdentityProvider | undefined;
}

export function receiversOf({ name, webhook, idp }: ReceiverOptions): ReadonlyMap<Recipient, Receiver> {
  const provider = endsOf(idp);
  return new Map<Recipient, Receiver>([
    ...(webhook === undefined ? [] : [["webhook", webhookReceiver(webhook, name)] as const]),
    ...(provider?.keeps === "refreshToken"
      ? [["provider", ({ token }) => provider.tell(token)] as const satisfies readonly [Recipient, Receiver]]
      : []),
  ]);
}

/** How the provider hears of ends; null where it does not. */
export function endsOf(idp: true | IdentityProvider | undefined): ProviderEnds | null {
  return typeof idp === "object" ? (idp.ends ?? null) : null;
}
