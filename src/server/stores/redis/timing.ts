/** How long a command to Redis may take, and when a connection that has gone silent is replaced. */
import { within } from "../../platform/clock.js";

/** An answer to the browser is due within 250 ms, and one call may take several commands. */
const COMMAND_TIMEOUT = 150;
/** Nothing came for so long, though something was asked: the connection may lead nowhere by now. */
const SILENCE_TIMEOUT = 3_000;

class LateAnswerError extends Error {}

/** What Curfew uses of a connection that it may replace. */
interface Replaceable {
  readonly status: string;
  disconnect(reconnect: boolean): void;
}

export interface TimedConnection {
  /** The answer to a command, or an error once it is late. */
  answer<T>(command: Promise<T>): Promise<T>;
  /** Replaces the connection no more. */
  close(): void;
}

/** @param connection null: it is the app's to replace */
export function timedConnection(connection: Replaceable | null): TimedConnection {
  let heard = () => {};
  let isWatched = connection === null;
  const watch = () => {
    if (isWatched) return;
    isWatched = true;
    const something = new Promise<void>((resolve) => {
      heard = resolve;
    });
    within(SILENCE_TIMEOUT, something, () => new LateAnswerError())
      .catch(() => {
        if (connection?.status === "ready") connection.disconnect(true);
      })
      .finally(() => {
        isWatched = false;
      });
  };
  return {
    async answer(command) {
      try {
        const answer = await within(COMMAND_TIMEOUT, command, late);
        heard();
        return answer;
      } catch (error) {
        if (error instanceof LateAnswerError) watch();
        else heard();
        throw error;
      }
    },
    close() {
      heard();
      isWatched = true;
    },
  };
}

function late(): LateAnswerError {
  return new LateAnswerError(`Redis did not answer within ${COMMAND_TIMEOUT} ms`);
}
