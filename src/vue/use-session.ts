/** `curfew/vue`: the session as a composable. */
import { getCurrentInstance, onMounted, onScopeDispose, type ShallowRef, shallowRef } from "vue";
import type { SessionClient } from "../browser/platform/session-client.types.js";
import type { SessionState } from "../session/machine.js";

/**
 * The state of `session`, always the current one; `connecting` on a server and while its page hydrates. Ends with its
 * scope.
 *
 * @example
 * const state = useSession(session); // in setup(); in the template: v-if="state.status === 'active'"
 */
export function useSession(
  session: Pick<SessionClient, "state" | "subscribe">,
): Readonly<ShallowRef<SessionState>> {
  const isServer = typeof document === "undefined";
  // A component that takes over what a server has drawn has its element before its setup.
  const isHydrating = Boolean(getCurrentInstance()?.vnode.el);
  const state = shallowRef<SessionState>(isServer || isHydrating ? { status: "connecting" } : session.state);
  if (isServer) return state;
  const follow = () => {
    state.value = session.state;
  };
  if (isHydrating) onMounted(follow);
  onScopeDispose(session.subscribe(follow));
  return state;
}
