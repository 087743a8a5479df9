/** A node whose watch tells a webhook of alerts: as one is raised, and else when the test says so. */
import { alertsOf } from "../../../src/server/record/alerts.js";
import type { SessionStore } from "../../../src/server/stores/store.js";
import type { WatchOptions } from "../../../src/server/watch/options.js";
import { openedNode } from "../../server/support/opened-node.js";
import { atEnd, type EveryStore } from "./every-store.js";

export async function alertingNode(
  every: EveryStore,
  webhook?: WatchOptions["webhook"],
  wrap = (store: SessionStore) => store,
) {
  const store = every.open();
  atEnd(() => store.close());
  const watch = webhook === undefined ? {} : { webhook };
  const { context, trail, log } = await openedNode({ store: wrap(store), watch });
  return {
    context,
    log,
    ofType: (type: string) => trail.filter((record) => record.type === type),
    /** Somebody forges heartbeats of these sessions: the watch raises an alert for each. */
    forge(...sids: readonly string[]) {
      for (const sid of sids)
        context.audit.record(
          "heartbeat_refused",
          every.clock.now(),
          { sid, subject: "ann" },
          { code: "signature" },
        );
    },
    tend: async () => context.alerts?.tend(),
    waiting: async () => {
      const { app, subject } = alertsOf("curfew");
      return (await store.findSubject(app, subject)).record?.alerts ?? [];
    },
  };
}
