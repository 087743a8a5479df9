/**
 * What a node remembers of where things are in Redis, so that a check asks for a session and its subject at once. Only
 * hints: neither a sid's subject nor what a record says of its own secret can be wrong, and what is missing is asked for.
 */
import { putRecent } from "../../platform/recent.js";

interface RedisHints {
  /** The sid that this secret led to the last time. */
  sidOf(secretHash: string): string | undefined;
  /** The key of what is kept of the session's subject. */
  subjectKeyOf(sid: string): string | undefined;
  keep(session: { readonly sid: string; readonly secretHash: string; readonly subjectKey: string }): void;
}

/** Some 15 MB. Whoever was not seen for the longest goes first. */
const CAPACITY = 50_000;

export function redisHints(): RedisHints {
  const sids = new Map<string, string>();
  const subjectKeys = new Map<string, string>();
  return {
    sidOf: (secretHash) => sids.get(secretHash),
    subjectKeyOf: (sid) => subjectKeys.get(sid),
    keep({ sid, secretHash, subjectKey }) {
      putRecent(sids, CAPACITY, secretHash, sid);
      putRecent(subjectKeys, CAPACITY, sid, subjectKey);
    },
  };
}
