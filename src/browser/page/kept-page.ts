/** A page that opens after its session's end: covered by what the browser remembers, until the server has spoken. */
import type { ClientPorts } from "../ports.js";
import type { Mirror } from "../state/machine-runner.js";

export async function coverWhatIsOver(
  { openStore, clock }: Pick<ClientPorts, "openStore" | "clock">,
  mirror: Pick<Mirror, "machine" | "setCovered">,
  name: string,
): Promise<void> {
  const last = await openStore(name).lastSession();
  if (last === null || mirror.machine.status !== "connecting") return;
  if (clock.wall() - last.wallOffset >= last.status.expiresAt) mirror.setCovered(true);
}

/** The server knows of no session, in a page that never had one: whatever is kept is left over from tabs that were closed. */
export function forgetWhatIsOver(
  { openStore, unreported }: Pick<ClientPorts, "openStore" | "unreported">,
  { name, since }: { readonly name: string; readonly since: number },
): void {
  unreported.forget(name);
  void openStore(name).forgetAll(since);
}
