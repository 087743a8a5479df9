/** The names of the keys in Redis. What is in braces chooses the slot, so all of one session is in one place. */
import { sha256 } from "../../platform/secrets.js";

/**
 * The version of what is where in Redis. Neighbouring versions go together, so that two releases can share a Redis
 * during a rollout: a new version only adds keys, and fields in them. Releases up to 0.3.0 write none, and mean 1.
 */
export const LAYOUT_VERSION = 1;

export interface RedisKeys {
  /** A session: a hash with the record, its revision, its secret's hash and the latest time that it was written at. */
  session(sid: string): string;
  /** From the cookie's secret to the sid. Only a hint: the record has the last word. */
  secret(secretHash: string): string;
  /** The sids of a subject, by when they may be forgotten. The subject is hashed: it may be an e-mail address. */
  subject(app: string, subject: string): string;
  /** What is kept of a subject itself. */
  subjectRecord(app: string, subject: string): string;
  /** The sids of an app, by when the sweeper must look at them; never later than the truth. */
  due(app: string): string;
  /** A stream of the sids of an app that have ended of late. */
  ends(app: string): string;
  /** The secret that is made once, and the version of the layout. */
  readonly constants: string;
  /** Nothing is ever there: what asks for the time alone tries its write on it. */
  readonly clock: string;
  /** What SCAN finds all sessions by. */
  readonly sessionPattern: string;
  /** The sid in the key of a session. */
  sidIn(key: string): string;
}

export function redisKeys(prefix: string): RedisKeys {
  const hashed = (app: string, subject: string) => sha256(JSON.stringify([app, subject]));
  return {
    session: (sid) => `${prefix}:{${sid}}`,
    secret: (secretHash) => `${prefix}:secret:{${secretHash}}`,
    subject: (app, subject) => `${prefix}:subject:{${hashed(app, subject)}}`,
    subjectRecord: (app, subject) => `${prefix}:subject-record:{${hashed(app, subject)}}`,
    ends: (app) => `${prefix}:ends:{${app}}`,
    due: (app) => `${prefix}:due:{${app}}`,
    // Not `meta`, which releases up to 0.3.0 delete whenever they ask for the time.
    constants: `${prefix}:constants`,
    clock: `${prefix}:clock`,
    sessionPattern: `${prefix}:{*`,
    sidIn: (key) => key.slice(prefix.length + 2, -1),
  };
}
