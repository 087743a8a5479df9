/** The protocol's posts: a key, a heartbeat, an end. Each is read first, and then done with the session that is presented. */
import { parseHeartbeat } from "../../protocol/heartbeat.js";
import { parseKeyBinding } from "../../protocol/key-binding.js";
import type { JsonObject } from "../../protocol/members.js";
import { ParseError } from "../../protocol/parse-error.js";
import type { ProblemName } from "../../protocol/problem-names.js";
import { ACCEPTED_VERSIONS } from "../../protocol/version.js";
import { acceptHeartbeat } from "../activity/heartbeat.js";
import { recordUseAfterEnd } from "../audit/use-after-end.js";
import { bindKey } from "../key/bind.js";
import { currentSession, endSession } from "../lifecycle/settle.js";
import { statusOf } from "../lifecycle/view.js";
import { Refusal } from "../platform/errors.js";
import { isSession, type LiveSession, type SettledSession } from "../record/outcome.js";
import { endSubject } from "../subject/ends.js";
import type { HttpContext } from "./context.js";
import { type HttpRequest, json, NO_STORE } from "./exchange.js";
import type { Limited, RateLimits } from "./limits.js";
import { onlyMember, readPostedBody } from "./posted-body.js";
import { noSession, type Refused, type Reply, refused } from "./problems.js";
import { contextOfRequest } from "./request-context.js";

/** What is to be done once the session is known. */
type Message = (http: HttpContext, request: HttpRequest, origin: string) => Promise<Reply>;

/** Reads a body. @throws Refusal */
type Post = (body: JsonObject) => Message;

const POSTS: ReadonlyMap<string, Post> = new Map([
  ["/key", postKey],
  ["/heartbeat", postHeartbeat],
  ["/end", postEnd],
]);

/** Whether a path below the base is one that is posted to. */
export function isPost(path: string): boolean {
  return POSTS.has(path);
}

/** @throws Refusal */
export async function answerPost(http: HttpContext, request: HttpRequest, path: string): Promise<Reply> {
  const { message, origin } = await accepted(http, request, path);
  return message(http, request, origin);
}

/** A post from where posts may come, with a body that can be read. @throws Refusal */
async function accepted(http: HttpContext, request: HttpRequest, path: string) {
  try {
    const origin = http.origins.acceptPost(request);
    const body = await readPostedBody(request, http.onParsedBody);
    const post = POSTS.get(path);
    if (post === undefined) throw new Refusal("not-found", "Nothing is posted there.");
    return { message: post(body), origin };
  } catch (error) {
    // The refusal stands, whether anybody can tell whose post it was or not.
    const sid = error instanceof Refusal ? await http.presented.sidOf(request).catch(() => null) : null;
    if (sid !== null) await http.limits.refused({ sid, address: request.address });
    throw error;
  }
}

function postHeartbeat(body: JsonObject): Message {
  const jws = onlyMember(body, "heartbeat");
  const heartbeat = parsed("bad-heartbeat", () => parseHeartbeat(jws));
  return (http, request, origin) =>
    withLiveSession(http, request, heartbeat.payload.sid, (session) =>
      acceptHeartbeat(http.context, session, { jws, heartbeat, origin }),
    );
}

function postKey(body: JsonObject): Message {
  const jws = onlyMember(body, "binding");
  const binding = parsed("bad-request", () => parseKeyBinding(jws));
  return (http, request, origin) =>
    withLiveSession(http, request, binding.payload.sid, (session) =>
      bindKey(http.context, session, { jws, binding, origin }),
    );
}

/** Does `work` on the session that the cookie presents, if it lives and is the one that the message speaks of. */
async function withLiveSession(
  http: HttpContext,
  request: HttpRequest,
  sid: string,
  work: (session: LiveSession) => Promise<SettledSession | null>,
): Promise<Reply> {
  const { context, presented, keptPages } = http;
  const session = await presented.find(request, context);
  if (session.status === "unknown") await http.onUnknownSession(sid);
  if (!isSession(session)) return noSession(context.signInUrl);
  await refuseOther(http, request, sid, session);
  const who = { sid, address: request.address };
  const result =
    session.status === "active"
      ? await answerStale(http, session, (live) => limited(http.limits, who, () => work(live)))
      : session;
  if (result === null) return noSession(context.signInUrl);
  if ("problem" in result) return result;
  if (result.status === "active") return json(200, statusOf(result, context));
  recordUseAfterEnd(context, result);
  return keptPages.ended(request, result);
}

async function refuseOther(
  { limits }: HttpContext,
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
  { context }: HttpContext,
  session: LiveSession,
  work: (session: LiveSession) => Promise<SettledSession | null>,
): Promise<SettledSession | Refused | null> {
  try {
    return await work(session);
  } catch (error) {
    if (!(error instanceof Refusal && error.problem === "stale-nonce")) throw error;
    const current = await currentSession(context, session.record.sid);
    if (current === null || current.status === "ended") return current;
    return refused("stale-nonce", { detail: error.message, session: statusOf(current, context) });
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
  return async (http, request) => {
    const { context, cookies, presented, keptPages } = http;
    const session = await presented.find(request, context);
    if (!isSession(session)) return noSession(context.signInUrl);
    await refuseOther(http, request, sid, session);
    const persons = contextOfRequest(context, request, "person");
    if (scope === "subject") await endSubject(persons, session.record.subject, "signed-out");
    await endSession(persons, sid, "signed-out");
    return {
      status: 204,
      headers: [NO_STORE, cookies.clear(), ...keptPages.forgettingHeaders(request, sid)],
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
