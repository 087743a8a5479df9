/** `curfew/vue`: the session as a composable. */
import { onScopeDispose, type ShallowRef, shallowRef } from "vue";
import type { SessionClient } from "../browser/session-client.types.js";
import type { SessionState } from "../session/machine.js";

/**
 * The state of `session`, always the current one; `connecting` on a server. Ends with its scope.
 *
 * @example
 * const state = useSession(session); // in setup(); in the template: v-if="state.status === 'active'"
 */
export function useSession(
  session: Pick<SessionClient, "state" | "subscribe">,
): Readonly<ShallowRef<SessionState>> {
  const isServer = typeof document === "undefined";
  const state = shallowRef<SessionState>(isServer ? { status: "connecting" } : session.state);
  if (isServer) return state;
  onScopeDispose(
    session.subscribe(() => {
      state.value = session.state;
    }),
  );
  return state;
}
