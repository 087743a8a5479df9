/** Refuses a Redis that could lose sessions silently, before the first of them is kept there. */
import { ConfigurationError } from "../../platform/errors.js";
import { textOf } from "./caller.js";
import type { RedisSend } from "./driver.js";
import { LAYOUT_VERSION } from "./keys.js";

const OLDEST = 5;

/**
 * Looks at one server.
 * @throws ConfigurationError where it is too old, a replica, or evicts keys
 */
export async function checkRedis(send: RedisSend): Promise<void> {
  const server = await infoOf(send, "server");
  const version = server.get("redis_version") ?? "";
  if (Number.parseInt(version, 10) < OLDEST)
    throw new ConfigurationError(`redisStore needs Redis ${OLDEST} or later; this one is ${version}`);
  const role = (await infoOf(send, "replication")).get("role");
  if (role !== undefined && role !== "master")
    throw new ConfigurationError(
      "redisStore was led to a replica of Redis, which may be behind; give it the master's address, or a client that follows the master (Sentinel, Cluster)",
    );
  const policy = (await infoOf(send, "memory")).get("maxmemory_policy") ?? (await policyByConfig(send));
  if (policy === undefined)
    throw new ConfigurationError(
      "redisStore cannot see whether this Redis evicts keys; allow its user INFO, or CONFIG GET maxmemory-policy",
    );
  if (policy !== "noeviction")
    throw new ConfigurationError(
      `this Redis has maxmemory-policy ${policy}, which drops sessions silently when memory is short; set "maxmemory-policy noeviction" in its configuration`,
    );
}

/** Empty where the user may not ask. */
async function infoOf(send: RedisSend, section: string): Promise<ReadonlyMap<string, string>> {
  const text = textOf(await send(["INFO", section], null).catch(unlessForbidden));
  const lines = text.split(/\r?\n/).map((line) => /^(\w+):(.*)$/.exec(line));
  return new Map(lines.map((match) => [match?.[1] ?? "", match?.[2] ?? ""]));
}

async function policyByConfig(send: RedisSend): Promise<string | undefined> {
  const answer = await send(["CONFIG", "GET", "maxmemory-policy"], null).catch(unlessForbidden);
  if (Array.isArray(answer)) return textOf(answer[1]) || undefined;
  if (answer instanceof Map) return textOf(answer.get("maxmemory-policy")) || undefined;
  if (typeof answer === "object" && answer !== null)
    return textOf(Reflect.get(answer, "maxmemory-policy")) || undefined;
  return undefined;
}

/** No permission, or a command that the provider has taken away. */
function unlessForbidden(error: unknown): null {
  if (error instanceof Error && /^(?:NOPERM|ERR unknown command)/.test(error.message)) return null;
  throw error;
}

/** @throws ConfigurationError where a release that this one knows nothing of has changed what is where */
export function checkLayout(kept: number, prefix: string): void {
  if (kept <= LAYOUT_VERSION + 1) return;
  throw new ConfigurationError(
    `the keys of ${JSON.stringify(prefix)} in Redis are of version ${kept}, and this release of Curfew uses versions up to ${LAYOUT_VERSION + 1}; run the release that wrote them, or give redisStore another prefix`,
  );
}
