/** Posts a delivery over the network, and reads what the receiver makes of it. */
import { systemClock } from "../platform/clock.js";
import { messageOf } from "../platform/errors.js";
import type { PostTo } from "../platform/outgoing.js";
import { DeliveryError } from "./receiver.js";

/** The statuses by which a receiver says that it takes nothing now. */
const DOWN = [429, 502, 503, 504];

/**
 * Resolves once the receiver has taken it: with a status from 200 to 299.
 * @param who as in messages: `the webhook`
 * @param isTaken what else means that
 * @throws DeliveryError
 */
export async function delivered(
  who: string,
  answer: ReturnType<PostTo>,
  isTaken: (answer: Awaited<ReturnType<PostTo>>) => boolean = () => false,
): Promise<void> {
  const answered = await answer.catch((error: unknown) => {
    throw new DeliveryError(messageOf(error), { isDown: true, wait: null });
  });
  const { status, retryAfter } = answered;
  if ((status >= 200 && status < 300) || isTaken(answered)) return;
  const wait = waitIn(retryAfter, systemClock.now());
  throw new DeliveryError(`${who} answered ${status}`, {
    isDown: DOWN.includes(status) || wait !== null,
    wait,
  });
}

/**
 * How long `Retry-After` asks to wait (RFC 9110, section 10.2.3: seconds, or a date), in milliseconds; null where it says
 * nothing that can be read.
 */
function waitIn(retryAfter: string, now: number): number | null {
  if (/^\d{1,9}$/.test(retryAfter)) return Number(retryAfter) * 1_000;
  const at = Date.parse(retryAfter);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
