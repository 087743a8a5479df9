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

/** What the session is after a record. */
export interface Replayed extends SessionTimes {
  readonly app: unknown;
  readonly subject: unknown;
  readonly change: number;
  readonly at: number;
  readonly startedAt: number;
  readonly lastInputAt: number;
  /** What the next nonce is, or its hash. */
  readonly nonce: { readonly hash: string } | { readonly value: string };
  readonly key: { readonly jwk: PublicJwk; readonly thumbprint: string } | null;
  readonly end: { readonly reason: string; readonly endedAt: number } | null;
}

/** One record against what was before it. */
export interface Turn {
  readonly sid: string;
  readonly record: JsonObject;
  readonly at: number;
  readonly policy: PolicyFacts;
  readonly tools: ReplayTools;
}
