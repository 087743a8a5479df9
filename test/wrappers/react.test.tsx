// @vitest-environment happy-dom
// The React hook, on the server and in a page.
import { act, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { expect, test, vi } from "vitest";
import { useSession } from "../../src/react/use-session.js";
import { createFakeSession, type FakeSession, liveState } from "../warning/fake-session.js";

vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);

function Status({ session }: { readonly session: FakeSession }) {
  return <p>{useSession(session).status}</p>;
}

test("says connecting on a server, whatever the client holds", () => {
  const html = renderToString(<Status session={createFakeSession(liveState())} />);
  expect(html).toBe("<p>connecting</p>");
});

test("follows the client in strict mode, and lets go when it is gone", async () => {
  const session = createFakeSession({ status: "absent" });
  const subscribe = session.subscribe.bind(session);
  let listening = 0;
  session.subscribe = (listener) => {
    listening++;
    const stop = subscribe(listener);
    return () => {
      listening--;
      stop();
    };
  };
  const container = document.createElement("div");
  const root = createRoot(container);
  await act(async () =>
    root.render(
      <StrictMode>
        <Status session={session} />
      </StrictMode>,
    ),
  );
  expect(container.textContent).toBe("absent");
  await act(async () => session.become(liveState({ status: "active" })));
  expect(container.textContent).toBe("active");
  expect(listening).toBe(1);
  await act(async () => root.unmount());
  expect(listening).toBe(0);
});
