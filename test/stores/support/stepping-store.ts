/** A store that tells of each step before and after each of its calls: where a process may be killed. */
import type { SessionStore } from "../../../src/server/stores/store.js";

export function steppingStore(step: () => void, store: SessionStore): SessionStore {
  return new Proxy(store, {
    get(target, method) {
      const value: unknown = Reflect.get(target, method);
      if (typeof value !== "function" || method === "all" || String(method).startsWith("on"))
        return typeof value === "function" ? value.bind(target) : value;
      return async (...values: unknown[]) => {
        step();
        const answer: unknown = await value.apply(target, values);
        step();
        return answer;
      };
    },
  });
}
