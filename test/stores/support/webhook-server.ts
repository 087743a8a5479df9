/** A receiver of webhooks that the test tells what to answer. */
import { once } from "node:events";
import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { atEnd } from "./every-store.js";

interface Answer {
  readonly status: number;
  readonly retryAfter?: string;
}

export interface WebhookServer {
  readonly webhook: { readonly url: string; readonly secret: string };
  /** What was posted, in the order of its arrival. */
  readonly deliveries: readonly { readonly id: string; readonly sid: string }[];
  /** What everything is answered with from now on; null: nothing at all. */
  answer: Answer | null;
}

export async function startWebhookServer(): Promise<WebhookServer> {
  const deliveries: { readonly id: string; readonly sid: string }[] = [];
  const server = createServer(async (request, response) => {
    deliveries.push((await json(request)) as { readonly id: string; readonly sid: string });
    const { answer } = hook;
    if (answer === null) return;
    const { status, retryAfter } = answer;
    response.writeHead(status, retryAfter === undefined ? {} : { "retry-after": retryAfter }).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  atEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  const webhook = { url: `http://127.0.0.1:${port}/`, secret: "webhook-secret-of-the-tests-0123456789" };
  const hook: WebhookServer = { webhook, deliveries, answer: { status: 204 } };
  return hook;
}
