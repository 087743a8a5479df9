/** Keeps the page of the alerts live. It has no session client: reading it is not activity in the app. */
import type { AuditRecord } from "curfew/server";
import { part, write } from "./part.js";
import { drawTrail } from "./trail.js";
import { alertCount, alertLine } from "./words.js";

const INTERVAL = 2_000;

async function refresh(): Promise<void> {
  const response = await fetch("/alerts", { headers: { Accept: "application/json" } });
  if (!response.ok) return;
  const alerts = (await response.json()) as readonly AuditRecord[];
  drawTrail(part("alerts"), alerts, alertLine);
  write(part("alert-count"), alertCount(alerts));
}

/** A server that is away for a moment is asked again at the next turn. */
const keepRefreshing = () => void refresh().catch(() => {});
keepRefreshing();
setInterval(keepRefreshing, INTERVAL);
