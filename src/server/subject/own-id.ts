/** The app's own session id (`identify`): what it stands for here, and the sid of the sign-in that it came of. */
import type { ServerContext } from "../lifecycle/context.js";
import { keyedHash } from "../platform/secrets.js";
import type { AttributeValue } from "../policy/policy.types.js";
import type { PresentedSession } from "../record/outcome.js";
import type { ProviderSession } from "../record/session.js";

/** The app's own session, as a request presents it. */
export interface Identity {
  /** The app's own id of the session: a secret that only the browser and the app know. */
  readonly id: string;
  /** Whose session it is. Without it nothing is adopted: the app calls `start` with the id. */
  readonly subject?: string;
  /** When the person proved who they are, in milliseconds since the epoch. */
  readonly authenticatedAt?: number;
  /** The provider's own session that the sign-in came of, as `start` takes it. */
  readonly idp?: ProviderSession;
  readonly roles?: readonly string[];
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}

/** The app's own ids at a sign-in. */
export interface PreviousIds {
  readonly id?: string;
  readonly previousId?: string;
}

/** The sessions of an app that keeps its own. `source` is what the app's `identify` is given: its framework's request. */
export interface OwnSessions {
  /** The session that is presented, adopted where that is due. */
  find(context: ServerContext, source: unknown, networks: readonly string[]): Promise<PresentedSession>;
  /** The session that a sign-in takes the place of; nothing is adopted by asking. */
  findPrevious(context: ServerContext, source: unknown, ids: PreviousIds): Promise<PresentedSession>;
  /** Whether it is one whose authentication starts no session any more. */
  isHeldBack(context: ServerContext, source: unknown): Promise<boolean>;
  /** What its id stands for here; null where nothing is presented. */
  secretOf(source: unknown): Promise<string | null>;
}

/** 16 bytes in base64url, as of a sid by chance. */
const SID_LENGTH = 22;

/** The app's own id, as the secret that it stands for here; never the same text as a cookie of Curfew's. */
export function ownSecret(id: string): string {
  return `own ${id}`;
}

/**
 * The sid of the session that comes of a sign-in: under whatever id the app presents that sign-in again, it is found by
 * this, also after its end.
 * @param person the pseudonym, where each person has a key of their own, so that it tells nothing without it; else the subject
 */
export function sidOfSignIn({ app, secret }: ServerContext, person: string, authenticatedAt: number): string {
  return keyedHash(secret, JSON.stringify(["sign-in", app, person, authenticatedAt])).slice(0, SID_LENGTH);
}

/** Two browsers may sign in by one authentication at an identity provider: the second gets a sid by chance. */
export async function freeSid(
  context: ServerContext,
  person: string,
  authenticatedAt: number,
): Promise<{ readonly sid?: string }> {
  const sid = sidOfSignIn(context, person, authenticatedAt);
  return (await context.store.find(sid)) === null ? { sid } : {};
}
