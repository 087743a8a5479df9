// @vitest-environment happy-dom
// The Vue composable in a page, and on a server.
import { expect, test, vi } from "vitest";
import { createApp, createSSRApp, effectScope, h, isReactive, nextTick } from "vue";
import { renderToString } from "vue/server-renderer";
import { useSession as sessionIn } from "../../src/vue/use-session.js";
import { createFakeSession, liveState } from "../warning/fake-session.js";

test("follows the client in a component", async () => {
  const session = createFakeSession({ status: "absent" });
  const container = document.createElement("div");
  const app = createApp({
    setup() {
      const state = sessionIn(session);
      return () => h("p", state.value.status);
    },
  });
  app.mount(container);
  expect(container.textContent).toBe("absent");
  session.become(liveState());
  await nextTick();
  expect(container.textContent).toBe("warning");
  app.unmount();
});

test("hands out the client's own state and lets go with its scope", () => {
  const session = createFakeSession({ status: "absent" });
  const scope = effectScope();
  const state = scope.run(() => sessionIn(session));
  const live = liveState();
  session.become(live);
  expect(state?.value).toBe(live);
  expect(isReactive(state?.value)).toBe(false);
  scope.stop();
  session.become({ status: "absent" });
  expect(state?.value).toBe(live);
});

test("says connecting on a server, and subscribes to nothing", async () => {
  vi.stubGlobal("document", undefined);
  const session = createFakeSession(liveState());
  const subscribe = vi.spyOn(session, "subscribe");
  const html = await renderToString(
    createSSRApp({
      setup() {
        const state = sessionIn(session);
        return () => h("p", state.value.status);
      },
    }),
  );
  vi.unstubAllGlobals();
  expect(html).toBe("<p>connecting</p>");
  expect(subscribe).not.toHaveBeenCalled();
});
