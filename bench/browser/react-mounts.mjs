// A page of React's that shows and takes away a part with the session and its warning, as often as it is told.
import { createElement, useEffect } from "react";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { createSessionClient } from "../../src/index.ts";
import { useSession } from "../../src/react/index.ts";
import { attachWarning } from "../../src/warning/index.ts";

const session = createSessionClient();

function Part() {
  const state = useSession(session);
  useEffect(() => attachWarning(session), []);
  return createElement("p", null, state.status);
}

globalThis.mount = async () => {
  const place = document.createElement("div");
  document.body.append(place);
  const root = createRoot(place);
  flushSync(() => root.render(createElement(Part)));
  await new Promise((resolve) => setTimeout(resolve));
  flushSync(() => root.unmount());
  place.remove();
};
globalThis.isReady = () => session.state.keyStore === "indexeddb";
