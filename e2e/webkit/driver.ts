/** One window of WebKitGTK, driven by plain WebDriver requests (https://www.w3.org/TR/webdriver2/). */
import { pacedEnd } from "../pace.js";
import { miniBrowserPath } from "./screen.js";

/** An element, as WebDriver names it. */
export type Element = Readonly<Record<string, string>>;

export interface WebKit {
  /** The version that the browser tells. */
  readonly version: string;
  goto(url: string): Promise<void>;
  url(): Promise<string>;
  reload(): Promise<void>;
  /** The first element of this selector, as soon as it is there. @throws Error where it does not come */
  find(selector: string): Promise<Element>;
  /** Clicks with the mouse. */
  click(element: Element): Promise<void>;
  /** Types into it. */
  fill(element: Element, text: string): Promise<void>;
  /** What assistive technology is told. */
  roleOf(element: Element): Promise<string>;
  nameOf(element: Element): Promise<string>;
  /** Moves the mouse to this point of the page. */
  moveTo(x: number, y: number): Promise<void>;
  /** Presses and releases keys, one after the other; with `held` all the while. */
  press(keys: string, held?: string): Promise<void>;
  /** Runs the body of a function in the page, with `arguments`; waits for what it resolves with. */
  run<T>(body: string, ...args: readonly unknown[]): Promise<T>;
  cookies(): Promise<readonly { readonly name: string; readonly value: string }[]>;
  /** Opens a tab and goes on in it. */
  openTab(): Promise<string>;
  currentTab(): Promise<string>;
  switchTo(tab: string): Promise<void>;
  minimize(): Promise<void>;
  restore(): Promise<void>;
  quit(): Promise<void>;
}

const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

/** @throws Error with what the driver answered */
export async function openWebKit(driver: string): Promise<WebKit> {
  const options = { binary: miniBrowserPath(), args: ["--automation"] };
  const timeouts = { implicit: 5_000, script: 10_000, pageLoad: 20_000 };
  const alwaysMatch = { browserName: "MiniBrowser", "webkitgtk:browserOptions": options, timeouts };
  const created = await send(driver, "POST", "/session", { capabilities: { alwaysMatch } });
  const { sessionId, capabilities } = created as {
    sessionId: string;
    capabilities: { browserVersion: string };
  };
  const call = (method: string, path: string, body?: unknown) =>
    send(driver, method, `/session/${sessionId}${path}`, body);
  const post = (path: string, body: unknown = {}) => call("POST", path, body);
  const get = (path: string) => call("GET", path) as Promise<string>;
  const of = (element: Element) => `/element/${element[ELEMENT]}`;

  return {
    version: capabilities.browserVersion,
    goto: (url) => done(post("/url", { url })),
    url: () => get("/url"),
    reload: () => done(post("/refresh")),
    find: (value) => post("/element", { using: "css selector", value }) as Promise<Element>,
    click: (element) => onceInteractable(() => done(post(`${of(element)}/click`))),
    fill: (element, text) => done(post(`${of(element)}/value`, { text })),
    roleOf: (element) => get(`${of(element)}/computedrole`),
    nameOf: (element) => get(`${of(element)}/computedlabel`),
    moveTo(x, y) {
      const move = { type: "pointerMove", duration: 0, origin: "viewport", x, y };
      return done(post("/actions", { actions: [{ type: "pointer", id: "mouse", actions: [move] }] }));
    },
    press(keys, held = "") {
      const down = (value: string) => ({ type: "keyDown", value });
      const up = (value: string) => ({ type: "keyUp", value });
      const actions = [
        ...[...held].map(down),
        ...[...keys].flatMap((key) => [down(key), up(key)]),
        ...[...held].map(up),
      ];
      return done(post("/actions", { actions: [{ type: "key", id: "keyboard", actions }] }));
    },
    run<T>(body: string, ...args: readonly unknown[]) {
      const script = `const done = arguments[arguments.length - 1];
        Promise.resolve((function () { ${body} }).apply(null, arguments)).then(done, (error) => done(String(error)));`;
      return post("/execute/async", { script, args }) as Promise<T>;
    },
    cookies: () => call("GET", "/cookie") as ReturnType<WebKit["cookies"]>,
    async openTab() {
      const { handle } = (await post("/window/new", { type: "tab" })) as { handle: string };
      await post("/window", { handle });
      return handle;
    },
    currentTab: () => get("/window"),
    switchTo: (handle) => done(post("/window", { handle })),
    minimize: () => done(post("/window/minimize")),
    restore: () => done(post("/window/rect", { x: 0, y: 0, width: 1200, height: 760 })),
    quit: () => done(call("DELETE", "")),
  };
}

const LAYOUT_PERIOD = pacedEnd(30_000);

/** What a page is still laying out cannot be pressed yet, as the driver says at once. */
async function onceInteractable(press: () => Promise<void>): Promise<void> {
  const giveUpAt = Date.now() + LAYOUT_PERIOD;
  for (;;)
    try {
      return await press();
    } catch (error) {
      if (!String(error).includes("element not interactable") || Date.now() > giveUpAt) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
}

async function done(answer: Promise<unknown>): Promise<void> {
  await answer;
}

async function send(driver: string, method: string, path: string, body?: unknown): Promise<unknown> {
  const init = body === undefined ? {} : { body: JSON.stringify(body) };
  const answer = await fetch(`${driver}${path}`, {
    method,
    headers: { "Content-Type": "application/json" },
    ...init,
  });
  const { value } = (await answer.json()) as { value: { error?: string; message?: string } | null };
  if (!answer.ok) throw new Error(`${method} ${path}: ${value?.error} ${value?.message ?? ""}`);
  return value;
}
