/** Keeps the page of the audit trail live, and checks it. It has no session client: reading the trail is not activity in the app. */
import type { AuditRecord } from "curfew/server";
import { checkLog, onlyOnce } from "./audit-check.js";
import { offerProofs } from "./audit-proof.js";
import { part } from "./part.js";
import { drawTrail } from "./trail.js";

const INTERVAL = 2_000;
/** A longer log is checked when the page is opened and at the button, not at every turn. */
const MOST_AT_EACH_TURN = 2_000;

const proofs = offerProofs();
const check = onlyOnce(checkLog);
let newest: number | undefined;

async function refresh(): Promise<void> {
  const response = await fetch("/audit?last=100", { headers: { Accept: "application/json" } });
  if (!response.ok) return;
  const records = (await response.json()) as readonly AuditRecord[];
  drawTrail(part("audit"), records);
  proofs.offer(records);
  const seq = records.at(-1)?.seq ?? 0;
  const isFirst = newest === undefined;
  // What has just been written is signed some seconds later, and anchored by the check after that.
  if (isFirst || (seq < MOST_AT_EACH_TURN && (seq !== newest || !check.last()?.isAnchored))) {
    const { vkey } = await check.run();
    newest = seq;
    proofs.trust(vkey);
  }
}

/** A server that is away for a moment is asked again at the next turn. */
const keepRefreshing = () => void refresh().catch(() => {});
keepRefreshing();
setInterval(keepRefreshing, INTERVAL);
part("log-check").addEventListener("click", () => void check.run().catch(() => {}));
