// The whole client, with its session active and its key bound.
import { createSessionClient } from "../../src/index.ts";

const session = createSessionClient();
const watch = setInterval(async () => {
  const { key } = await (await fetch("/curfew/session")).json();
  if (session.state.status !== "active" || key === null) return;
  clearInterval(watch);
  globalThis.isReady = true;
}, 200);
