/** Where the verifier's own messages go; pino, winston and `console` fit as they are. */

export interface Logger {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/**
 * The same logger, whose own failure is nobody else's: what is told by it goes on, and no promise is left rejected. Its
 * methods are called on the logger itself, for some need that.
 */
export function unfailing(logger: Logger): Logger {
  const told = (method: keyof Logger) => (message: string) => {
    try {
      // Some answer with a promise.
      const answer: unknown = logger[method](message);
      Promise.resolve(answer).catch(() => {});
    } catch {
      // There is nowhere else to say it.
    }
  };
  return { info: told("info"), warn: told("warn"), error: told("error") };
}

/** Warns of each topic once: what is wrong with a deployment is wrong at every request. */
export type WarnOnce = (topic: string, message: () => string) => void;

/** Topics may name what a request says; beyond so many of them nothing is said any more. */
const MOST_TOPICS = 100;

export function createWarnOnce(logger: Logger): WarnOnce {
  const told = new Set<string>();
  return (topic, message) => {
    if (told.has(topic) || told.size >= MOST_TOPICS) return;
    told.add(topic);
    logger.warn(`curfew: ${message()}`);
  };
}
