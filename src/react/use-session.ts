/** `curfew/react`: the session as a hook. */
import * as React from "react";
import type { SessionClient } from "../browser/platform/session-client.types.js";
import type { SessionState } from "../session/machine.js";

const CONNECTING: SessionState = { status: "connecting" };
const onServer = () => CONNECTING;

/**
 * The state of `session`, always the current one; `connecting` on a server and while its page hydrates.
 * @throws Error below React 18
 *
 * @example
 * const state = useSession(session);
 * return state.status === "active" ? <App /> : <SignedOut />;
 */
export function useSession(session: Pick<SessionClient, "state" | "subscribe">): SessionState {
  // Looked up here, and not imported by name: an older React is told of it instead of failing to link.
  const { useSyncExternalStore } = React;
  if (!useSyncExternalStore)
    throw new Error(
      `curfew/react needs React 18 or later, and this is ${React.version}; there, session.subscribe() and session.state do it`,
    );
  return useSyncExternalStore(session.subscribe, () => session.state, onServer);
}
