/** `curfew/vue`: the session as a composable. */
import * as Vue from "vue";
import type { SessionClient } from "../browser/platform/session-client.types.js";
import type { SessionState } from "../session/machine.js";

/**
 * The state of `session`, always the current one; `connecting` on a server and while its page hydrates. Ends with its
 * scope.
 * @throws Error below Vue 3.3
 *
 * @example
 * const state = useSession(session); // in setup(); in the template: v-if="state.status === 'active'"
 */
export function useSession(
  session: Pick<SessionClient, "state" | "subscribe">,
): Readonly<Vue.ShallowRef<SessionState>> {
  refuseOldVue(Vue);
  const { getCurrentInstance, onMounted, onScopeDispose, shallowRef } = Vue;
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

/** By the whole module, and not by imported names: an older Vue is told of it instead of failing to link. */
function refuseOldVue({ version }: { readonly version?: string }): void {
  if (!version || /^(?:[012]|3\.[012])\./.test(version))
    throw new Error(
      `curfew/vue needs Vue 3.3 or later, and this is ${version ?? "Vue 2"}; there, session.subscribe() and session.state do it`,
    );
}
