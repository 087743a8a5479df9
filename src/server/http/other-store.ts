/** Tells the log, once, that a page speaks of a session which another store than this one must have given it. */
import type { ServerContext } from "../lifecycle/context.js";

/**
 * Told of each signed message with a cookie that names nothing here. A page has its sid from a status, so some server
 * said of this session that it lives; if this store knows nothing of it, that server has another store, or this one has
 * forgotten.
 */
export type OtherStoreNotes = (sid: string) => Promise<void>;

export function otherStoreNotes({
  store,
  warnOnce,
}: Pick<ServerContext, "store" | "warnOnce">): OtherStoreNotes {
  let told = false;
  return async (sid) => {
    if (told) return;
    const found = await store.find(sid).catch(() => undefined);
    if (found !== null) return;
    told = true;
    const likely =
      store.name === "memory"
        ? "sessions are kept in memory here, and either this process has been started anew, or several processes answer under this address and each keeps its own: give all of them one store, such as redisStore, or on one machine sqliteStore"
        : "the servers that answer under this address use different stores (another database, file or prefix), or this one was emptied: give all of them the same";
    warnOnce(
      "other store",
      () =>
        `a page speaks of a session that the ${store.name} store does not know, and its cookie names nothing here: ${likely}`,
    );
  };
}
