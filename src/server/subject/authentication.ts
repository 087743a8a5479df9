/** What an app says of a person who signs in, and whether it can be so. */
import { SessionError } from "../platform/errors.js";
import { isFilledText } from "../platform/members.js";
import type { AttributeValue } from "../policy/policy.types.js";
import type { LiveSession } from "../record/outcome.js";
import type { ProviderTokens } from "../record/provider-token.js";
import type { ProviderSession, SessionRecord } from "../record/session.js";

/** What the app says of the person: the policy's rules go by it. */
export interface SubjectContext {
  readonly roles?: readonly string[];
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}

export interface StartOptions extends SubjectContext {
  /** The app's own id of the person. */
  readonly subject: string;
  /**
   * When the person proved who they are, in milliseconds since the epoch (OIDC `auth_time` × 1000, never `iat`). After an
   * end by time it must be since that end (`stale-authentication`). Default: now, as for a password of your own.
   */
  readonly authenticatedAt?: number;
  /**
   * The `iss` and `sid` of the provider's ID token: by them a browser is known where its cookie is not there. With them
   * `authenticatedAt` must be told.
   */
  readonly idp?: ProviderSession;
  /**
   * The tokens of the sign-in by which the provider is told of its end, where `oidc({ end })` says that it is: the
   * `refreshToken` for `"server"`, the `idToken` for `"browser"`. It is kept sealed until then; what is not needed is not kept.
   */
  readonly idpTokens?: ProviderTokens;
  /**
   * What the other apps of the group know this very sign-in by: a text by chance of at least 16 characters, never the
   * person's id. `start` alone takes it. Default: the provider's session (`idp`), for a provider whose `sid` is the same in all apps.
   */
  readonly group?: string;
  /** The app's own id of the session, where it keeps its own (`identify`); then no cookie of Curfew's is needed. */
  readonly id?: string;
  /** With `id`: the id that the browser had before, whose session is to end as `replaced`. */
  readonly previousId?: string;
}

/** A live session and the cookie's new secret, which is nowhere else. */
export interface SignedIn extends LiveSession {
  readonly secret: string;
}

const EARLIEST_MILLISECONDS = 1e11;
/** How far ahead of the store's clock another machine's may tell the time of an authentication. */
const CLOCK_SKEW = 5 * 60_000;

/** Longer ones would be rewritten with every heartbeat. */
const MOST_TOKEN = 8_192;

/** @throws SessionError `bad-idp` */
export function refuseBadTokens({ idpTokens = {} }: Pick<StartOptions, "idpTokens">): void {
  const isToken = (token: unknown) =>
    token === undefined || (isFilledText(token) && token.length <= MOST_TOKEN);
  if (idpTokens !== null && isToken(idpTokens.refreshToken) && isToken(idpTokens.idToken)) return;
  throw new SessionError(
    "bad-idp",
    `idpTokens must be { refreshToken } or { idToken }, texts of at most ${MOST_TOKEN} characters; leave out what the provider did not give`,
  );
}

/**
 * A provider signs a person in silently too, so its sign-in without a time is none of now.
 * @throws SessionError `bad-idp`, `bad-authenticated-at`
 */
export function refuseBadIdp(options: Pick<StartOptions, "idp" | "idpTokens" | "authenticatedAt">): void {
  refuseBadTokens(options);
  const { idp, authenticatedAt } = options;
  if (idp === undefined) return;
  if (!isFilledText(idp?.iss) || !isFilledText(idp.sid))
    throw new SessionError(
      "bad-idp",
      "idp must be the iss and sid of the provider's ID token, two texts that are not empty; leave it out where the provider tells no sid",
    );
  if (authenticatedAt === undefined)
    throw new SessionError(
      "bad-authenticated-at",
      "idp was given without authenticatedAt, so nobody can tell whether the provider asked the person now or answered for an old sign-in: ask it for max_age (sessions.authorization(request)), and pass the auth_time × 1000 that it then tells",
    );
}

export function tooOld(call: string): SessionError {
  return new SessionError(
    "authentication-too-old",
    `${call} was given an authenticatedAt that lies a whole absolute timeout back: ask the person to sign in again`,
  );
}

/**
 * When the person proved who they are. A provider's clock may be ahead of the store's: then the claim is kept beside it.
 * @throws SessionError `bad-authenticated-at`
 */
export function authenticationOf(
  claimed: number | undefined,
  now: number,
): Pick<SessionRecord, "authenticatedAt" | "claimedAt"> {
  if (claimed === undefined) return { authenticatedAt: now };
  if (!Number.isSafeInteger(claimed) || claimed < EARLIEST_MILLISECONDS)
    throw new SessionError(
      "bad-authenticated-at",
      `authenticatedAt is ${String(claimed)}; give whole milliseconds since the epoch (OIDC auth_time is in seconds: multiply by 1000)`,
    );
  if (claimed > now + CLOCK_SKEW)
    throw new SessionError(
      "bad-authenticated-at",
      "authenticatedAt lies in the future; check the clock of the machine that tells it",
    );
  return claimed > now ? { authenticatedAt: now, claimedAt: claimed } : { authenticatedAt: claimed };
}
