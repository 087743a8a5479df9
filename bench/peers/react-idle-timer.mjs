// react-idle-timer as its readme has it, with its own defaults but for the timeout.
import { createElement } from "react";
import { createRoot } from "react-dom/client";
import { useIdleTimer } from "react-idle-timer";

function App() {
  useIdleTimer({ timeout: 15 * 60_000, onIdle: () => {} });
  return null;
}
createRoot(document.getElementById("app")).render(createElement(App));
setTimeout(() => {
  globalThis.isReady = true;
}, 500);
