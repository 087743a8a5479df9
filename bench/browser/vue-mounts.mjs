// A page of Vue's that shows and takes away a part with the session and its warning, as often as it is told.
import { createApp, h, onMounted, onUnmounted } from "vue";
import { createSessionClient } from "../../src/index.ts";
import { useSession } from "../../src/vue/index.ts";
import { attachWarning } from "../../src/warning/index.ts";

const session = createSessionClient();

const Part = {
  setup() {
    // biome-ignore lint/correctness/useHookAtTopLevel: Vue, not React
    const state = useSession(session);
    let detach = () => {};
    onMounted(() => {
      detach = attachWarning(session);
    });
    onUnmounted(() => detach());
    return () => h("p", state.value.status);
  },
};

globalThis.mount = async () => {
  const place = document.createElement("div");
  document.body.append(place);
  const app = createApp(Part);
  app.mount(place);
  await new Promise((resolve) => setTimeout(resolve));
  app.unmount();
  place.remove();
};
globalThis.isReady = () => session.state.keyStore === "indexeddb";
