/** A node whose clock goes on by as many milliseconds as each line says; it answers with what it has told the trail. */
import { createInterface } from "node:readline";
import { openedNode } from "../../server/support/opened-node.js";
import { createTestClock } from "../../server/support/test-clock.js";
import { reachedStore } from "./reached-store.js";

const [idle = "", ...reach] = process.argv.slice(2);
const clock = createTestClock();
const policy = { idle, absolute: "12h" };
const { context, trail } = await openedNode({ policy, store: reachedStore(reach, clock) });
const answer = async () => {
  const { drift, nodes } = await context.nodes.state();
  const told = trail.map(({ type }) => type);
  process.stdout.write(`${JSON.stringify({ told, status: drift.status, nodes: nodes.length })}\n`);
};
await answer();
for await (const line of createInterface(process.stdin)) {
  clock.advance(Number(line));
  await context.nodes.tend();
  await answer();
}
await context.store.close();
