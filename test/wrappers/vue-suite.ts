/** What `curfew/vue` promises, told once for every version of Vue that it is run with. */
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type * as Vue from "vue";
import type * as Server from "vue/server-renderer";

type UseSession = typeof import("../../src/vue/use-session.js")["useSession"];
type CreateTestSession = typeof import("../../src/testing/create-test-session.js")["createTestSession"];
type TestSession = ReturnType<CreateTestSession>;

/** One version of Vue with the wrapper over it. */
export interface VueUnderTest {
  readonly vue: typeof Vue;
  readonly server: typeof Server;
  readonly useSession: UseSession;
  readonly createTestSession: CreateTestSession;
}

export function describeVue(
  name: string,
  { vue, server, useSession: sessionIn, createTestSession }: VueUnderTest,
): void {
  const { createApp, createSSRApp, effectScope, h, isReactive, nextTick } = vue;

  function statusOf(session: TestSession, onDraw: (status: string) => void = () => {}) {
    return {
      setup() {
        const state = sessionIn(session);
        return () => {
          onDraw(state.value.status);
          return h("p", state.value.status);
        };
      },
    };
  }

  /** What a server sends: there is no document where it is drawn. */
  async function drawOnServer(session: TestSession): Promise<string> {
    vi.stubGlobal("document", undefined);
    const html = await server.renderToString(createSSRApp(statusOf(session)));
    vi.unstubAllGlobals();
    return html;
  }

  function watchConsole(): readonly unknown[] {
    const said: unknown[] = [];
    for (const level of ["error", "warn"] as const) {
      const spy = vi.spyOn(console, level).mockImplementation((...words) => void said.push(words));
      onTestFinished(() => spy.mockRestore());
    }
    return said;
  }

  function countListeners(session: TestSession): () => number {
    let count = 0;
    const { subscribe } = session;
    vi.spyOn(session, "subscribe").mockImplementation((listener) => {
      count++;
      const stop = subscribe(listener);
      return () => {
        count--;
        stop();
      };
    });
    return () => count;
  }

  describe(name, () => {
    test("says connecting on a server, whatever the client holds, and subscribes to nothing", async () => {
      const session = createTestSession({ status: "warning" });
      const listeners = countListeners(session);
      expect(await drawOnServer(session)).toBe("<p>connecting</p>");
      expect(listeners()).toBe(0);
    });

    test("hydrates what a server has drawn without a mismatch, and then tells the state", async () => {
      const said = watchConsole();
      const session = createTestSession();
      const container = document.createElement("div");
      container.innerHTML = await drawOnServer(session);
      const drawn: string[] = [];
      const app = createSSRApp(statusOf(session, (status) => drawn.push(status)));
      app.mount(container);
      await nextTick();
      expect(container.innerHTML).toBe("<p>active</p>");
      expect(drawn).toEqual(["connecting", "active"]);
      app.unmount();
      expect(said).toEqual([]);
    });

    test("follows a session through its life, and lets go when the component is gone", async () => {
      const said = watchConsole();
      const session = createTestSession({ status: "absent" });
      const listeners = countListeners(session);
      const container = document.createElement("div");
      const app = createApp(statusOf(session));
      app.mount(container);
      expect(container.textContent).toBe("absent");
      for (const [change, status] of [
        [() => session.server.signIn("ann"), "active"],
        [() => session.advance("13m"), "warning"],
        [() => session.extend(), "active"],
        [() => session.server.end(), "ended"],
        [() => session.server.signIn("ann"), "active"],
      ] as const) {
        await change();
        await nextTick();
        expect(container.textContent).toBe(status);
      }
      expect(listeners()).toBe(1);
      app.unmount();
      expect(listeners()).toBe(0);
      expect(said).toEqual([]);
    });

    test("draws at once what the client holds, where nothing was drawn before", () => {
      const drawn: string[] = [];
      const app = createApp(statusOf(createTestSession(), (status) => drawn.push(status)));
      app.mount(document.createElement("div"));
      expect(drawn).toEqual(["active"]);
      app.unmount();
    });

    test("hands out the client's own state, and lets go with its scope", async () => {
      const session = createTestSession();
      await session.advance(0);
      const listeners = countListeners(session);
      const scope = effectScope();
      const state = scope.run(() => sessionIn(session));
      await session.server.end();
      expect(state?.value).toBe(session.state);
      expect(isReactive(state?.value)).toBe(false);
      expect(listeners()).toBe(1);
      scope.stop();
      expect(listeners()).toBe(0);
      await session.server.signIn();
      expect(state?.value.status).toBe("ended");
    });

    test("asks the server for nothing, however many components there are", async () => {
      const session = createTestSession();
      const { setup } = statusOf(session);
      const app = createApp({ render: () => Array.from({ length: 100 }, () => h({ setup })) });
      app.mount(document.createElement("div"));
      await session.advance("1m");
      expect(session.server.calls).toEqual([]);
      app.unmount();
    });
  });
}
