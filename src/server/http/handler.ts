/** The protocol's one handler: every call below the base path, framework-free. */
import { PROTOCOL_VERSION } from "../../protocol/version.js";
import type { ServerContext } from "../lifecycle/context.js";
import { statusOf } from "../lifecycle/view.js";
import { UnreadableRecordError } from "../platform/errors.js";
import type { LiveSession } from "../record/outcome.js";
import type { HttpContext } from "./context.js";
import { answerEvents } from "./events.js";
import { type HttpAnswer, type HttpRequest, json } from "./exchange.js";
import { LOGOUT_PATH } from "./logout-post.js";
import { answerPost, isPost } from "./posts.js";
import { answerOf, noSession, type Reply, refused, wrongMethod } from "./problems.js";
import { END_PATH } from "./provider-end.js";
import { httpOfRequest } from "./request-context.js";

/** Whether a path below the base is a call of the protocol, not of an app that has put routes of its own there. */
export function isProtocolCall(path: string | null): boolean {
  return path !== null && (READS.has(path) || isPost(path) || path === LOGOUT_PATH || path === END_PATH);
}

/** What is read of the protocol; neither extends anything. */
const READS: ReadonlyMap<string, (http: HttpContext, request: HttpRequest) => Promise<Reply>> = new Map([
  ["/session", getSession],
  ["/events", answerEvents],
]);

/** @param path below the base, with its leading slash */
export async function handleProtocol(
  http: HttpContext,
  request: HttpRequest,
  path: string,
): Promise<HttpAnswer> {
  const preflight = http.origins.preflight(request);
  if (preflight !== null) return preflight;
  const answer = answerOf(await route(httpOfRequest(http, request), request, path));
  return { ...answer, headers: [...answer.headers, ...http.origins.readHeaders(request)] };
}

async function route(http: HttpContext, request: HttpRequest, path: string): Promise<Reply> {
  if (isPost(path)) return request.method === "POST" ? answerPost(http, request, path) : wrongMethod("POST");
  const read = READS.get(path);
  if (read !== undefined) return request.method === "GET" ? read(http, request) : wrongMethod("GET");
  const file = http.scripts.serve(request, path);
  if (file === null) return refused("not-found");
  return request.method === "GET" || request.method === "HEAD" ? file : wrongMethod("GET, HEAD");
}

async function getSession(http: HttpContext, request: HttpRequest): Promise<Reply> {
  const { context, presented, keptPages } = http;
  const session = await presented.find(request, context);
  const asked = echoOf(request.query().get("ask"));
  if (session.status === "absent") return json(200, { v: PROTOCOL_VERSION, status: "none", ...asked });
  if (session.status === "unknown") return noSession(context.signInUrl);
  if (session.status === "ended") return keptPages.ended(request, session);
  await http.limits.askStatus({ sid: session.record.sid, address: request.address });
  const was = request.query().get("was");
  const same = was === null ? {} : { sameSubject: await hadSameSubject(context, was, session) };
  return json(200, { ...statusOf(session, context), ...same, ...asked });
}

/** What tells an answer to this question from one that a cache has kept. */
function echoOf(ask: string | null): { readonly asked?: string } {
  return ask !== null && /^[\w-]{1,64}$/.test(ask) ? { asked: ask } : {};
}

async function hadSameSubject(
  context: ServerContext,
  was: string,
  { record }: LiveSession,
): Promise<boolean> {
  const before = await context.store.find(was).catch(unlessUnreadable);
  return before !== null && before.record.app === record.app && before.record.subject === record.subject;
}

/** What is said of another session than the browser's own: a record that cannot be read says nothing. */
function unlessUnreadable(error: unknown): null {
  if (error instanceof UnreadableRecordError) return null;
  throw error;
}
