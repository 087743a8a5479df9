/** What an app asks its identity provider for, so that the sign-in that follows is one that `start` accepts. */
import type { Policy } from "../policy/policy.types.js";

/** Parameters of an authentication request (OpenID Connect Core 1.0, section 3.1.2.1). */
export interface Authorization {
  /** For `max_age`, in seconds. It is always there: by it the provider tells `auth_time`. */
  readonly maxAge: number;
  /** For `prompt`. With it the provider asks the person, whatever session it has. */
  readonly prompt?: "login";
}

/** After such an end the person must authenticate again; else an authentication may be as old as a session. */
export function authorizationFor(
  { absoluteTimeout }: Pick<Policy, "absoluteTimeout">,
  needsAuthentication: boolean,
): Authorization {
  return needsAuthentication
    ? { maxAge: 0, prompt: "login" }
    : { maxAge: Math.floor(absoluteTimeout / 1_000) };
}
