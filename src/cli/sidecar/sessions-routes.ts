/** `/sessions`: what the app does with sessions, behind the service token. */
import type { IncomingMessage } from "node:http";
import * as v from "valibot";
import { type HttpAnswer, type HttpRequest, json, NO_STORE } from "../../server/http/exchange.js";
import { bodyInTime, saysJson } from "../../server/http/posted-body.js";
import { ConfigurationError, Refusal } from "../../server/platform/errors.js";
import { readConfiguration } from "../../server/policy/configuration.js";
import type { ActedBy } from "../../server/subject/acted-by.js";
import type { ProviderEnd } from "../../server/subject/provider-ends.js";
import { isWellFormed } from "../../server/subject/well-formed.js";
import type { SignInResult } from "../../server/verifier/sign-in.js";
import type { Verifier } from "../../server/verifier/verifier.js";
import { signInRequest } from "./browser-request.js";

/** A browser may bring some KiB of cookies. */
const BODY_LIMIT = 64 * 1024;

const text = v.pipe(
  v.string("must be a text"),
  v.nonEmpty("must not be empty"),
  v.check(isWellFormed, "must be well-formed Unicode"),
);
const wellFormed = v.pipe(v.string("must be a text"), v.check(isWellFormed, "must be well-formed Unicode"));
const attribute = v.union([wellFormed, v.number(), v.boolean()], "must be a text, a number, true or false");
const maybe = <Schema extends v.GenericSchema>(schema: Schema) => v.nullish(schema);

const signInEntries = {
  subject: text,
  authenticatedAt: maybe(v.number("must be milliseconds since the epoch")),
  roles: maybe(v.array(text, "must be a list of texts")),
  attributes: maybe(v.record(wellFormed, attribute, "must be an object")),
  idp: maybe(
    v.strictObject({ iss: text, sid: text }, "must be the iss and sid of the provider's ID token, an object"),
  ),
  idpTokens: maybe(
    v.pipe(
      v.strictObject({ refreshToken: maybe(text), idToken: maybe(text) }, "must be an object"),
      v.transform(said),
    ),
  ),
  cookie: maybe(v.string("must be the browser's Cookie header, a text")),
};
const startSchema = v.strictObject(
  {
    ...signInEntries,
    id: maybe(text),
    group: maybe(text),
    orphanPrevious: maybe(v.boolean("must be true or false")),
  },
  "must be an object",
);
const reauthenticateSchema = v.strictObject(signInEntries, "must be an object");
/** As `start` requires of an app's own id: shorter ones can be guessed. */
const ownId = v.pipe(text, v.minLength(16, "must be a session id of at least 16 characters"));
const movedSchema = v.strictObject(
  { oldId: text, newId: ownId, actor: maybe(text), note: maybe(text) },
  "must be an object",
);

interface SessionsRoutes {
  start(message: IncomingMessage): Promise<HttpAnswer>;
  reauthenticate(message: IncomingMessage): Promise<HttpAnswer>;
  moved(message: IncomingMessage): Promise<HttpAnswer>;
  list(query: URLSearchParams): Promise<HttpAnswer>;
  end(sid: string, query: URLSearchParams): Promise<HttpAnswer>;
  endAll(query: URLSearchParams): Promise<HttpAnswer>;
  endOthers(sid: string, query: URLSearchParams): Promise<HttpAnswer>;
  pseudonyms(query: URLSearchParams): Promise<HttpAnswer>;
  forget(query: URLSearchParams): Promise<HttpAnswer>;
}

export function sessionsRoutes(verifier: Verifier): SessionsRoutes {
  const { management } = verifier;
  const asBrowser = (message: IncomingMessage, cookie: string | null | undefined) =>
    signInRequest(verifier, message, cookie ?? undefined);
  return {
    async start(message) {
      const { cookie, ...signIn } = await bodyOf(verifier.read(message), startSchema);
      return signedIn(201, await verifier.start(asBrowser(message, cookie), said(signIn)));
    },
    async reauthenticate(message) {
      const { cookie, ...signIn } = await bodyOf(verifier.read(message), reauthenticateSchema);
      return signedIn(200, await verifier.reauthenticate(asBrowser(message, cookie), said(signIn)));
    },
    async moved(message) {
      const { oldId, newId, ...by } = await bodyOf(verifier.read(message), movedSchema);
      await management.moved(oldId, newId, said(by));
      return DONE;
    },
    list: async (query) => json(200, { sessions: await management.list(subjectIn(query)) }),
    async end(sid, query) {
      await management.end(sid, reasonIn(query), { ...actedByIn(query), scope: scopeIn(query) });
      return DONE;
    },
    async endAll(query) {
      const [reason, by] = [reasonIn(query), actedByIn(query)];
      if (query.has("iss")) await management.endByIdp(providerEndIn(query), reason, by);
      else await management.endAll(subjectIn(query), reason, by);
      return DONE;
    },
    pseudonyms: async (query) => json(200, { pseudonyms: await management.pseudonyms(subjectIn(query)) }),
    forget: async (query) =>
      json(200, { ended: await management.forget(subjectIn(query), actedByIn(query)) }),
    endOthers: async (sid, query) =>
      json(200, { ended: await management.endOthers(sid, reasonIn(query), actedByIn(query)) }),
  };
}

const DONE: HttpAnswer = { status: 204, headers: [NO_STORE], body: null };

function signedIn(status: number, { session, headers }: SignInResult): HttpAnswer {
  const setCookie = headers.filter(([name]) => name === "Set-Cookie").map(([, value]) => value);
  return json(status, { sid: session.sid, setCookie });
}

type Said<T> = { [Name in keyof T as null extends T[Name] ? never : Name]: T[Name] } & {
  [Name in keyof T as null extends T[Name] ? Name : never]?: NonNullable<T[Name]>;
};

/** Without the members that are null: a program that has nothing to say may say so. */
function said<T extends object>(members: T): Said<T> {
  const entries = Object.entries(members).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(entries) as Said<T>;
}

/** @throws Refusal `bad-request`, `too-large`, `too-slow` */
async function bodyOf<const Schema extends v.GenericSchema>(
  request: HttpRequest,
  schema: Schema,
): Promise<v.InferOutput<Schema>> {
  if (!saysJson(request)) throw bad("the media type must be application/json", "media-type");
  const body = await bodyInTime(request.body(BODY_LIMIT), BODY_LIMIT);
  if (body.type !== "bytes") throw bad("the body did not come whole", "body-consumed");
  try {
    return readConfiguration(schema, jsonIn(body.bytes), "body");
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    throw bad(error.message.replaceAll("\n", "; "), "shape");
  }
}

function jsonIn(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw bad("the body is not JSON in UTF-8", "json");
  }
}

function subjectIn(query: URLSearchParams): string {
  const [subject = "", ...others] = query.getAll("subject");
  if (subject === "" || others.length > 0) throw bad("the query must name one subject: ?subject=ID", "query");
  // What stands for bytes that are no UTF-8 would name another subject, and the call would do nothing.
  if (subject.includes("\uFFFD")) throw bad("the subject in the query is not percent-encoded UTF-8", "query");
  return subject;
}

function providerEndIn(query: URLSearchParams): ProviderEnd {
  const [iss, sid] = ["iss", "sid"].map((name) => query.getAll(name));
  const [issuer = "", session = ""] = [iss?.[0], sid?.[0]];
  const isPlain = ![issuer, session].some((text) => text === "" || text.includes("\uFFFD"));
  if (isPlain && iss?.length === 1 && sid?.length === 1 && !query.has("subject"))
    return { iss: issuer, sid: session };
  throw bad("the query must name one session at the provider: ?iss=ISSUER&sid=SID", "query");
}

function reasonIn(query: URLSearchParams): "revoked" | "signed-out" {
  const reason = query.get("reason") ?? "revoked";
  if (reason === "revoked" || reason === "signed-out") return reason;
  throw bad("reason must be revoked or signed-out", "query");
}

/** Who makes the call, and why; the verifier holds both to their length. */
function actedByIn(query: URLSearchParams): ActedBy {
  const pairs = ["actor", "note"].flatMap((name) => {
    const [value, ...others] = query.getAll(name);
    if (others.length > 0 || value?.includes("\uFFFD"))
      throw bad(`the query must say its ${name} once, in percent-encoded UTF-8`, "query");
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(pairs);
}

function scopeIn(query: URLSearchParams): "session" | "group" {
  const scope = query.get("scope") ?? "session";
  if (scope === "session" || scope === "group") return scope;
  throw bad("scope must be session or group", "query");
}

function bad(what: string, code: string): Refusal {
  return new Refusal("bad-request", `The call cannot be understood: ${what}.`, { code });
}
