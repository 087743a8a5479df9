/** Puts a limit on every call of a store: no answer in time, or an error, means unavailable (503), never a guess. */
import { within } from "../platform/clock.js";
import { StoreUnavailableError, UnreadableRecordError } from "../platform/errors.js";
import type { SessionStore, WarningListener } from "./store.js";

/** An answer to the browser is due within 250 ms; this leaves the rest for the way there and back. */
export const STORE_BUDGET = 200;

/** What is thrown where a store fails: whatever its driver threw is the cause, and nobody has to know drivers. */
export function storeFailure({ name }: SessionStore, error: unknown): StoreUnavailableError {
  if (error instanceof StoreUnavailableError) return error;
  const reason = error instanceof Error ? `: ${error.message}` : "";
  return new StoreUnavailableError(`the ${name} store failed${reason}`, { cause: error });
}

const refuse = async (): Promise<never> => {
  throw new StoreUnavailableError(
    "the audit trail takes no records, and nothing may happen that it does not have (whenLost)",
  );
};

/**
 * @param onWarning told of a record that cannot be read when it is asked for by itself
 * @param isRefusing whether nothing may happen now, for a reason that is not the store's: sessions are unavailable then
 */
export function boundedStore(
  store: SessionStore,
  onWarning: WarningListener,
  isRefusing: () => boolean = () => false,
): SessionStore {
  const bound = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await within(
        STORE_BUDGET,
        work(),
        () => new StoreUnavailableError(`the ${store.name} store did not answer in time`),
      );
    } catch (error) {
      if (error instanceof UnreadableRecordError) onWarning(error);
      throw storeFailure(store, error);
    }
  };
  const sessions = <T>(work: () => Promise<T>): Promise<T> => (isRefusing() ? refuse() : bound(work));
  const endedSince = store.endedSince?.bind(store);
  return {
    name: store.name,
    now: () => bound(() => store.now()),
    secret: () => bound(() => store.secret()),
    insert: (record) => sessions(() => store.insert(record)),
    find: (sid) => sessions(() => store.find(sid)),
    findBySecret: (secretHash) => sessions(() => store.findBySecret(secretHash)),
    listBySubject: (app, subject, after, limit) =>
      sessions(() => store.listBySubject(app, subject, after, limit)),
    replace: (record, expected) => sessions(() => store.replace(record, expected)),
    findSubject: (app, subject) => sessions(() => store.findSubject(app, subject)),
    replaceSubject: (record, revision) => sessions(() => store.replaceSubject(record, revision)),
    due: (app, limit) => sessions(() => store.due(app, limit)),
    async *all(app) {
      try {
        // However long it takes: a store may have to look at many keys of others for the next one.
        yield* store.all(app);
      } catch (error) {
        throw storeFailure(store, error);
      }
    },
    ...(endedSince === undefined ? {} : { endedSince: (app, since) => bound(() => endedSince(app, since)) }),
    purge: () => bound(() => store.purge()),
    onClockStep: (listener) => store.onClockStep(listener),
    onWarning: (listener) => store.onWarning?.(listener),
    async close() {
      try {
        await store.close();
      } catch (error) {
        throw storeFailure(store, error);
      }
    },
  };
}
