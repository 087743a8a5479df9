/**
 * `GET {base}/events`: a page hears of an end elsewhere by a stream of server-sent events. It extends nothing, and what it
 * says is news: the page asks `GET {base}/session` whether it is so.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
import type { LiveSession } from "../record/outcome.js";
import type { HttpContext } from "./context.js";
import { type HttpHeader, type HttpRequest, NO_STORE } from "./exchange.js";
import { noSession, type Refused, type Reply, refused, sessionEnded } from "./problems.js";

/** `no-transform`: what compresses would hold the events back. nginx buffers unless it is told not to. */
const STREAM_HEADERS: readonly HttpHeader[] = [
  ["Content-Type", "text/event-stream"],
  ["Cache-Control", "no-store, no-transform"],
  ["X-Accel-Buffering", "no"],
];
/** In seconds. Meanwhile the page asks once a minute. */
const FULL_RETRY = 60;

/** Any answer but the stream keeps a browser from opening it again by itself. */
export async function answerEvents(http: HttpContext, request: HttpRequest): Promise<Reply> {
  const { context, presented, limits, events } = http;
  if (context.policy.reachPeriod === 0) return refused("not-found");
  if (events.isFull()) return full();
  const session = await presented.find(request, context);
  // Nobody is signed in, so there is nothing to tell: no fault, and no red line in the console.
  if (session.status === "absent") return { status: 204, headers: [NO_STORE], body: null };
  if (session.status === "unknown") return noSession(context.signInUrl);
  if (session.status === "ended") return sessionEnded(session, context);
  await limits.askStatus({ sid: session.record.sid, address: request.address });
  return streamOf(http, request, session);
}

function streamOf({ context, events }: HttpContext, request: HttpRequest, live: LiveSession): Reply {
  const stream = events.take(live.record.sid, request);
  if (stream === null) return full();
  const signal = context.signals.signalOf(live, { onClosed: stream.onClosed });
  return { status: 200, headers: STREAM_HEADERS, body: stream.until(signal) };
}

function full(): Refused {
  const detail = "As many streams are open as may be; GET session tells the same.";
  return refused("unavailable", { detail, retryAfter: FULL_RETRY });
}
