/** A page that opens after its session's end: covered by what the browser remembers, until the server has spoken. */
import type { ClientPorts } from "../ports.js";
import type { MachineRunner } from "../state/machine-runner.js";
import type { Tab } from "../state/tab.js";

export async function coverWhatIsOver(
  { openStore, clock }: Pick<ClientPorts, "openStore" | "clock">,
  runner: Pick<MachineRunner, "setCovered">,
  tab: Pick<Tab, "machine" | "name" | "seenAt">,
): Promise<void> {
  const last = await openStore(tab.name).lastSession();
  if (last !== null) tab.seenAt = last.status.now;
  if (last === null || tab.machine.status !== "connecting") return;
  if (clock.wall() - last.wallOffset >= last.status.expiresAt) runner.setCovered(true);
}

/** The server knows of no session, in a page that never had one: whatever is kept is left over from tabs that were closed. */
export function forgetWhatIsOver(
  { openStore, unreported }: Pick<ClientPorts, "openStore" | "unreported">,
  { name, since }: { readonly name: string; readonly since: number },
): void {
  unreported.forget(name);
  void openStore(name).forgetAll(since);
}
