/** The protocol's one handler: every call below the base path, framework-free. */
import { PROTOCOL_VERSION } from "../../protocol/version.js";
import type { ServerContext } from "../lifecycle/context.js";
import { statusOf } from "../lifecycle/view.js";
import { UnreadableRecordError } from "../platform/errors.js";
import type { LiveSession } from "../record/outcome.js";
import { answerEvents } from "./events.js";
import { type HttpAnswer, type HttpRequest, json } from "./exchange.js";
import type { HandlerParts } from "./handler-parts.js";
import { answerPost, isPost } from "./posts.js";
import { noSessionProblem, problem } from "./problems.js";

/** Whether a path below the base is a call of the protocol, not of an app that has put routes of its own there. */
export function isProtocolCall(path: string | null): boolean {
  return path !== null && (READS.has(path) || isPost(path));
}

/** What is read of the protocol; neither extends anything. */
const READS: ReadonlyMap<string, (parts: HandlerParts, request: HttpRequest) => Promise<HttpAnswer>> =
  new Map([
    ["/session", getSession],
    ["/events", answerEvents],
  ]);

/** @param path below the base, with its leading slash */
export async function handleProtocol(
  parts: HandlerParts,
  request: HttpRequest,
  path: string,
): Promise<HttpAnswer> {
  const preflight = parts.origins.preflight(request);
  if (preflight !== null) return preflight;
  const answer = await route(parts, request, path);
  return { ...answer, headers: [...answer.headers, ...parts.origins.readHeaders(request)] };
}

async function route(parts: HandlerParts, request: HttpRequest, path: string): Promise<HttpAnswer> {
  if (isPost(path)) return request.method === "POST" ? answerPost(parts, request, path) : wrongMethod("POST");
  const read = READS.get(path);
  if (read !== undefined) return request.method === "GET" ? read(parts, request) : wrongMethod("GET");
  const file = parts.scripts.serve(request, path);
  if (file === null) return problem("not-found");
  return request.method === "GET" || request.method === "HEAD" ? file : wrongMethod("GET, HEAD");
}

function wrongMethod(allowed: string): HttpAnswer {
  return problem("method-not-allowed", {}, [["Allow", allowed]]);
}

async function getSession(parts: HandlerParts, request: HttpRequest): Promise<HttpAnswer> {
  const { context, presenter } = parts;
  const session = await presenter.find(request);
  const asked = echoOf(request.query.get("ask"));
  if (session.status === "absent") return json(200, { v: PROTOCOL_VERSION, status: "none", ...asked });
  if (session.status === "unknown") return noSessionProblem(context.signInUrl);
  if (session.status === "ended") return presenter.endedAnswer(request, session);
  await parts.limits.askStatus({ sid: session.record.sid, address: request.address });
  const was = request.query.get("was");
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
