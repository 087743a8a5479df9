import { expect, paced, statusOf, wait } from "./fixtures.js";
import { countsIn, enter, heardOf, QUICK, ROOMY, test } from "./support/activity-app.js";

const FIELDS = `
  <label id="label"><input type="checkbox" id="box"> box</label> <input type="radio" id="radio">
  <details id="details"><summary id="summary">more</summary>text</details>
  <input id="field" value="text"> <input id="number" type="number" value="1"> <div id="editor" contenteditable>words</div>
  <select id="select"><option>a<option>b</select> <dialog id="dialog">d</dialog> <div id="popover" popover>p</div>
  <form id="form"><input name="a" value="b"><button id="submit">go</button><button id="reset" type="reset">reset</button></form>
  <a id="link" href="#there">there</a> <div id="scroller" style="height: 50px; overflow: auto"><p style="height: 900px">high</p></div>`;

/** What scripts do, again and again; browsers call some of the events that follow trusted. */
const SCRIPTED: Readonly<Record<string, string>> = {
  "clicks on controls": `for (const id of ["box", "radio", "label", "summary", "link", "reset", "field", "select"])
    document.getElementById(id).click();`,
  "execCommand in a field": `field.focus(); document.execCommand("insertText", false, "x"); document.execCommand("delete");`,
  "execCommand in an editor": `editor.focus(); document.execCommand("selectAll"); document.execCommand("bold");
    document.execCommand("insertText", false, "x"); document.execCommand("insertHTML", false, "<b>y</b>"); document.execCommand("undo");`,
  "copy, cut and paste commands": `field.focus(); field.select(); document.execCommand("copy"); document.execCommand("cut");
    document.execCommand("paste"); field.value = "text";`,
  "values, selections and validity": `field.value += "x"; field.setRangeText("y"); field.select(); number.stepUp();
    select.selectedIndex = Math.random() < 0.5 ? 0 : 1; field.reportValidity(); box.checked = !box.checked;`,
  "a form that is sent": `form.onsubmit = () => false; form.requestSubmit(); form.reset();`,
  "dialogs, popovers and details": `dialog.open ? dialog.close() : dialog.showModal(); popover.togglePopover(); details.open = !details.open;`,
  "scrolling, focus and fullscreen": `scroller.scrollBy(0, 9); scrollTo(0, Math.random() * 300); document.body.requestFullscreen().catch(() => {});
    (document.activeElement === field ? editor : field).focus();`,
  "history and the title": `history.pushState(null, "", "#" + Math.random()); location.hash = "x" + Math.random(); document.title += ".";`,
  "events in the likeness of a person's": `const at = { bubbles: true, composed: true, screenX: Math.random() * 900, screenY: 5 };
    for (const target of [window, document, document.body, field]) {
      target.dispatchEvent(new PointerEvent("pointermove", at)); target.dispatchEvent(new PointerEvent("pointerdown", at));
      target.dispatchEvent(new MouseEvent("click", at)); target.dispatchEvent(new KeyboardEvent("keydown", { ...at, key: "a" }));
      target.dispatchEvent(new WheelEvent("wheel", at)); target.dispatchEvent(new InputEvent("beforeinput", at));
      target.dispatchEvent(new InputEvent("input", at)); target.dispatchEvent(new CompositionEvent("compositionupdate", at));
      target.dispatchEvent(new ClipboardEvent("paste", at)); target.dispatchEvent(new DragEvent("drop", at));
      target.dispatchEvent(new Event("touchstart", at)); target.dispatchEvent(new Event("timeupdate", at));
      target.dispatchEvent(Object.defineProperty(new Event("click", at), "isTrusted2", { value: true }));
    }`,
  "an event of a person's that is sent again": `if (window.kept) document.body.dispatchEvent(window.kept);
    else addEventListener("pointermove", (event) => { window.kept = event; });`,
};

for (const [name, script] of Object.entries(SCRIPTED)) {
  test(`${name}: nothing of a script's counts`, async ({ page, browserName, openApp }) => {
    const app = await openApp({
      policy: ROOMY,
      body: `${FIELDS}<script>setInterval(() => { ${script} }, 60)</script>`,
    });
    await enter(page, app);
    // The worst moment: a press has just made the page active, and what scripts do now is allowed more than else.
    await page.mouse.click(900, 600);
    const at = Date.now();
    await heardOf(page, at);
    await wait(paced(3_000));
    expect((await statusOf(page)).lastActiveAt).toBeLessThanOrEqual(at + paced(1_000));
    // Of the moment right after a press, one engine calls what a script does trusted too, and it stays a moment.
    if (browserName !== "chromium") return;
    const counts = countsIn(app);
    expect(Object.keys(counts)).toEqual(["pointer"]);
    // The way to the place, down, up, and the click.
    expect(counts.pointer).toBeLessThanOrEqual(4);
  });
}

const CHANNELS: Readonly<Record<string, string>> = {
  "fetch, XMLHttpRequest, beacons, and images": `setInterval(() => {
      fetch("/curfew/session?x", { keepalive: true }); navigator.sendBeacon("/curfew/heartbeat", "{}");
      const request = new XMLHttpRequest(); request.open("POST", "/curfew/heartbeat"); request.send("{}");
      new Image().src = "/curfew/session?" + Math.random();
    }, 100);`,
  "an EventSource, a WebSocket and long polls": `
    new EventSource("/events").onmessage = () => document.body.append("e");
    const socket = new WebSocket(location.origin.replace("http", "ws") + "/socket");
    socket.onmessage = () => { socket.send("read"); document.body.append("s"); };
    (async function poll() { await fetch("/curfew/session").catch(() => {}); setTimeout(poll, 50); })();`,
  "workers, shared workers, timers, frames of animation and observers": `
    const channel = new BroadcastChannel("x");
    const code = URL.createObjectURL(new Blob(["setInterval(() => postMessage(1), 100)"]));
    new Worker(code).onmessage = () => document.body.append("w"); new SharedWorker(code);
    (function frame() { document.body.style.paddingTop = Math.random() * 9 + "px"; requestAnimationFrame(frame); })();
    new ResizeObserver(() => {}).observe(document.body); new MutationObserver(() => {}).observe(document, { subtree: true, childList: true });
    setInterval(() => { queueMicrotask(() => {}); requestIdleCallback(() => {}); channel.postMessage(1); }, 100);`,
  "reloads of a frame and news from another tab": `
    const frame = document.createElement("iframe"); frame.src = "/inner"; document.body.append(frame);
    setInterval(() => frame.contentWindow.location.reload(), 150);
    setInterval(() => { localStorage.setItem("x", Math.random()); postMessage("x", "*"); }, 50);`,
};

for (const [name, script] of Object.entries(CHANNELS)) {
  test(`with ${name} at work a session ends at its deadline`, { tag: "@chromium" }, async ({
    page,
    openApp,
  }) => {
    const app = await openApp({
      policy: QUICK,
      body: `<script>addEventListener("DOMContentLoaded", () => { ${script} })</script>`,
      pages: { "/inner": "<!doctype html>inner" },
      script: () => "",
    });
    await enter(page, app);
    await page.mouse.move(300, 300);
    await page.mouse.move(310, 300);
    const at = Date.now();
    await heardOf(page, at);
    await expect.poll(() => statusOf(page)).toMatchObject({ reason: "idle" });
    expect((await statusOf(page)).endedAt).toBeLessThanOrEqual(at + paced(4_000) + paced(700));
  });
}
