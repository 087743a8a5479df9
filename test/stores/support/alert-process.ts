/** A node whose watch raises alerts, which says each on a line once the trail has it, and kills itself at the step that it is told. */
import { writeSync } from "node:fs";
import { openedNode } from "../../server/support/opened-node.js";
import { killedNode } from "./killed-node.js";

const [url = "", startAt = "", name = "", killAt = "", ...reach] = process.argv.slice(2);
const { clock, store, begin } = killedNode(Number(startAt), Number(killAt), reach);
const { context } = await openedNode({
  store,
  onEvent: ({ type, sid }) => {
    if (type === "alert_raised") writeSync(1, `${sid}\n`);
  },
  watch: { webhook: { url, secret: "webhook-secret-of-the-tests-0123456789" } },
});
begin();
for (let at = 0; at < 2; at++)
  context.audit.record(
    "heartbeat_refused",
    clock.now(),
    { sid: `${name}-${at}`, subject: "ann" },
    { code: "signature" },
  );
await new Promise((resolve) => setTimeout(resolve, 60_000));
