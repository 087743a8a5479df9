/** Keeps the page of the audit trail live. It has no session client: reading the trail is not activity in the app. */
import type { AuditRecord } from "curfew/server";
import { drawTrail } from "./trail.js";

const INTERVAL = 2_000;
const list = document.querySelector<HTMLElement>('[data-testid="audit"]');

async function refresh(): Promise<void> {
  const response = await fetch("/audit?last=100", { headers: { Accept: "application/json" } });
  if (list !== null && response.ok) drawTrail(list, (await response.json()) as readonly AuditRecord[]);
}

/** A server that is away for a moment is asked again at the next turn. */
const keepRefreshing = () => void refresh().catch(() => {});
keepRefreshing();
setInterval(keepRefreshing, INTERVAL);
