/** Dead letters: what nobody took for so long that it is tried no more. They are listed, and put back, by hand. */

import type { EndReason } from "../../session/end.js";
import { changeTombstone } from "../lifecycle/change-tombstone.js";
import type { ServerContext } from "../lifecycle/context.js";
import type { OutboxMessage, Recipient } from "../record/outbox.js";
import type { SessionRecord } from "../record/session.js";

/** A message that is tried no more. Instants are server milliseconds. */
export interface DeadLetter {
  readonly id: string;
  /** Who was to be told. */
  readonly to: Recipient;
  /** The session that has ended, and whose it was. */
  readonly sid: string;
  readonly subject: string;
  readonly reason: EndReason;
  readonly endedAt: number;
  /** How often it was tried. */
  readonly attempts: number;
  /** Why the last try failed. */
  readonly failure: string;
  readonly deadAt: number;
}

/** Walks over every session of the app: by hand, never for a request. @throws StoreUnavailableError */
export async function* deadLetters(context: ServerContext): AsyncGenerator<DeadLetter> {
  for await (const record of context.store.all(context.app)) yield* lettersIn(record);
}

/**
 * Puts dead letters back: they are tried again at once, and for as long as the first time.
 * @param id of one of them; absent: all
 * @returns how many there were
 * @throws StoreUnavailableError
 */
export async function replayDeadLetters(context: ServerContext, id?: string): Promise<number> {
  let replayed = 0;
  for await (const record of context.store.all(context.app)) {
    const ids = lettersIn(record).flatMap((letter) =>
      id === undefined || letter.id === id ? letter.id : [],
    );
    if (ids.length === 0) continue;
    const now = await context.store.now();
    const isWritten = await changeTombstone(context.store, record, ({ outbox = [], ...kept }) => ({
      ...kept,
      outbox: outbox.map((message) => (ids.includes(message.id) ? putBack(message, now) : message)),
    }));
    if (isWritten) replayed += ids.length;
  }
  return replayed;
}

function putBack({ deadAt: _, ...message }: OutboxMessage, now: number): OutboxMessage {
  return { ...message, since: now, attempts: 0, nextAt: now };
}

function lettersIn({ sid, subject, ended, outbox = [] }: SessionRecord): readonly DeadLetter[] {
  if (ended === null) return [];
  const { reason, endedAt } = ended;
  return outbox.flatMap(({ id, to, attempts, deadAt, failure = "" }) =>
    deadAt === undefined ? [] : { id, to, sid, subject, reason, endedAt, attempts, failure, deadAt },
  );
}
