/**
 * Tells others of ends at least once. A message is written down with the tombstone, in the same change, and goes only when
 * its receiver has taken it: a crash in between leads to another try, never to none. Whoever tries moves the message's time
 * on first, by compare-and-set, so that no other node tries it meanwhile.
 */
import { changeTombstone } from "../lifecycle/change-tombstone.js";
import type { Outbox } from "../lifecycle/context.js";
import { endedInfoOf } from "../lifecycle/notices.js";
import { DeliveryError, type Receiver } from "../lifecycle/receiver.js";
import { later } from "../platform/clock.js";
import type { Logger } from "../platform/logger.js";
import { unseal } from "../platform/secrets.js";
import type { Policy } from "../policy/policy.types.js";
import { headsOf, type OutboxMessage, type Recipient } from "../record/outbox.js";
import type { EndedSession } from "../record/outcome.js";
import type { SessionRecord } from "../record/session.js";
import type { SessionStore } from "../stores/store.js";
import { firstMessages } from "./messages.js";
import { createPauses } from "./pauses.js";
import { backOffAfter, heededWait, isGivenUp, LEASE_PERIOD } from "./retries.js";

interface OutboxOptions {
  readonly receivers: ReadonlyMap<Recipient, Receiver>;
  readonly store: SessionStore;
  readonly policy: Policy;
  readonly secret: string;
  readonly logger: Logger;
  /** Whether what an older release has written down for `onEnd` is told by the webhook: it told its webhook so. */
  readonly takesNotices: boolean;
  readonly onDead: (record: SessionRecord, now: number, message: OutboxMessage) => void;
}

/** How many sessions' messages are under way at a time; the others wait for the sweeper. */
const MOST_AT_ONCE = 32;
/** How long the sweeper waits for one of them to be over. */
const ROOM_PERIOD = 250;
/** Of a message that was put off until it was too late. */
const UNTRIED = "the receiver was down";

export function createOutbox(options: OutboxOptions): Outbox {
  const { receivers, store, logger } = options;
  const recipients = [...receivers.keys()];
  const pauses = createPauses(recipients);
  const running = new Set<Promise<void>>();
  const troubled = new Set<Recipient>();
  const toldDead = new Set<Recipient>();

  /** Takes a message out, or writes what has become of it; whether that was written. */
  const write = (record: SessionRecord, id: string, next: OutboxMessage | null): Promise<boolean> =>
    changeTombstone(store, record, ({ outbox = [], ...kept }) => {
      if (outbox.every((message) => message.id !== id)) return null;
      const changed = outbox.flatMap((message) => (message.id === id ? (next ?? []) : message));
      return { ...kept, outbox: changed };
    });
  const noteTrouble = (to: Recipient, failure: string): void => {
    if (troubled.has(to)) return;
    troubled.add(to);
    logger.warn(`curfew: ${failure}: an end waits to be told, and is tried again for 3 days`);
  };
  /** The trail has each of them, the log the first: the others are dead for the same reason. */
  const die = (record: SessionRecord, now: number, message: OutboxMessage): void => {
    const { to, failure = "" } = message;
    options.onDead(record, now, message);
    if (toldDead.has(to)) return;
    toldDead.add(to);
    logger.error(
      `curfew: the ${to} was not told of the end of session ${record.sid}, for 3 days (${failure}): mend it, then run \`curfew outbox replay\` or call sessions.outbox.replay(); others that follow stand in the audit trail alone (outbox_dead)`,
    );
  };
  const fail = async (record: SessionRecord, message: OutboxMessage, error: unknown): Promise<void> => {
    // What others throw may tell what nobody should read.
    const failure = error instanceof DeliveryError ? error.message : `the ${message.to} could not be told`;
    noteTrouble(message.to, failure);
    const now = await store.now();
    const wait = heededWait(error instanceof DeliveryError ? error.wait : null);
    if (error instanceof DeliveryError && error.isDown) pauses.begin(message.to, now, wait);
    const attempts = message.attempts + 1;
    const tried = { ...message, attempts, failure, nextAt: now + backOffAfter(attempts, wait) };
    const next = isGivenUp(tried, now) ? { ...tried, deadAt: now } : tried;
    if ((await write(record, message.id, next)) && next !== tried) die(record, now, next);
  };
  const send = async (ended: EndedSession, message: OutboxMessage): Promise<void> => {
    const { id, to, sealed } = message;
    const session = endedInfoOf(ended, options);
    const token = sealed === undefined ? null : unseal(options.secret, sealed);
    try {
      await receivers.get(to)?.({ id, session, token });
    } catch (error) {
      return fail(ended.record, message, error);
    }
    pauses.end(to);
    toldDead.delete(to);
    if (troubled.delete(to)) logger.info(`curfew: the ${to} takes what it is told again`);
    await write(ended.record, id, null);
  };
  const start = (ended: EndedSession, messages: readonly OutboxMessage[]): void => {
    // Where the store is away the lease runs out, and whoever sweeps then tries again.
    const sent = messages.map((message) => send(ended, message).catch(() => {}));
    const work: Promise<void> = Promise.all(sent).then(() => void running.delete(work));
    running.add(work);
  };
  /** When a message that could be told now is tried next. */
  const nextAt = (to: Recipient, now: number) => pauses.until(to, now) ?? now + LEASE_PERIOD;

  return {
    first: (record, now, token) =>
      firstMessages(record, { recipients, token }, (to) => ({
        since: now,
        // Where too much is under way here, whoever sweeps next takes it.
        nextAt: running.size < MOST_AT_ONCE ? nextAt(to, now) : now,
      })),
    deliver(ended) {
      const { record, now } = ended;
      const own = headsOf(record.outbox ?? []).filter((message) => message.nextAt === now + LEASE_PERIOD);
      if (own.length > 0) start(ended, own);
    },
    async hasRoom() {
      if (running.size < MOST_AT_ONCE) return true;
      let stop = () => {};
      const timeUp = new Promise<void>((resolve) => {
        stop = later(ROOM_PERIOD, async () => resolve());
      });
      await Promise.race([...running, timeUp]);
      stop();
      return running.size < MOST_AT_ONCE;
    },
    async retry(found, now) {
      const record = options.takesNotices ? withoutNotice(found, now) : found;
      if (record.ended === null) return;
      const outbox = record.outbox ?? [];
      const due = headsOf(outbox).filter((message) => message.nextAt <= now);
      const isPaused = ({ to }: OutboxMessage) => pauses.until(to, now) !== null;
      const next = outbox.map((message) => {
        if (!due.includes(message)) return message;
        const moved = { ...message, nextAt: nextAt(message.to, now) };
        const { failure = UNTRIED } = message;
        return isPaused(message) && isGivenUp(message, now) ? { ...moved, failure, deadAt: now } : moved;
      });
      if (due.length === 0 && record === found) return;
      const changed = { ...record, outbox: next };
      const claimed = next.filter((message, at) => message !== outbox[at] && !isPaused(message));
      const { outcome } = await store.replace(changed, { revision: record.revision });
      if (outcome !== "done") return;
      const written = { ...changed, revision: record.revision + 1 };
      for (const message of next)
        if (message.deadAt === now && due.some(({ id }) => id === message.id)) die(written, now, message);
      if (claimed.length > 0) start({ status: "ended", record: written, end: record.ended, now }, claimed);
    },
    async settled() {
      while (running.size > 0) await Promise.all(running);
    },
  };

  function withoutNotice(record: SessionRecord, now: number): SessionRecord {
    const { notice } = record;
    if (notice === undefined || notice === null) return record;
    if (record.outbox !== undefined) return { ...record, notice: null };
    const first = firstMessages(record, { recipients }, () => ({ since: now, nextAt: now }));
    return { ...record, notice: null, ...first };
  }
}
