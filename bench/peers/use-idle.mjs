// VueUse's useIdle with its own defaults but for the timeout.
import { useIdle } from "@vueuse/core";
import { createApp } from "vue";

createApp({
  setup() {
    // biome-ignore lint/correctness/useHookAtTopLevel: VueUse, not React
    useIdle(15 * 60_000);
    return () => null;
  },
}).mount("#app");
globalThis.isReady = true;
