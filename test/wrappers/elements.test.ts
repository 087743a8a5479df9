// @vitest-environment happy-dom
// <curfew-warning> where a framework draws it: it moves under <html> while it is connected, and the framework takes it away all the same.
import { act, createElement, Fragment, StrictMode } from "react";
import { createPortal } from "react-dom";
import { createRoot } from "react-dom/client";
import { expect, onTestFinished, test, vi } from "vitest";
import * as Vue from "vue";
import { createTestSession } from "../../src/testing/create-test-session.js";
import type { CurfewWarning } from "../../src/warning/curfew-warning.js";
import { defineWarning } from "../../src/warning/curfew-warning-define.js";

// What the warning still does once it is away, none of these tests waits for.
vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);

function place(): HTMLElement {
  defineWarning();
  const container = document.body.appendChild(document.createElement("div"));
  onTestFinished(() => container.remove());
  return container;
}

const shown = () =>
  [...document.querySelectorAll("curfew-warning")].map((warning) => [
    warning.parentElement?.localName,
    warning.getAttribute("kind"),
  ]);

async function sessionThatWarns() {
  const session = createTestSession({ status: "warning" });
  await session.refresh();
  return session;
}

test.each(["where it stands", "by a portal into <html>"])(
  "React draws it %s and unmounts it",
  async (way) => {
    const session = await sessionThatWarns();
    const connect = (warning: CurfewWarning | null) => warning?.connect(session);
    const warning = createElement("curfew-warning", { ref: connect, work: "saved" });
    const drawn = way === "where it stands" ? warning : createPortal(warning, document.documentElement);
    const root = createRoot(place());
    await act(() => root.render(createElement(StrictMode, null, createElement("p"), drawn)));
    expect(shown()).toEqual([["html", "idle"]]);
    await act(() => root.render(createElement(StrictMode, null, createElement("p"))));
    expect(shown()).toEqual([]);
    await act(() => root.render(createElement(Fragment, null, drawn)));
    expect(shown()).toEqual([["html", "idle"]]);
    await act(() => root.unmount());
    expect(shown()).toEqual([]);
  },
);

test.each(["where it stands", "by a teleport to <html>"])("Vue draws it %s and unmounts it", async (way) => {
  const session = await sessionThatWarns();
  let stop = () => {};
  const warning = Vue.defineComponent({
    setup() {
      const held = Vue.ref<CurfewWarning>();
      Vue.onMounted(() => {
        stop = held.value?.connect(session) ?? stop;
      });
      Vue.onBeforeUnmount(() => stop());
      const draw = () => Vue.h("curfew-warning", { ref: held, work: "saved" });
      return () => (way === "where it stands" ? draw() : Vue.h(Vue.Teleport, { to: "html" }, [draw()]));
    },
  });
  const isThere = Vue.ref(true);
  const app = Vue.createApp({
    render: () => [Vue.h("p"), isThere.value ? Vue.h(warning) : null, Vue.h("p")],
  });
  app.config.compilerOptions.isCustomElement = (name) => name.startsWith("curfew-");
  app.mount(place());
  expect(shown()).toEqual([["html", "idle"]]);
  isThere.value = false;
  await Vue.nextTick();
  expect(shown()).toEqual([]);
  isThere.value = true;
  await Vue.nextTick();
  expect(shown()).toEqual([["html", "idle"]]);
  app.unmount();
  expect(shown()).toEqual([]);
});

test("an element that was drawn stands again where it stood, once nothing is connected to it", async () => {
  const session = await sessionThatWarns();
  const container = place();
  container.innerHTML = "<p></p><curfew-warning></curfew-warning><p></p>";
  const warning = container.querySelector("curfew-warning");
  const stops = [warning?.connect(session), warning?.connect(session)];
  expect(shown()).toEqual([["html", "idle"]]);
  stops[0]?.();
  expect(shown()).toEqual([["html", "idle"]]);
  stops[1]?.();
  expect([...container.children].map(({ localName }) => localName)).toEqual(["p", "curfew-warning", "p"]);
  expect(shown()).toEqual([["div", null]]);
  const stop = warning?.connect(session);
  container.innerHTML = "";
  stop?.();
  expect(shown()).toEqual([]);
});
