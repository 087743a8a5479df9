/** `curfew/react`: the session as a hook. */
import { useSyncExternalStore } from "react";
import type { SessionClient } from "../browser/platform/session-client.types.js";
import type { SessionState } from "../session/machine.js";

const CONNECTING: SessionState = { status: "connecting" };
const onServer = () => CONNECTING;

/**
 * The state of `session`, always the current one; `connecting` on a server and while its page hydrates.
 *
 * @example
 * const state = useSession(session);
 * return state.status === "active" ? <App /> : <SignedOut />;
 */
export function useSession(session: Pick<SessionClient, "state" | "subscribe">): SessionState {
  return useSyncExternalStore(session.subscribe, () => session.state, onServer);
}
