/** What the log says of a step of the machine and of an accepted heartbeat. */
import { INPUT_KINDS } from "../../protocol/heartbeat.js";
import type { ActiveStatus } from "../../protocol/session-status.js";
import { isLive, type MachineState } from "../../session/machine.js";
import type { AcceptedBeat } from "../heartbeat/sender.js";
import type { LoggedStep, SessionLog } from "./log.js";

/** @param tab The tab that told of the end, if another one did. */
export function logStep(
  log: SessionLog,
  state: MachineState,
  { before, tab }: { readonly before: MachineState; readonly tab: string | undefined },
): void {
  if (isLive(state) && isLive(before) && state.keyStore !== before.keyStore)
    log.add({ type: "key", keyStore: state.keyStore });
  if (state.status === before.status) return;
  if (state.status === "ended") log.add({ type: "ended", tab, reason: state.reason });
  if (!isLive(state) || state.status === "active") return;
  const { expiresAt, cause } = state;
  log.add({ type: state.status === "warning" ? "warned" : "unconfirmed", expiresAt, cause });
}

export function extended(
  { lastActiveAt, expiresAt }: ActiveStatus,
  { intent, counts }: AcceptedBeat,
): LoggedStep {
  const inputs = INPUT_KINDS.filter((kind) => counts[kind] > 0);
  return { type: "extended", intent, inputs, activeAt: lastActiveAt, expiresAt };
}
