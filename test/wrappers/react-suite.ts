/** What `curfew/react` promises, told once for every version of React that it is run with. */
import type * as React from "react";
import type * as Client from "react-dom/client";
import type * as Server from "react-dom/server";
import { describe, expect, onTestFinished, test, vi } from "vitest";

type UseSession = typeof import("../../src/react/use-session.js")["useSession"];
type CreateTestSession = typeof import("../../src/testing/create-test-session.js")["createTestSession"];
type TestSession = ReturnType<CreateTestSession>;

/** One version of React with the wrapper over it. */
export interface ReactUnderTest {
  readonly react: typeof React;
  readonly client: typeof Client;
  readonly server: typeof Server;
  readonly useSession: UseSession;
  readonly createTestSession: CreateTestSession;
}

export function describeReact(
  name: string,
  { react, client, server, useSession, createTestSession }: ReactUnderTest,
): void {
  const { act, createElement: h, StrictMode } = react;
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);

  interface StatusProps {
    readonly session: TestSession;
    readonly onDraw?: (status: string) => void;
  }

  function Status({ session, onDraw = () => {} }: StatusProps) {
    const { status } = useSession(session);
    onDraw(status);
    return h("p", null, status);
  }

  /** React warns of hydration, act and keys on the console. */
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

  function place(): HTMLElement {
    const container = document.createElement("div");
    document.body.append(container);
    onTestFinished(() => container.remove());
    return container;
  }

  describe(name, () => {
    test("says connecting on a server, whatever the client holds, and subscribes to nothing", () => {
      const session = createTestSession({ status: "warning" });
      const listeners = countListeners(session);
      expect(server.renderToString(h(Status, { session }))).toBe("<p>connecting</p>");
      expect(listeners()).toBe(0);
    });

    test("hydrates what a server has drawn without a mismatch, and then tells the state", async () => {
      const said = watchConsole();
      const container = place();
      const session = createTestSession();
      container.innerHTML = server.renderToString(h(Status, { session }));
      const drawn: string[] = [];
      const root = await act(async () =>
        client.hydrateRoot(container, h(Status, { session, onDraw: (status) => drawn.push(status) })),
      );
      expect(container.textContent).toBe("active");
      expect(drawn).toEqual(["connecting", "active"]);
      await act(async () => root.unmount());
      expect(said).toEqual([]);
    });

    test("follows a session through its life, in strict mode, with one listener that it lets go", async () => {
      const said = watchConsole();
      const container = place();
      const session = createTestSession({ status: "absent" });
      const listeners = countListeners(session);
      const root = client.createRoot(container);
      await act(async () => root.render(h(StrictMode, null, h(Status, { session }))));
      expect(container.textContent).toBe("absent");
      for (const [change, status] of [
        [() => session.server.signIn("ann"), "active"],
        [() => session.advance("13m"), "warning"],
        [() => session.extend(), "active"],
        [() => session.server.end(), "ended"],
        [() => session.server.signIn("ann"), "active"],
      ] as const) {
        await act(async () => void (await change()));
        expect(container.textContent).toBe(status);
      }
      expect(listeners()).toBe(1);
      await act(async () => root.unmount());
      expect(listeners()).toBe(0);
      expect(said).toEqual([]);
    });

    test("asks the server for nothing, mounted twice or a hundred times", async () => {
      const session = createTestSession();
      const root = client.createRoot(place());
      const all = Array.from({ length: 100 }, (_, key) => h(Status, { session, key }));
      await act(async () => root.render(h(StrictMode, null, ...all)));
      await act(async () => session.advance("1m"));
      expect(session.server.calls).toEqual([]);
      await act(async () => root.unmount());
    });

    test("draws anew only for a new state", async () => {
      const session = createTestSession();
      const drawn: string[] = [];
      const root = client.createRoot(place());
      await act(async () => root.render(h(Status, { session, onDraw: (status) => drawn.push(status) })));
      await act(async () => session.advance("5m"));
      await act(async () => void (await session.refresh()));
      expect(drawn.filter((status) => status !== "active")).toEqual([]);
      const before = drawn.length;
      await act(async () => session.advance("7m"));
      expect(drawn).toHaveLength(before);
      await act(async () => root.unmount());
    });

    test("goes over to another client when it is given one", async () => {
      const container = place();
      const [one, other] = [createTestSession(), createTestSession({ status: "absent" })];
      const [listeners, others] = [countListeners(one), countListeners(other)];
      const root = client.createRoot(container);
      await act(async () => root.render(h(Status, { session: one })));
      await act(async () => root.render(h(Status, { session: other })));
      expect([container.textContent, listeners(), others()]).toEqual(["absent", 0, 1]);
      await act(async () => root.unmount());
    });

    test("a state that changes between drawing and listening is not lost", async () => {
      const container = place();
      const session = createTestSession();
      await session.advance(0);
      const { subscribe } = session;
      vi.spyOn(session, "subscribe").mockImplementation((listener) => {
        vi.spyOn(session, "state", "get").mockReturnValue(ENDED);
        return subscribe(listener);
      });
      const root = client.createRoot(container);
      await act(async () => root.render(h(Status, { session })));
      expect(container.textContent).toBe("ended");
      await act(async () => root.unmount());
    });
  });
}

const ENDED = { status: "ended", reason: "idle", endedAt: 0 } as const;
