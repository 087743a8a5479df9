/** Kills nodes with SIGKILL, each at another step of telling a webhook of alerts, and counts what was lost of it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { alertsOf } from "../../../src/server/record/alerts.js";
import { openedNode } from "../../server/support/opened-node.js";
import { atEnd, type EveryStore } from "./every-store.js";
import { startWebhookServer } from "./webhook-server.js";

interface KilledAlerts {
  readonly kills: number;
  /** Alerts that the trail of a killed node has. */
  readonly raised: number;
  /** Different alerts that the webhook was told of, by their ids. */
  readonly told: number;
  /** Sessions whose alert the trail has, and of which the webhook was not told. */
  readonly lost: readonly string[];
}

const SCRIPT = fileURLToPath(new URL("alert-process.ts", import.meta.url));
/** Longer than a lease. */
const GENERATION = 31_000;

export async function killAlertsAtSteps(
  { clock, reach, open }: EveryStore,
  steps: readonly number[],
): Promise<KilledAlerts> {
  const hook = await startWebhookServer();
  const raised: string[] = [];
  let kills = 0;
  for (const step of steps) {
    clock.advance(GENERATION);
    const args = [hook.webhook.url, String(clock.now()), `node${step}`, String(step), ...reach];
    const child = spawn(process.execPath, ["--import", "tsx", SCRIPT, ...args], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    atEnd(() => void child.kill("SIGKILL"));
    const [lines] = await Promise.all([text(child.stdout), once(child, "close")]);
    raised.push(...lines.split("\n").filter((line) => line !== ""));
    if (child.signalCode === "SIGKILL") kills++;
  }
  const store = open();
  atEnd(() => store.close());
  const { context } = await openedNode({ store, watch: { webhook: hook.webhook } });
  const { app, subject } = alertsOf("curfew");
  for (let waiting = 1; waiting > 0; ) {
    clock.advance(GENERATION);
    await context.alerts?.tend();
    waiting = (await store.findSubject(app, subject)).record?.alerts?.length ?? 0;
  }
  const told = new Set(hook.deliveries.map(({ sid }) => sid));
  return {
    kills,
    raised: raised.length,
    told: new Set(hook.deliveries.map(({ id }) => id)).size,
    lost: raised.filter((sid) => !told.has(sid)),
  };
}
