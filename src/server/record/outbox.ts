/**
 * What others must still be told of a session. It stands in the session's own record, so that it is written in the same
 * change as what it tells of, in every store: no crash in between can lose one of the two.
 */

/** Who is told: the app, by its webhook, or the identity provider. */
export type Recipient = "webhook" | "provider";

export interface OutboxMessage {
  /** The same at each try: by it a receiver leaves out what it has had. */
  readonly id: string;
  readonly to: Recipient;
  /** When it was written, or put back. Instants are server milliseconds. */
  readonly since: number;
  /** How often it was tried in vain since then. */
  readonly attempts: number;
  /** When it is tried next. A node that tries it moves this on first, so that no other one does meanwhile. */
  readonly nextAt: number;
  /** Why the last try failed; it stays where the message is put back. */
  readonly failure?: string;
  /** Since when it is tried no more. */
  readonly deadAt?: number;
  /** What the receiver needs besides the record, sealed. */
  readonly sealed?: string;
}

/** How long what could not be told is kept: 14 days. */
const KEEP_PERIOD = 14 * 24 * 60 * 60_000;
/** What is put off for longer than this is no first try any more. */
const FIRST_PERIOD = 60_000;

/** What can be told now or later: of each recipient the oldest that is no dead letter. The others wait for it. */
export function headsOf(outbox: readonly OutboxMessage[]): readonly OutboxMessage[] {
  const living = outbox.filter(({ deadAt }) => deadAt === undefined);
  return living.filter(({ to }, at) => living.findIndex((other) => other.to === to) === at);
}

/** When there is something to tell; null: never. */
export function outboxDueAt(outbox: readonly OutboxMessage[]): number | null {
  const heads = headsOf(outbox);
  return heads.length === 0 ? null : Math.min(...heads.map(({ nextAt }) => nextAt));
}

/**
 * Until when the record must be kept for it; 0: no longer than without it. A first try is soon over, and a record outlives
 * it anyhow: so most ends cost a store nothing more.
 */
export function outboxKeptUntil(outbox: readonly OutboxMessage[]): number {
  const waiting = outbox.filter(
    ({ since, nextAt, failure }) => failure !== undefined || nextAt > since + FIRST_PERIOD,
  );
  return Math.max(0, ...waiting.map(({ nextAt, deadAt }) => (deadAt ?? nextAt) + KEEP_PERIOD));
}
