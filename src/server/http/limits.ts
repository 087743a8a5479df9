/**
 * Limits on what a request can cost: by session and client address together, so that who holds the cookie cannot spend
 * the honest browser's budget. Each process counts for itself.
 */
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { Refusal } from "../platform/errors.js";
import { ownNetwork } from "../platform/networks.js";

/** Calls a minute, for one session from one address; and streams at a time. */
export interface Limits {
  /** Questions for the status. Default 1,200. */
  readonly status: number;
  /** Signatures that fail. Default 60. */
  readonly failures: number;
  /** Posts that are refused for anything else. Default 120, or as many as `failures` if that is more. */
  readonly refusals: number;
  /** Streams of news that this process holds open at a time, for everybody together. Default 10,000. */
  readonly streams: number;
}

export const DEFAULT_LIMITS: Limits = { status: 1_200, failures: 60, refusals: 120, streams: 10_000 };

/** Whom a limit concerns. */
export interface Limited {
  readonly sid: string;
  readonly address: string | null;
}

export interface RateLimits {
  /** Counts a question for the status. @throws Refusal `too-many` */
  askStatus(who: Limited): Promise<void>;
  /** Before a signature is looked at. @throws Refusal `too-many` */
  beforeVerifying(who: Limited): Promise<void>;
  /** Counts a signature that failed. */
  failed(who: Limited): Promise<void>;
  /** Counts a post that is refused. A good one is never held up by it. @throws Refusal `too-many` */
  refused(who: Limited): Promise<void>;
}

const MINUTE_IN_SECONDS = 60;

/** @param onLimit called once for each minute in which somebody runs into a limit */
export function createRateLimits(
  { status, failures, refusals }: Limits,
  onLimit: (who: Limited, code: string) => void,
): RateLimits {
  const statusCalls = new RateLimiterMemory({ points: status, duration: MINUTE_IN_SECONDS });
  const refusedCalls = new RateLimiterMemory({ points: refusals, duration: MINUTE_IN_SECONDS });
  const failedCalls = new RateLimiterMemory({ points: failures, duration: MINUTE_IN_SECONDS });
  const refuse = (wait: number) => {
    throw new Refusal("too-many", "Too many calls for this session from this address.", {
      retryAfter: Math.max(1, Math.ceil(wait / 1_000)),
    });
  };
  const countUpTo = async (limiter: RateLimiterMemory, most: number, who: Limited, code: string) => {
    const result = await count(limiter, who);
    if (result.consumedPoints === most + 1) onLimit(who, code);
    if (result.consumedPoints > most) refuse(result.msBeforeNext);
  };
  return {
    askStatus: (who) => countUpTo(statusCalls, status, who, "status"),
    refused: (who) => countUpTo(refusedCalls, refusals, who, "refusals"),
    async beforeVerifying(who) {
      const result = await failedCalls.get(keyOf(who));
      if (result !== null && result.consumedPoints >= failures) refuse(result.msBeforeNext);
    },
    async failed(who) {
      const result = await count(failedCalls, who);
      if (result.consumedPoints === failures) onLimit(who, "failures");
    },
  };
}

async function count(limiter: RateLimiterMemory, who: Limited): Promise<RateLimiterRes> {
  try {
    return await limiter.consume(keyOf(who));
  } catch (result) {
    if (result instanceof RateLimiterRes) return result;
    throw result;
  }
}

/** By network where a machine can choose among addresses: else each new one would bring a new budget. */
export function keyOf({ sid, address }: Limited): string {
  return `${sid} ${address === null ? "" : ownNetwork(address)}`;
}
