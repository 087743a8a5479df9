/** Whether there is news of ends to ask for: told by other nodes where this one hears them, else each time. */
import { systemClock } from "../../platform/clock.js";
import type { WarningListener } from "../store.js";
import type { PostgresDriver } from "./driver.js";
import { postgresListener } from "./listener.js";

interface PostgresNewsOptions {
  readonly listen: PostgresDriver["listen"];
  readonly channel: string;
  /** Tells every node. */
  readonly notify: (payload: string) => Promise<unknown>;
  /** Whether it listens at all; it tells the others all the same. */
  readonly isWanted: boolean;
  readonly onWarning: WarningListener;
}

export interface PostgresNews {
  /** Something of this app has ended here: the other nodes are told, at once or together with what ends meanwhile. */
  tell(app: string): void;
  /** Where one stands who asks now. */
  mark(app: string): string;
  /** Whether something of this app has been told of since that mark. */
  isTold(app: string, mark: string): boolean;
  /** Whether it is time to ask who has asked at that mark. */
  isDue(app: string, mark: string): boolean;
  /** Something was found that nobody had told of. */
  doubt(): void;
  close(): void;
}

/** What nobody has told of, though the connection hears, is asked for all the same after so many milliseconds. */
const ASK_INTERVAL = 5_000;

export function postgresNews({ notify, isWanted, ...options }: PostgresNewsOptions): PostgresNews {
  const counts = new Map<string, number>();
  const telling = new Map<string, boolean>();
  /** Counts for every app at once. */
  let epoch = 0;
  const count = (app: string) => counts.set(app, (counts.get(app) ?? 0) + 1);
  const listener = postgresListener({
    ...options,
    notify,
    onMessage: count,
    onHearing: () => {
      epoch += 1;
    },
  });
  const send = async (app: string): Promise<void> => {
    do {
      telling.set(app, false);
      // A hint: where it cannot be told, nodes find the end when they ask.
      await notify(app).catch(() => {});
    } while (telling.get(app));
    telling.delete(app);
  };
  const standing = (app: string) => `${epoch}.${counts.get(app) ?? 0}`;
  const isTold = (app: string, mark: string) => mark.split(" ")[0] !== standing(app);

  return {
    tell(app) {
      count(app);
      if (telling.has(app)) telling.set(app, true);
      else void send(app);
    },
    mark: (app) => `${standing(app)} ${Math.floor(systemClock.monotonic())}`,
    isTold,
    isDue(app, mark) {
      if (isWanted) listener.open();
      const [, at] = mark.split(" ");
      const isLong = systemClock.monotonic() - Number(at) >= ASK_INTERVAL;
      return isLong || !listener.hears() || isTold(app, mark);
    },
    doubt: () => listener.doubt(),
    close: () => listener.close(),
  };
}
