/** The store in Redis: for many nodes, each session one key and each change one script on it. */
import * as v from "valibot";
import type { Clock, StepListener } from "../../platform/clock.js";
import { ConfigurationError, StoreUnavailableError } from "../../platform/errors.js";
import { randomText } from "../../platform/secrets.js";
import { readConfiguration } from "../../policy/configuration.js";
import { clockOption } from "../clock-option.js";
import type { SessionStore, WarningListener } from "../store.js";
import { redisCaller, textOf } from "./caller.js";
import { checkLayout, checkRedis } from "./check.js";
import { openRedis, type RedisTarget } from "./driver.js";
import { LAYOUT_VERSION, redisKeys } from "./keys.js";
import { sessionsIn } from "./scan.js";
import { LAYOUT, NOW, SECRET } from "./scripts.js";
import { redisSessions } from "./sessions.js";
import { redisSubjects } from "./subjects.js";

export {
  type IoredisClient,
  type IoredisCluster,
  REDIS_CONNECTION,
  type RedisSend,
  type RedisSender,
  type RedisTarget,
} from "./driver.js";

export interface RedisStoreOptions {
  /** What the names of all keys begin with. Default `curfew`. */
  readonly prefix?: string;
  /**
   * How many replicas must have an end, or a new cookie secret, before it counts as written; where fewer say so in
   * time the call fails (503). Default 0: a failover may lose the last moments.
   */
  readonly replicas?: number;
  /** For tests only: replaces the clock of Redis. */
  readonly clock?: Clock;
}

const schema = v.strictObject(
  {
    prefix: v.optional(
      v.pipe(
        v.string("must be a text"),
        v.regex(/^[A-Za-z0-9_.:-]{1,60}$/, "must be 1 to 60 letters, digits, - _ . or :"),
      ),
      "curfew",
    ),
    replicas: v.optional(
      v.pipe(
        v.number("must be a number"),
        v.integer("must be a whole number"),
        v.minValue(0, "must be 0 or more"),
      ),
      0,
    ),
    clock: clockOption,
  },
  "must be an object",
);

/**
 * Keeps sessions in Redis 5 or later, alone or as a cluster. The clock is that of Redis (`TIME`), never a node's own.
 * @param target an address (`redis://`, `rediss://`; needs the package ioredis), a `Redis` or `Cluster` of ioredis, or
 *   another client as `{ send }`. A client that is given stays the app's to close.
 * @throws ConfigurationError for an address or option that cannot be used
 */
export function redisStore(target: RedisTarget, options: RedisStoreOptions = {}): SessionStore {
  const { prefix, replicas, clock } = readConfiguration(schema, options, "redisStore's options");
  const driver = openRedis(target, replicas > 0);
  let onStep: StepListener = () => {};
  let onWarning: WarningListener = () => {};
  const caller = redisCaller(driver, { clock, replicas, onStep: (step, now) => onStep(step, now) });
  const keys = redisKeys(prefix);
  const { readListed, ...sessions } = redisSessions(caller, keys, {
    confirms: replicas > 0,
    onWarning: (error) => onWarning(error),
  });

  return {
    name: "redis",
    async check() {
      for (const send of await driver.nodes().catch(unavailable)) await checkRedis(send).catch(unavailable);
      const { values } = await caller.run(LAYOUT, keys.constants, String(LAYOUT_VERSION));
      checkLayout(Number(textOf(values[0])), prefix);
    },
    now: async () => (await caller.run(NOW, keys.clock)).now,
    secret: async () => textOf((await caller.run(SECRET, keys.constants, randomText(32))).values[0]),
    ...sessions,
    ...redisSubjects(caller, keys),
    all: (app) => sessionsIn(app, { driver, keys, read: readListed }),
    // A record is gone for every script from its purgeAt on, and its key soon after by itself.
    purge: async () => {},
    onClockStep(listener) {
      onStep = listener;
    },
    onWarning(listener) {
      onWarning = listener;
    },
    close: async () => driver.close(),
  };
}

/** A server that cannot be asked is not one that is wrong. */
function unavailable(error: unknown): never {
  if (error instanceof ConfigurationError) throw error;
  const reason = error instanceof Error ? error.message : "no reason given";
  throw new StoreUnavailableError(
    `Redis cannot be asked whether it keeps what it is given (${reason}); see that it runs, and that the address is right`,
    { cause: error },
  );
}
