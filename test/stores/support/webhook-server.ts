/** A receiver of webhooks that the test tells what to answer. */
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { text } from "node:stream/consumers";
import { atEnd } from "./every-store.js";

interface Answer {
  readonly status: number;
  readonly retryAfter?: string;
}

export interface WebhookServer {
  readonly webhook: { readonly url: string; readonly secret: string };
  /** What was posted, in the order of its arrival. */
  readonly deliveries: readonly { readonly id: string; readonly sid: string }[];
  /** Of each, whether its headers have its id and its signature. */
  readonly areSigned: readonly boolean[];
  /** What everything is answered with from now on; null: nothing at all. */
  answer: Answer | null;
  /** Breaks off what it has not answered. */
  hangUp(): void;
}

const SECRET = "webhook-secret-of-the-tests-0123456789";

/** By the scheme that docs/sidecar.md tells receivers of. */
function isSigned(body: string, id: string, headers: IncomingHttpHeaders): boolean {
  const [, time, given] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers["curfew-signature"])) ?? [];
  const expected = createHmac("sha256", SECRET).update(`${time}.${body}`).digest("hex");
  return given === expected && headers["webhook-id"] === id && headers["webhook-timestamp"] === time;
}

export async function startWebhookServer(): Promise<WebhookServer> {
  const deliveries: { readonly id: string; readonly sid: string }[] = [];
  const areSigned: boolean[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const delivery = JSON.parse(body) as { readonly id: string; readonly sid: string };
    deliveries.push(delivery);
    areSigned.push(isSigned(body, delivery.id, request.headers));
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
  const webhook = { url: `http://127.0.0.1:${port}/`, secret: SECRET };
  const hook: WebhookServer = {
    webhook,
    deliveries,
    areSigned,
    answer: { status: 204 },
    hangUp: () => server.closeAllConnections(),
  };
  return hook;
}
