/** What a guard asks for besides a live session. All but `cacheable` only ever tighten. */
import * as v from "valibot";
import { durationSchema, readConfiguration } from "../policy/configuration.js";

export interface GuardOptions {
  /** How recent the authentication must be, such as `"5m"`; else 401 `step-up` (RFC 9470). */
  readonly fresh?: string;
  /**
   * The longest time without activity since the authentication that this route allows, such as `"5m"`; else 401
   * `step-up`. A pause that was longer counts although activity has come again: the person has to prove who they are.
   */
  readonly idle?: string;
  /** One of these roles is needed; else 403 `forbidden`. */
  readonly roles?: string | readonly string[];
  /** Every one of these scopes (a text with spaces, as in OAuth 2) must be in the session's attribute `scope`; else 403 `forbidden`. */
  readonly scope?: string;
  /** Whether the bound key must sign this very request (header `Curfew-Proof`); else 401 `step-up` with a challenge. Default false. */
  readonly proof?: boolean;
  /**
   * Whether the route is a page: who is signed out is sent to sign in by a request without marks too. A script's own
   * request (`Sec-Fetch-Mode` other than `navigate`, htmx, Turbo frames and their like) gets the 401 in any case.
   * Default false: only what a browser marks as a navigation, or a request that accepts HTML where nothing is marked.
   */
  readonly page?: boolean;
  /**
   * Whether the app's own `Cache-Control` stands, for answers that a browser or a proxy may keep after the session's end,
   * such as a picture that concerns nobody. Every guard that the request passes must say so. Default false: the answer
   * carries `no-store` whatever the app sets.
   */
  readonly cacheable?: boolean;
}

export interface CheckOptions extends GuardOptions {
  /**
   * The path that the question is for, where the request is not the browser's own, as in a server component or an action
   * that sees headers only; the policy's rules for routes go by it. Null: nobody knows, and the strictest of those rules
   * holds. Default: the request's path.
   */
  readonly path?: string | null;
}

export interface GuardRules {
  readonly freshPeriod: number | null;
  readonly idleTimeout: number | null;
  readonly roles: readonly string[] | null;
  readonly scopes: readonly string[];
  readonly proof: boolean;
  readonly page: boolean;
  readonly cacheable: boolean;
  /** Whether a person's navigation extends a session without a key, if the policy says so. */
  readonly countsNavigation: boolean;
}

const name = v.pipe(v.string("must be a text"), v.nonEmpty("must not be empty"));

const schema = v.strictObject(
  {
    fresh: v.optional(durationSchema),
    idle: v.optional(durationSchema),
    roles: v.optional(
      v.union(
        [name, v.pipe(v.array(name), v.nonEmpty('must name at least one role, such as ["admin"]'))],
        'must be a role or a list of roles, such as ["admin"]',
      ),
    ),
    scope: v.optional(v.pipe(name, v.regex(/[^ ]/, 'must name at least one scope, such as "pay"'))),
    proof: v.optional(v.boolean("must be true or false"), false),
    page: v.optional(v.boolean("must be true or false"), false),
    cacheable: v.optional(v.boolean("must be true or false"), false),
  },
  'must be an object, such as { fresh: "5m" }',
);

const checkSchema = v.strictObject(
  {
    ...schema.entries,
    path: v.optional(v.nullable(v.string('must be a path, such as "/transfer", or null'))),
  },
  'must be an object, such as { path: "/transfer" }',
);

/** @throws ConfigurationError at start, never at the first request */
export function readGuardOptions(options: unknown): GuardRules {
  return rulesOf(readConfiguration(schema, options, "guard"));
}

/** The options of a single question. @throws ConfigurationError */
export function readCheckOptions(options: unknown) {
  const read = readConfiguration(checkSchema, options, "check");
  return { path: read.path, rules: rulesOf(read) };
}

function rulesOf({
  fresh,
  idle,
  roles,
  scope,
  proof,
  page,
  cacheable,
}: v.InferOutput<typeof schema>): GuardRules {
  return {
    freshPeriod: fresh ?? null,
    idleTimeout: idle ?? null,
    roles: roles === undefined ? null : [roles].flat(),
    scopes: scope === undefined ? [] : scope.split(" ").filter((part) => part !== ""),
    proof,
    page,
    cacheable,
    countsNavigation: false,
  };
}

/** The same for a page that is rendered on the server (`sessions.page()`). @throws ConfigurationError */
export function readPageOptions(options: unknown): GuardRules {
  return { ...readGuardOptions(options), page: true, countsNavigation: true };
}
