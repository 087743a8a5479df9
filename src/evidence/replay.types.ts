/** What a replay of one session works with. */
import type { JsonObject } from "../protocol/members.js";
import type { PublicJwk } from "../protocol/public-jwk.js";
import type { SessionTimes } from "../session/deadlines.js";

/** What a replay needs of the platform. */
export interface ReplayTools {
  sha256(bytes: Uint8Array): Uint8Array;
  /** Whether an ES256 signature (64 bytes) over the text is the key's. */
  verify(jwk: PublicJwk, signingInput: string, signature: Uint8Array): boolean | Promise<boolean>;
}

/** What a replay needs of a policy's document. */
export interface PolicyFacts {
  readonly mediaPeriod: number;
  readonly activity: "own" | "group";
  readonly enforceFromAt: number | null;
}

/** What a change may have changed whose record was lost in a crash. */
export interface Doubt {
  readonly activity: boolean;
  readonly terms: boolean;
  readonly key: boolean;
}

export const NO_DOUBT: Doubt = { activity: false, terms: false, key: false };

/** What the session is after a record. */
export interface Replayed extends SessionTimes {
  readonly app: unknown;
  readonly subject: unknown;
  readonly change: number;
  readonly at: number;
  readonly startedAt: number;
  readonly lastInputAt: number;
  /** What the next nonce is, or its hash. */
  /** Null after a change whose record is lost: it is not known. */
  readonly nonce: { readonly hash: string } | { readonly value: string } | null;
  readonly doubt: Doubt;
  readonly key: { readonly jwk: PublicJwk; readonly thumbprint: string } | null;
  readonly end: { readonly reason: string; readonly endedAt: number } | null;
  /** Whether the end's record says that it was written late. */
  readonly isLate: boolean;
}

/** One record against what was before it. */
export interface Turn {
  readonly sid: string;
  readonly record: JsonObject;
  readonly at: number;
  readonly policy: PolicyFacts;
  readonly tools: ReplayTools;
  /** The crash by which the changes before this one may have lost their records; else throws that they are missing. */
  readonly lose: (state: Pick<Replayed, "change" | "at">, number: number) => void;
}
