/**
 * What has ended of late, in PostgreSQL: a table of ends, each written in the transaction of its end, and asked for by
 * the snapshot of the time before. So none is missed, whichever transaction of several is done first.
 */
import type { SessionStore } from "../store.js";
import type { PostgresCaller } from "./caller.js";
import type { PostgresNews } from "./news.js";
import type { PostgresStatements } from "./statements.js";

export function postgresEnds(
  run: PostgresCaller["run"],
  sql: PostgresStatements,
  news: PostgresNews,
): NonNullable<SessionStore["endedSince"]> {
  return async (app, since) => {
    const [snapshot = null, mark = ""] = since?.split("|") ?? [];
    if (!news.isDue(app, mark)) return { sids: [], next: since ?? "" };
    const asked = news.mark(app);
    const { rows } = await run(sql.endsSince, app, snapshot);
    const sids = rows.flatMap(({ columns: [, sid] }) => sid ?? []);
    if (sids.length > 0 && !news.isTold(app, mark)) news.doubt();
    return { sids, next: `${rows[0]?.columns[0] ?? ""}|${asked}` };
  };
}
