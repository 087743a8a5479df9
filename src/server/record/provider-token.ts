/** A token of the identity provider, kept for the one purpose of telling it of the end: sealed, and no longer than that takes. */
import { seal } from "../platform/secrets.js";
import type { SessionRecord } from "./session.js";

/** Of the tokens that came with a sign-in the one that is needed for that. */
export interface ProviderTokens {
  readonly refreshToken?: string;
  readonly idToken?: string;
}

interface TokenKeeper {
  /** Seals it. */
  readonly secret: string;
  /** Which one is needed; null: none, and none is kept. */
  readonly keepsToken: keyof ProviderTokens | null;
}

/** The part of a record that keeps it. */
export function keptToken(
  { secret, keepsToken }: TokenKeeper,
  tokens: ProviderTokens = {},
): Pick<SessionRecord, "idpToken"> {
  const token = keepsToken === null ? undefined : tokens[keepsToken];
  return token === undefined ? {} : { idpToken: seal(secret, token) };
}
