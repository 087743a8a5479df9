/** The protocol's one handler: every call below the base path, framework-free. */
import { parseHeartbeat } from "../../protocol/heartbeat.js";
import { parseKeyBinding } from "../../protocol/key-binding.js";
import type { JsonObject } from "../../protocol/members.js";
import { ParseError } from "../../protocol/parse-error.js";
import type { ProblemName } from "../../protocol/problem.js";
import { ACCEPTED_VERSIONS, PROTOCOL_VERSION } from "../../protocol/version.js";
import { acceptHeartbeat } from "../activity/heartbeat.js";
import type { UseAfterEnd } from "../audit/use-after-end.js";
import { bindKey } from "../key/bind.js";
import type { ServerContext } from "../lifecycle/context.js";
import { currentSession, endSession } from "../lifecycle/settle.js";
import { Refusal, UnreadableRecordError } from "../platform/errors.js";
import type { LiveSession, SettledSession } from "../record/outcome.js";
import { statusOf } from "../record/session.js";
import { endSubject } from "../subject/ends.js";
import type { SessionCookies } from "./cookies.js";
import { type HttpAnswer, type HttpRequest, json, NO_STORE } from "./exchange.js";
import type { Limited, RateLimits } from "./limits.js";
import type { OriginRules } from "./origins.js";
import { onlyMember, readPostedBody } from "./posted-body.js";
import type { Presenter } from "./presented-session.js";
import { noSessionProblem, problem } from "./problems.js";
import type { ScriptInclude } from "./script-include.js";

export interface HandlerParts {
  readonly context: ServerContext;
  readonly cookies: SessionCookies;
  readonly origins: OriginRules;
  readonly presenter: Presenter;
  readonly useAfterEnd: UseAfterEnd;
  readonly scripts: ScriptInclude;
  readonly limits: RateLimits;
  /** Called when a body parser has been at a post before this handler. */
  readonly onParsedBody: () => void;
}

/** What is to be done once the session is known. */
type Message = (parts: HandlerParts, request: HttpRequest, origin: string) => Promise<HttpAnswer>;

/** Reads a body. @throws Refusal */
type Post = (body: JsonObject) => Message;

const POSTS: ReadonlyMap<string, Post> = new Map([
  ["/key", postKey],
  ["/heartbeat", postHeartbeat],
  ["/end", postEnd],
]);

/** Whether a path below the base is a call of the protocol, not of an app that has put routes of its own there. */
export function isProtocolCall(path: string | null): boolean {
  return path !== null && (path === "/session" || POSTS.has(path));
}

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
  const post = POSTS.get(path);
  if (post !== undefined) {
    if (request.method !== "POST") return wrongMethod("POST");
    const { message, origin } = await accepted(parts, request, post);
    return message(parts, request, origin);
  }
  if (path === "/session") return request.method === "GET" ? getSession(parts, request) : wrongMethod("GET");
  const file = parts.scripts.serve(request, path);
  if (file === null) return problem("not-found");
  return request.method === "GET" || request.method === "HEAD" ? file : wrongMethod("GET, HEAD");
}

/** A post from where posts may come, with a body that can be read. @throws Refusal */
async function accepted(parts: HandlerParts, request: HttpRequest, post: Post) {
  try {
    const origin = parts.origins.acceptPost(request);
    return { message: post(await readPostedBody(request, parts.onParsedBody)), origin };
  } catch (error) {
    // The refusal stands, whether anybody can tell whose post it was or not.
    const sid = error instanceof Refusal ? await parts.presenter.sidOf(request).catch(() => null) : null;
    if (sid !== null) await parts.limits.refused({ sid, address: request.address });
    throw error;
  }
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
  return json(200, { ...statusOf(session.record, { ...context, now: session.now }), ...same, ...asked });
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

function postHeartbeat(body: JsonObject): Message {
  const jws = onlyMember(body, "heartbeat");
  const heartbeat = parsed("bad-heartbeat", () => parseHeartbeat(jws));
  return (parts, request, origin) =>
    withLiveSession(parts, request, heartbeat.payload.sid, (session) =>
      acceptHeartbeat(parts.context, session, { jws, heartbeat, origin }),
    );
}

function postKey(body: JsonObject): Message {
  const jws = onlyMember(body, "binding");
  const binding = parsed("bad-request", () => parseKeyBinding(jws));
  return (parts, request, origin) =>
    withLiveSession(parts, request, binding.payload.sid, (session) =>
      bindKey(parts.context, session, { jws, binding, origin }),
    );
}

/** Does `work` on the session that the cookie presents, if it lives and is the one that the message speaks of. */
async function withLiveSession(
  parts: HandlerParts,
  request: HttpRequest,
  sid: string,
  work: (session: LiveSession) => Promise<SettledSession | null>,
): Promise<HttpAnswer> {
  const { context, presenter, useAfterEnd } = parts;
  const session = await presenter.find(request);
  if (session.status === "absent" || session.status === "unknown") return noSessionProblem(context.signInUrl);
  await refuseOther(parts, request, sid, session);
  const who = { sid, address: request.address };
  const result =
    session.status === "active"
      ? await answerStale(parts, session, (live) => limited(parts.limits, who, () => work(live)))
      : session;
  if (result === null) return noSessionProblem(context.signInUrl);
  if ("headers" in result) return result;
  if (result.status === "active") return json(200, statusOf(result.record, { ...context, now: result.now }));
  useAfterEnd.seen(result);
  return presenter.endedAnswer(request, result);
}

async function refuseOther(
  { limits }: HandlerParts,
  { address }: HttpRequest,
  sid: string,
  { record }: SettledSession,
): Promise<void> {
  if (sid === record.sid) return;
  await limits.refused({ sid: record.sid, address });
  throw new Refusal("other-session", "The message speaks of another session than the cookie.");
}

/**
 * Signatures that fail cost: who sends many is not listened to for a while. Whatever else is refused costs little, so a
 * good post of the same browser passes all the same.
 */
async function limited<T>(limits: RateLimits, who: Limited, work: () => Promise<T>): Promise<T> {
  await limits.beforeVerifying(who);
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal) await (error.code === "signature" ? limits.failed : limits.refused)(who);
    throw error;
  }
}

/** A stale nonce is answered with the current status, so that an honest client can sign again at once. */
async function answerStale(
  { context }: HandlerParts,
  session: LiveSession,
  work: (session: LiveSession) => Promise<SettledSession | null>,
): Promise<SettledSession | HttpAnswer | null> {
  try {
    return await work(session);
  } catch (error) {
    if (!(error instanceof Refusal && error.problem === "stale-nonce")) throw error;
    const current = await currentSession(context, session.record.sid);
    if (current === null || current.status === "ended") return current;
    const status = statusOf(current.record, { ...context, now: current.now });
    return problem("stale-nonce", { detail: error.message, session: status });
  }
}

function postEnd({ sid, scope = "session", ...others }: JsonObject): Message {
  if (
    typeof sid !== "string" ||
    (scope !== "session" && scope !== "subject") ||
    Object.keys(others).length > 0
  )
    throw new Refusal(
      "bad-request",
      'The body must be { "sid": "…" }, with "scope": "session" or "subject" if need be.',
      { code: "shape" },
    );
  return async (parts, request) => {
    const { context, cookies, presenter } = parts;
    const session = await presenter.find(request);
    if (session.status === "absent" || session.status === "unknown")
      return noSessionProblem(context.signInUrl);
    await refuseOther(parts, request, sid, session);
    if (scope === "subject") await endSubject(context, session.record.subject, "signed-out");
    await endSession(context, sid, "signed-out");
    return {
      status: 204,
      headers: [NO_STORE, cookies.clear(), ...presenter.forgettingHeaders(request, sid)],
      body: null,
    };
  };
}

function parsed<T>(name: ProblemName, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    if (error.code === "unsupported-version")
      throw new Refusal("unsupported-version", error.message, { accepts: ACCEPTED_VERSIONS });
    throw new Refusal(name, `Not acceptable: ${error.message}.`, { code: error.code });
  }
}
