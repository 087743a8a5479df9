/**
 * The limit of a page: what the script include asks of the browser as it starts, in a straight line and with nothing around it. Such
 * listeners, the question to the verifier, the storage, the channel, and the element where a warning will be, with its styles.
 */
globalThis.Curfew = (() => {
  const script = document.currentScript;
  const base = new URL(".", new URL(script.getAttribute("src"), document.baseURI)).href;
  const { signal } = new AbortController();
  const nothing = () => {};
  const listen = (place, types) => {
    for (const type of types) place.addEventListener(type, nothing, { capture: true, passive: true, signal });
  };
  listen(globalThis, ["pointerdown", "pointerup", "pointermove", "pointerover", "mousedown", "mousemove"]);
  listen(globalThis, [
    "touchstart",
    "touchmove",
    "wheel",
    "keydown",
    "keyup",
    "beforeinput",
    "input",
    "click",
  ]);
  listen(globalThis, [
    "compositionupdate",
    "timeupdate",
    "blur",
    "message",
    "pagehide",
    "pageshow",
    "online",
  ]);
  listen(globalThis, ["offline", "mouseup", "touchend", "keypress", "focus", "focusin", "focusout"]);
  listen(document, ["freeze", "resume", "visibilitychange", "submit", "load"]);
  globalThis.navigation?.addEventListener("currententrychange", nothing, { signal });
  new MutationObserver(nothing).observe(document, { childList: true });

  const request = indexedDB.open("curfew:straight");
  request.onsuccess = request.onupgradeneeded = nothing;
  const channel = new BroadcastChannel("curfew:straight");
  channel.onmessage = nothing;
  channel.postMessage(JSON.stringify({ type: "hello", sid: null }));
  setTimeout(nothing, 4000);
  fetch(`${base}session?ask=1`, { cache: "no-store", credentials: "include", redirect: "error", signal })
    .then((response) => response.json())
    .catch(nothing);

  customElements.define(
    "curfew-warning",
    class extends HTMLElement {
      connectedCallback() {}
    },
  );
  const element = document.createElement("curfew-warning");
  element.lang = document.documentElement.lang;
  document.documentElement.append(element);
  const styles = new CSSStyleSheet();
  styles.replaceSync("STYLES");
  element.attachShadow({ mode: "open" }).adoptedStyleSheets = [styles];
  return {};
})();
