/** Runs the scripts: with the node's time sent along, and what each answer says of the time taken in. */
import { type Clock, type StepListener, systemClock } from "../../platform/clock.js";
import { StoreUnavailableError } from "../../platform/errors.js";
import { followedClock } from "../followed-clock.js";
import type { RedisDriver, RedisSend } from "./driver.js";
import { CONFIRM, type RedisScript, TOUCH } from "./scripts.js";

/** What a script answered: the time that it went by, and the rest. */
export interface RedisAnswer {
  readonly now: number;
  readonly values: readonly unknown[];
}

export interface RedisCaller {
  run(script: RedisScript, key: string, ...args: readonly string[]): Promise<RedisAnswer>;
  /** The same over the connection whose writes can be waited for. */
  runConfirmed(script: RedisScript, key: string, ...args: readonly string[]): Promise<RedisAnswer>;
  /** Waits until enough replicas have what was written to `key`. @throws StoreUnavailableError where they have not */
  confirm(key: string): Promise<void>;
  /** Waits for a record that another call, or another node, wrote, and notes that it is safe. */
  confirmRecord(key: string, revision: number): Promise<void>;
}

interface RedisCallerOptions {
  /** In tests: replaces the clock of Redis. */
  readonly clock: Clock | undefined;
  readonly replicas: number;
  readonly onStep: StepListener;
}

/** How long replicas may take. The connection does nothing else meanwhile. */
const WAIT_TIMEOUT = 100;

export function redisCaller(driver: RedisDriver, options: RedisCallerOptions): RedisCaller {
  const { clock, replicas, onStep } = options;
  const { monotonic } = clock ?? systemClock;
  const time = followedClock(monotonic, onStep);

  async function runOver(
    send: RedisSend,
    script: RedisScript,
    key: string,
    args: readonly string[],
  ): Promise<RedisAnswer> {
    const sentAt = monotonic();
    const all = ["1", key, String(time.floor()), clock === undefined ? "" : String(clock.now()), ...args];
    const [now, reading, ...values] = listOf(await evaluate(send, script, key, all));
    time.observe(Number(reading), Number(now), sentAt);
    return { now: Number(now), values };
  }

  async function confirm(key: string): Promise<void> {
    if (replicas === 0) return;
    const args = ["WAIT", String(replicas), String(WAIT_TIMEOUT)];
    const confirmed = Number(await driver.sendConfirmed(args, key));
    if (confirmed < replicas)
      throw new StoreUnavailableError(
        `only ${confirmed} of ${replicas} replicas of Redis have confirmed a write that must not be lost`,
      );
  }

  return {
    run: (script, key, ...args) => runOver(driver.send, script, key, args),
    runConfirmed: (script, key, ...args) => runOver(driver.sendConfirmed, script, key, args),
    confirm,
    async confirmRecord(key, revision) {
      await runOver(driver.sendConfirmed, TOUCH, key, []);
      await confirm(key);
      await runOver(driver.send, CONFIRM, key, [String(revision)]);
    },
  };
}

/** A Redis that has been restarted has forgotten the scripts: then the text goes along, once. */
async function evaluate(
  send: RedisSend,
  { sha, text }: RedisScript,
  key: string,
  args: readonly string[],
): Promise<unknown> {
  try {
    return await send(["EVALSHA", sha, ...args], key);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith("NOSCRIPT")) throw error;
    return send(["EVAL", text, ...args], key);
  }
}

export function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new StoreUnavailableError(
    "Redis answered with something else than a list; is something between it and Curfew?",
  );
}

/** What a client makes of a text: most give a string, some their bytes. */
export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("utf8");
  return typeof value === "number" ? String(value) : "";
}
