/** The seam to Redis: an address, an ioredis client or cluster, or any other client by its one `send`. */
import { ConfigurationError } from "../../platform/errors.js";
import { requireOptional } from "../../platform/optional.js";
import { type TimedConnection, timedConnection } from "./timing.js";

/**
 * Sends one command.
 * @param args the command and its arguments, such as `["EVALSHA", sha, "1", key]`
 * @param key the key that chooses the node of a cluster; null: any node
 */
export type RedisSend = (args: readonly string[], key: string | null) => Promise<unknown>;

/** Any other client. All writes of one key must go over one connection if `replicas` is used. */
export interface RedisSender {
  readonly send: RedisSend;
  /** Every master of a cluster. Without it there is the one server that `send` reaches. */
  nodes?(): readonly RedisSender[] | Promise<readonly RedisSender[]>;
}

/** What Curfew uses of a `Redis` of ioredis. */
export interface IoredisClient {
  readonly status: string;
  readonly options: object;
  call(command: string, ...args: readonly string[]): Promise<unknown>;
  duplicate(): IoredisClient;
  on(event: string, listener: (error?: unknown) => void): unknown;
  once(event: string, listener: () => void): unknown;
  /** @param reconnect whether it opens a new connection */
  disconnect(reconnect?: boolean): void;
}

/** What Curfew uses of a `Cluster` of ioredis. */
export interface IoredisCluster extends Omit<IoredisClient, "duplicate"> {
  readonly isCluster: boolean;
  duplicate(): IoredisCluster;
  nodes(role: "master"): readonly Pick<IoredisClient, "call">[];
  pipeline(commands: readonly (readonly string[])[]): {
    exec(): Promise<readonly (readonly [Error | null, unknown])[] | null>;
  };
}

export type RedisTarget = string | IoredisClient | IoredisCluster | RedisSender;

export interface RedisDriver {
  readonly send: RedisSend;
  /** A connection of its own for what replicas must confirm: others need not wait behind it. */
  readonly sendConfirmed: RedisSend;
  nodes(): Promise<readonly RedisSend[]>;
  close(): void;
}

/**
 * How ioredis must behave here: never a command kept back for later, and reconnecting for as long as it takes. How long
 * a command may take is watched here, and not by `commandTimeout`: its timer fires before an answer that has arrived is
 * read, where this process stood still.
 */
export const REDIS_CONNECTION = {
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  connectTimeout: 2_000,
  socketTimeout: 10_000,
  retryStrategy: (attempt: number) => Math.min(50 * attempt, 1_000),
  reconnectOnError: (error: Error) => error.message.startsWith("READONLY"),
} as const;

type RedisConstructor = new (url: string, options: object) => IoredisClient;

/**
 * Makes the driver for a target.
 * @throws ConfigurationError for a target that is none of the three, and where ioredis is missing
 */
export function openRedis(target: RedisTarget, confirms: boolean): RedisDriver {
  if (typeof target === "string") return ofClient(connect(target), confirms, true);
  if (typeof target === "object" && target !== null) {
    if (isClient(target)) return ofClient(target, confirms, false);
    if ("send" in target) return ofSender(target);
  }
  throw new ConfigurationError(
    'redisStore needs the address of a Redis ("redis://localhost:6379"), a Redis or Cluster of ioredis, or { send }',
  );
}

function connect(url: string): IoredisClient {
  if (!/^rediss?:\/\//.test(url) || !URL.canParse(url))
    throw new ConfigurationError(
      'redisStore was given a text that is no Redis address; write "redis://host:6379", or rediss:// for TLS',
    );
  return new (loadIoredis())(url, { ...REDIS_CONNECTION, socketTimeout: undefined });
}

function loadIoredis(): RedisConstructor {
  const { Redis } = requireIoredis();
  if (Redis !== undefined) return Redis;
  throw new ConfigurationError(
    "redisStore with an address needs ioredis 5 or later, and an older one is installed: npm install ioredis@latest (or give it { send } of your client)",
  );
}

/** Before release 5 the module is the class itself. */
function requireIoredis(): { readonly Redis?: RedisConstructor } {
  try {
    return requireOptional("ioredis") as { readonly Redis?: RedisConstructor };
  } catch {
    throw new ConfigurationError(
      "redisStore with an address needs the package ioredis: npm install ioredis (or give it { send } of another client)",
    );
  }
}

function isClient(target: object): target is IoredisClient | IoredisCluster {
  return "call" in target && "duplicate" in target && "status" in target;
}

function ofClient(client: IoredisClient | IoredisCluster, confirms: boolean, isOwn: boolean): RedisDriver {
  const keyPrefix: unknown = Reflect.get(client.options, "keyPrefix");
  if (typeof keyPrefix === "string" && keyPrefix !== "")
    throw new ConfigurationError(
      "redisStore cannot use a client with a keyPrefix; leave it out and give redisStore prefix",
    );
  const second = confirms ? client.duplicate() : client;
  const own = [...(isOwn ? [client] : []), ...(confirms ? [second] : [])];
  let trouble: Error | null = null;
  for (const opened of own) {
    // Without a listener ioredis prints each failure, and a command that is rejected does not say what it was.
    opened.on("error", (error) => {
      trouble = error instanceof Error && error.message !== "" ? error : trouble;
    });
    opened.on("ready", () => {
      trouble = null;
    });
  }
  const timed = timedConnection(isOwn ? client : null);
  const timedSecond = confirms ? timedConnection(second) : timed;
  const telling =
    (send: RedisSend): RedisSend =>
    (args, key) =>
      send(args, key).catch((error: unknown) => {
        // What Redis itself answered says more, and NOSCRIPT must be heard.
        throw error instanceof Error && error.name === "ReplyError" ? error : (trouble ?? error);
      });
  return {
    send: telling(sendBy(client, timed)),
    sendConfirmed: telling(sendBy(second, timedSecond)),
    async nodes() {
      if (!isCluster(client)) return [telling(sendBy(client, timed))];
      await firstConnection(client);
      return client.nodes("master").map((node) => (args) => timed.answer(callOn(node, args)));
    },
    close() {
      for (const each of [timed, timedSecond]) each.close();
      for (const opened of own) opened.disconnect();
    },
  };
}

function sendBy(client: IoredisClient | IoredisCluster, timed: TimedConnection): RedisSend {
  const connected = firstConnection(client);
  return async (args, key) => {
    await connected;
    if (!isCluster(client) || args[0] !== "WAIT" || key === null) return timed.answer(callOn(client, args));
    // A cluster sends a command without a key anywhere; beside a command with the key it goes to the key's node.
    const answers = await timed.answer(client.pipeline([["exists", key], args]).exec());
    const [error, answer] = answers?.[1] ?? [new Error("the pipeline was not run"), null];
    if (error !== null) throw error;
    return answer;
  };
}

function callOn(
  client: Pick<IoredisClient, "call">,
  [command = "", ...args]: readonly string[],
): Promise<unknown> {
  return client.call(command, ...args);
}

function isCluster(client: IoredisClient | IoredisCluster): client is IoredisCluster {
  return "isCluster" in client && client.isCluster;
}

/** Until the first attempt to connect has come to something; later ones are not waited for. */
function firstConnection(client: Pick<IoredisClient, "status" | "once">): Promise<void> {
  return new Promise((resolve) => {
    if (!["wait", "connecting", "connect"].includes(client.status)) return resolve();
    for (const event of ["ready", "error", "close", "end"]) client.once(event, resolve);
    if (client.status === "wait") resolve();
  });
}

function ofSender(sender: RedisSender): RedisDriver {
  const timed = timedConnection(null);
  const sendBy =
    (one: RedisSender): RedisSend =>
    (args, key) =>
      timed.answer(one.send(args, key));
  return {
    send: sendBy(sender),
    sendConfirmed: sendBy(sender),
    async nodes() {
      const nodes = (await sender.nodes?.()) ?? [sender];
      return nodes.map(sendBy);
    },
    close() {},
  };
}
